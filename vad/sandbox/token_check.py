"""How a data source checks an access token of VAD: the reference to start from, with PyJWT and joserfc.

Nothing here is particular to one data source. What it needs is the issuer's address, the source's own identifier, the
private key whose public half the source registered, and how persons are named to it. Take it over whole: each check
closes a door, and the order is deliberate (nothing in the token is believed before its signature is).
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import Key
from stdnum.nl import bsn

from vad.sandbox.holder_check import AS_BEARER, HolderCheck, Shown
from vad.sandbox.refusals import Reason, RefusedError
from vad.sandbox.step_up import Demand

TYPES = ("at+jwt", "application/at+jwt")
"""An ID token, signed by the same key, is no access token (RFC 9068, section 4)."""
SIGNATURES = ["ES256", "RS256", "PS256"]
ENCRYPTIONS = ["ECDH-ES", "RSA-OAEP-256", "A256GCM"]
"""Lists of our own: the token never chooses its algorithm (RFC 8725, section 3.1)."""
LEEWAY = 60
"""Seconds that clocks may differ."""
LONGEST = 16 * 1024
REQUIRED = [
    *("iss", "aud", "sub", "client_id", "scope", "iat", "nbf", "exp", "jti"),
    *("authorization_details", "subject_identifier"),
]
TYPE_OF = {
    "bsn_jwe": "urn:nl-eid-gdi:1.0:id:BSN",
    "rid": "urn:nl-vad:1.0:id:RID",
    "pseudonym": "urn:nl-eid-gdi:1.0:id:Pseudonym",
}
"""What a source is registered for, and the `sub_id_type` it then receives."""
REPRESENTATION = "nl.vad.representation"
SELF = "self"
PARENTAL_AUTHORITY = "urn:nl-eid-gdi:1.1:RT:Zorg_Volledig_Gezag_Kind"
PARENTAL_AUTHORITY_AND_ASSENT = "urn:nl-vad:1.0:RT:Gezag_En_Instemming_Kind"
MANDATE = "urn:nl-vad:1.0:RT:Vrijwillige_Machtiging"
LEGAL = "urn:nl-vad:1.0:RT:Wettelijke_Vertegenwoordiging"
BASES = (SELF, PARENTAL_AUTHORITY, PARENTAL_AUTHORITY_AND_ASSENT, MANDATE, LEGAL)
"""The grounds that VAD gives: one's own data; that of a child over whom one has parental authority, who agreed as well
from 12 to 15; that of somebody who authorised one; that of somebody whom a court or the law lets one act for."""


@dataclass(frozen=True)
class Access:
    """What a good token allows. `identifier` is a BSN, an RID or a pseudonym, as the source is registered.

    It is whose data it is, always. `acts` says whether somebody else asks for it: a parent, for a child.
    """

    client_id: str
    jti: str
    issued_at: int
    expires_at: int
    acts: bool
    names: tuple[str, str | None] = field(repr=False)
    """What VAD calls the person and who acts for them, in this app's tokens for this source."""
    identifier: str = field(repr=False)


