"""A signature that was made for one use, or a public key taken for a secret, is worth nothing at any reader (RFC 8725).

What clients sign and VAD reads: assertions, authorization requests, and proofs of possession.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.adapters.jose.assertions_under_test import ENDPOINT, NOW, PRIVATE, PUBLIC, accepted, claims, guard, published
from tests.adapters.jose.conftest import Server
from tests.adapters.jose.test_dpop import nonces
from tests.adapters.jose.tokens_under_test import AT, CLIENT_ID, ISSUER, keyring, registered_client, segment
from tests.support.rsa_keys import rsa_key
from vad.adapters.jose.client_assertions import JwtClientAssertions
from vad.adapters.jose.client_signatures import ClientSignatures
from vad.adapters.jose.dpop import JwtDpopProofs
from vad.adapters.jose.request_objects import JwtRequestObjects
from vad.adapters.vault.encoding import base64url
from vad.adapters.vault.jwk import public_members
from vad.domain.client import Client, Jwk
from vad.domain.dpop import DpopProofError

RSA = rsa_key()
RSA_JWK: Jwk = {name: value for name, value in public_members(RSA.public_key()).items() if name != "key_ops"}
KEYS: dict[str, tuple[Any, Jwk]] = {"ES256": (PRIVATE, PUBLIC), "PS256": (RSA, RSA_JWK)}
REQUEST = {"iss": CLIENT_ID, "aud": ISSUER, "client_id": CLIENT_ID, "nbf": NOW, "exp": NOW + 60, "scope": "openid"}


@dataclass(frozen=True)
class Reader:
    """What reads one kind of token: a good header and good claims of it, and whether it believes one."""

    header: Mapping[str, object]
    claims: Mapping[str, object]
    believes: Callable[[str], bool]


def _assertions(url: str, jwk: Jwk) -> Reader:
    reader = JwtClientAssertions(ISSUER, ENDPOINT, guard(url), ClientSignatures(published()))
    return Reader({}, claims(), lambda token: accepted(reader, token, [jwk]))


def requests() -> JwtRequestObjects:
    """What reads requests."""
    return JwtRequestObjects(ISSUER, ClientSignatures(published()), keyring())


def _requests(_url: str, jwk: Jwk) -> Reader:
    return Reader({}, REQUEST, lambda token: requests().read(registered_client(jwk), token, AT) is not None)


def _proofs(url: str, jwk: Jwk) -> Reader:
    made = nonces()
    reader = JwtDpopProofs(made, guard(url))

    def believes(token: str) -> bool:
        try:
            return bool(reader.verify(token, "POST", (ENDPOINT,), AT))
        except DpopProofError:
            return False

    said = {"jti": "one", "htm": "POST", "htu": ENDPOINT, "iat": NOW, "nonce": made.current(AT)}
    members = {name: value for name, value in jwk.items() if name not in {"kid", "use"}}
    return Reader({"typ": "dpop+jwt", "jwk": members}, said, believes)


READERS = {"assertion": _assertions, "request": _requests, "proof of possession": _proofs}


def _written(key: Any, jwk: Jwk) -> list[bytes]:
    """A public key in every way that somebody might take for a secret."""
    public = key.public_key()
    ways = [public.public_bytes(form, PublicFormat.SubjectPublicKeyInfo) for form in (Encoding.PEM, Encoding.DER)]
    ways += [ways[0].strip(), json.dumps(jwk).encode(), json.dumps(jwk, separators=(",", ":")).encode(), b""]
    return ways + [str(jwk[name]).encode() for name in ("x", "n") if name in jwk]


@pytest.mark.parametrize("algorithm", KEYS)
@pytest.mark.parametrize("kind", READERS)
def test_a_public_key_is_no_secret(redis_server: Server, kind: str, algorithm: str) -> None:
    """RFC 8725 section 2.1: HMAC with the public key is no signature, whatever the header calls it, nor is none."""
    key, jwk = KEYS[algorithm]
    reader = READERS[kind](redis_server.url, jwk)
    for named in ("HS256", "HS384", "HS512", "none", "None", algorithm):
        message = f"{segment({**reader.header, 'alg': named})}.{segment(dict(reader.claims))}"
        assert not reader.believes(f"{message}."), named
        for secret in _written(key, jwk):
            mac = hmac.digest(secret, message.encode(), getattr(hashlib, f"sha{named[2:]}", hashlib.sha256))
            assert not reader.believes(f"{message}.{base64url(mac)}"), (named, secret)
    # With the key itself it is good, and none of the others has used it up.
    assert reader.believes(jwt.encode(dict(reader.claims), key, algorithm, dict(reader.header)))


REQUEST_TYPE = "oauth-authz-req+jwt"
OF_OTHER_USES = (REQUEST_TYPE, f"application/{REQUEST_TYPE}", "dpop+jwt", "at+jwt", "logout+jwt", " JWT", 5, ["JWT"])


def test_an_assertion_is_typed_as_one_or_not_at_all(assertions: JwtClientAssertions) -> None:
    """RFC 8725 section 3.11: what a client signed for another use does not prove who asks."""
    for typ in OF_OTHER_USES:
        assert not accepted(assertions, _typed(claims(), typ)), typ
    known = ("JWT", "jwt", "application/jwt", "client-authentication+jwt", "application/client-authentication+jwt")
    for typ in known:
        assert accepted(assertions, _typed(claims(jti=typ), typ)), typ


def test_a_request_is_no_assertion_and_an_assertion_no_request(assertions: JwtClientAssertions) -> None:
    """RFC 9101 section 10.8: a request passes through browsers; with `sub` it could be taken for an assertion."""
    both = {**claims(aud=ISSUER), **REQUEST}
    client = registered_client(PUBLIC)
    for typ in (REQUEST_TYPE, "JWT"):
        assert requests().read(client, _typed(both, typ), AT) is None
        assert requests().read(client, _typed({**both, "sub": "somebody"}, typ), AT) is None
        assert requests().read(client, _typed(REQUEST, typ), AT) == (("client_id", CLIENT_ID), ("scope", "openid"))
        assert not accepted(assertions, _typed(REQUEST, typ))
    assert not accepted(assertions, _typed(both, REQUEST_TYPE))
    asked_by_it = _typed({**claims(aud=ISSUER), "client_id": CLIENT_ID}, "client-authentication+jwt")
    assert requests().read(client, asked_by_it, AT) is None


def test_a_request_holds_what_is_known_alone() -> None:
    """RFC 6749 section 3.1: what is not known is ignored, whatever it holds; what is known holds what it should."""
    client, known = registered_client(PUBLIC), (("client_id", CLIENT_ID), ("scope", "openid"))
    odd: dict[str, Any] = {"x": None, "y": True, "z": 1.5, "login_hint": "somebody", "": {}, "iat": NOW, "jti": "one"}
    assert requests().read(client, _typed({**REQUEST, **odd}), AT) == known
    assert requests().read(client, _typed({**REQUEST, "max_age": 3600.0}), AT) == (*known, ("max_age", "3600"))
    for name, value in (("max_age", 0.5), ("max_age", None), ("state", 1.0), ("prompt", True), ("nonce", None)):
        assert requests().read(client, _typed({**REQUEST, name: value}), AT) is None, name


def test_a_clock_may_be_ahead_by_a_minute() -> None:
    """FAPI 2.0 Security Profile section 5.3.2.1: 10 seconds are taken, more than 60 are not."""
    client = registered_client(PUBLIC)
    for name in ("iat", "nbf"):
        for ahead in (8, 60):
            assert requests().read(client, _typed({**REQUEST, name: NOW + ahead, "exp": NOW + 300}), AT), name
        for wrong in (NOW + 61, NOW + 90, "now", None, True, [NOW], 10**400):
            assert requests().read(client, _typed({**REQUEST, name: wrong, "exp": NOW + 300}), AT) is None, wrong
    for jti in (5, None, "", ["one"]):
        assert requests().read(client, _typed({**REQUEST, "jti": jti}), AT) is None


def _signs_all() -> Client:
    return replace(registered_client(PUBLIC), require_signed_request_object=True)


@pytest.mark.parametrize("left_out", ["aud", "exp"])
def test_a_request_that_counts_for_being_signed_ends(left_out: str) -> None:
    """Whoever finds one must not have it for ever, or for another server."""
    short = {name: value for name, value in REQUEST.items() if name not in {left_out, "iss", "nbf"}}
    assert requests().read(_signs_all(), _typed(short), AT) is None
    assert requests().read(registered_client(PUBLIC), _typed(short), AT) is not None
    whole = {name: value for name, value in REQUEST.items() if name not in {"iss", "nbf"}}
    assert requests().read(_signs_all(), _typed(whole), AT) is not None
    assert requests().read(_signs_all(), _typed({**whole, "exp": NOW}), AT) is None


def _typed(content: Mapping[str, object], typ: object = "JWT") -> str:
    named = {"typ": typ, "kid": PUBLIC["kid"]}
    return jwt.PyJWS().encode(json.dumps(content).encode(), PRIVATE, "ES256", headers=named)
