"""Encrypting what VAD answers an app, for a key of that app (OIDC Core section 10.2, RFC 7516)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from vad.adapters.jose.encryption import CURVES
from vad.adapters.jose.public_keys import Members, load, thumbprint_members
from vad.adapters.jose.published_keys import PublishedKeys
from vad.adapters.vault.jwk import thumbprint
from vad.domain.client import Client, Jwk
from vad.domain.errors import RegisterUnavailableError
from vad.domain.registration_fault import FaultKind
from vad.services.ports.registering import NotReadError, RegistrationFaultError

_KEY_KINDS = {"ECDH-ES": "EC", "ECDH-ES+A256KW": "EC", "RSA-OAEP-256": "RSA", "RSA-OAEP": "RSA"}


@dataclass(frozen=True, slots=True)
class JweAnswers:
    """`vad.services.ports.tokens.AnswerSealer`. Keys come from the registration, or from where that says."""

    published: PublishedKeys

    def check(self, client: Client) -> None:
        """See that an app publishes what its answers are to be encrypted with: a part of `PublishedKeysFit`."""
        wanted = {
            "id_token_encrypted_response_alg": client.id_token_encrypted_response_alg,
            "userinfo_encrypted_response_alg": client.userinfo_encrypted_response_alg,
        }
        for name, alg in wanted.items():
            if alg and client.jwks_uri:
                try:
                    found = self._recipient(client, alg)
                except RegisterUnavailableError as error:
                    raise NotReadError([FaultKind.NOT_READ.at("jwks_uri", why=str(error))]) from None
                if found is None:
                    fault = FaultKind.NO_PUBLISHED_KEY_FITS.at("jwks_uri", member=name, alg=alg)
                    raise RegistrationFaultError([fault])

    def userinfo(self, client: Client, content: str, *, nested: bool) -> str:
        alg, enc = client.userinfo_encrypted_response_alg, client.userinfo_encrypted_response_enc
        return self._sealed(client, alg, enc, content, nested=nested) if alg else content

    def id_token(self, client: Client, token: str) -> str:
        alg, enc = client.id_token_encrypted_response_alg, client.id_token_encrypted_response_enc
        return self._sealed(client, alg, enc, token, nested=True) if alg else token

    def _sealed(self, client: Client, alg: str, enc: str, content: str, *, nested: bool) -> str:
        """A compact JWE; `nested`: the content is a JWT itself (RFC 7519 section 5.2)."""
        return sealed_to(self._recipient(client, alg), alg, enc, content, nested=nested)

    def _recipient(self, client: Client, alg: str) -> Jwk | None:
        if not client.jwks_uri:
            return recipient(client.jwks, alg)
        known = self.published.get(client)
        found = recipient(known, alg)
        newer = self.published.newer_than(client, known) if found is None else None
        return found if newer is None else recipient(newer, alg)


def sealed_to(jwk: Jwk | None, alg: str, enc: str, content: str, *, nested: bool) -> str:
    """The same for this key. Raises `RegisterUnavailableError` where there is none, or it does not fit."""
    members = None if jwk is None else thumbprint_members(jwk)
    key = None if members is None else _imported(members)
    if jwk is None or key is None:
        raise RegisterUnavailableError("an app or source has no key for what its registration wants encrypted")
    kid = jwk.get("kid")
    header = {"alg": alg, "enc": enc, "kid": kid if isinstance(kid, str) else thumbprint(jwk)}
    # What joserfc does not recommend, the profiles decide: a name that none of them has never comes here.
    registry = jwe.JWERegistry(algorithms=[alg, enc])
    if nested:
        header["cty"] = "JWT"
    try:
        return jwe.encrypt_compact(header, content.encode(), key, registry=registry)
    except (JoseError, ValueError):
        raise RegisterUnavailableError("nothing can be encrypted to a key of an app or source") from None


def recipient(jwks: Sequence[Jwk], algorithm: str) -> Jwk | None:
    """The first of these keys that this algorithm encrypts to.

    One that says so (`alg`) comes before one that says `enc` alone, and that before one that says nothing.
    """
    fitting = [jwk for jwk in jwks if _encrypts(jwk, algorithm)]
    return next(iter(sorted(fitting, key=lambda jwk: ("alg" not in jwk, "use" not in jwk))), None)


def _encrypts(jwk: Jwk, algorithm: str) -> bool:
    if jwk.get("use", "enc") != "enc" or jwk.get("alg", algorithm) != algorithm:
        return False
    members = thumbprint_members(jwk) if jwk.get("kty") == _KEY_KINDS[algorithm] else None
    return members is not None and _imported(members) is not None


@lru_cache(256)
def _imported(members: Members) -> ECKey | RSAKey | None:
    key = load(members)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, CURVES):
        return ECKey.import_key(key)
    return RSAKey.import_key(key) if isinstance(key, RSAPublicKey) else None