@dataclass(frozen=True)
class TokenCheck:
    """The check of one data source. `signing_key` gives the issuer's public JWK for a key id, or None.

    `audience` is the source's own identifier and `identifier_type` one of `TYPE_OF`. `representation` says whether the
    source takes tokens of somebody who acts for another; who does not is registered so, and VAD makes none for it.
    """

    issuer: str
    audience: str
    identifier_type: str
    decryption_key: Key = field(repr=False)
    signing_key: Callable[[str], dict[str, Any] | None] = field(repr=False)
    representation: bool = True
    holder: HolderCheck | None = None
    """Without it bound tokens are refused: they are worthless as plain bearer tokens (RFC 9449, section 7.1)."""

    def check(self, token: str, data_service: str, shown: Shown = AS_BEARER, demand: Demand | None = None) -> Access:
        """Who may be read with `token` from `data_service`; `shown` is how it came. Raises RefusedError.

        `demand` is what it takes of the login. It comes last: only a token that is good otherwise is worth a new login.
        """
        claims = self._signed_claims(token)
        self._check_holder(token, claims, shown)
        if data_service not in str(claims["scope"]).split(" "):
            raise RefusedError(Reason.SCOPE)
        basis = self._basis(claims)
        acts = basis != SELF
        names = (claims["sub"], claims["act"]["sub"] if acts else None)
        times = (claims["iat"], claims["exp"])
        access = Access(claims["client_id"], claims["jti"], *times, acts, names, self._identifier(claims, basis))
        if demand is not None:
            demand.check(claims, time.time() - LEEWAY)
        return access

    def _signed_claims(self, token: str) -> dict[str, Any]:
        """The claims, after header, signature, issuer, audience and times were found right."""
        if len(token) > LONGEST:
            raise RefusedError(Reason.MALFORMED)
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise RefusedError(Reason.MALFORMED) from error
        if header.get("typ") not in TYPES:
            raise RefusedError(Reason.WRONG_TYPE)
        if header.get("alg") not in SIGNATURES:
            raise RefusedError(Reason.ALGORITHM)
        key = self.signing_key(header.get("kid", ""))
        if key is None:
            raise RefusedError(Reason.UNKNOWN_KEY)
        try:
            claims: dict[str, Any] = jwt.decode_complete(
                token,
                jwt.PyJWK(key),  # bound to the algorithm that the issuer published with the key
                algorithms=SIGNATURES,
                issuer=self.issuer,
                audience=self.audience,
                leeway=LEEWAY,
                # strict_aud: a token is for one source alone, so `aud` is a string and never a list
                options={"require": REQUIRED, "strict_aud": True, "enforce_minimum_key_length": True},
            )["payload"]
        except jwt.PyJWTError as error:
            raise RefusedError(_reason(error)) from error
        texts = ("sub", "client_id", "scope", "jti", "subject_identifier")
        if not all(isinstance(claims[name], str) and claims[name] for name in texts):
            raise RefusedError(Reason.MALFORMED)
        if not all(type(claims[name]) is int for name in ("iat", "nbf", "exp")):
            raise RefusedError(Reason.MALFORMED)
        return claims

    def _check_holder(self, token: str, claims: dict[str, Any], shown: Shown) -> None:
        if self.holder is not None:
            self.holder.check(token, claims.get("cnf"), shown)
        elif "cnf" in claims or shown != AS_BEARER:
            raise RefusedError(Reason.SENDER_CONSTRAINED)

    def _basis(self, claims: dict[str, Any]) -> str:
        """The ground: all but `SELF` are of somebody who acts for the person in `sub` (RFC 8693, section 4.1).

        The ground and `act` must say the same: whichever of the two were believed alone, leaving it out would do.
        """
        details = claims["authorization_details"]
        if not isinstance(details, list) or not all(isinstance(detail, dict) for detail in details):
            raise RefusedError(Reason.MALFORMED)
        granted = [detail for detail in details if detail.get("type") == REPRESENTATION]
        if len(granted) != 1 or granted[0].get("locations") != [self.audience]:
            raise RefusedError(Reason.MALFORMED)
        basis = granted[0].get("basis")
        if basis not in BASES or (basis == SELF) is ("act" in claims):
            raise RefusedError(Reason.REPRESENTATION)
        if basis != SELF and not (self.representation and self._is_actor(claims["act"], claims["sub"])):
            raise RefusedError(Reason.REPRESENTATION)
        return str(basis)

    def _is_actor(self, act: Any, subject: str) -> bool:
        """Whether this names one other person, under the issuer's own name for them, and says nothing more."""
        if not isinstance(act, dict) or act.keys() != {"iss", "sub"} or act["iss"] != self.issuer:
            return False
        return isinstance(act["sub"], str) and act["sub"] not in ("", subject)

    def _identifier(self, claims: dict[str, Any], basis: str) -> str:
        """The person, from the part of the token that only this source can read."""
        inner = decrypt(claims["subject_identifier"], self.decryption_key)
        # Both must be this token's own, or somebody pasted the identifier of another token into a context of choice.
        if inner.get("aud") != self.audience or inner.get("jti") != claims["jti"]:
            raise RefusedError(Reason.SWAPPED)
        # Which mandate it is stands there exactly where there is one.
        if "act" in inner or ("mandate_id" in inner) is not (basis == MANDATE):
            raise RefusedError(Reason.REPRESENTATION)
        if inner.get("sub_id_type") != TYPE_OF[self.identifier_type]:
            raise RefusedError(Reason.IDENTIFIER_TYPE)
        identifier = inner.get("sub")
        if not isinstance(identifier, str) or not identifier:
            raise RefusedError(Reason.IDENTIFIER)
        # stdnum forgives blanks and a missing first zero; the wire does not: nine digits and the 11-proof.
        if self.identifier_type == "bsn_jwe" and (len(identifier) != 9 or not bsn.is_valid(identifier)):  # noqa: PLR2004
            raise RefusedError(Reason.IDENTIFIER)
        return identifier


def decrypt(value: str, key: Key) -> dict[str, Any]:
    """The JSON object in a compact JWE addressed to `key`. Raises RefusedError."""
    try:
        plaintext = jwe.decrypt_compact(value, key, algorithms=ENCRYPTIONS).plaintext
        answer = json.loads(plaintext or b"")
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise RefusedError(Reason.DECRYPTION) from error
    if not isinstance(answer, dict):
        raise RefusedError(Reason.DECRYPTION)
    return answer


def _reason(error: jwt.PyJWTError) -> Reason:
    reasons: list[tuple[type[jwt.PyJWTError], Reason]] = [
        (jwt.ExpiredSignatureError, Reason.EXPIRED),
        (jwt.ImmatureSignatureError, Reason.NOT_YET_VALID),
        (jwt.InvalidIssuerError, Reason.ISSUER),
        (jwt.InvalidAudienceError, Reason.AUDIENCE),
        (jwt.InvalidAlgorithmError, Reason.ALGORITHM),
        (jwt.InvalidSignatureError, Reason.SIGNATURE),
        (jwt.MissingRequiredClaimError, Reason.CLAIM_MISSING),
    ]
    return next((reason for kind, reason in reasons if isinstance(error, kind)), Reason.MALFORMED)
