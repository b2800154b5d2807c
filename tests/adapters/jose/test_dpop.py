"""Proofs of possession (RFC 9449 section 4.3): each check, by a proof that fails it alone."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from tests.adapters.jose.assertions_under_test import guard
from tests.adapters.jose.tokens_under_test import AT
from tests.support.rsa_keys import WEAK, rsa_key
from vad.adapters.jose.dpop import DpopNonces, JwtDpopProofs
from vad.adapters.vault.generation import create_secret
from vad.adapters.vault.jwk import thumbprint
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose
from vad.adapters.vault.master_key import MasterKey
from vad.domain.dpop import DpopProofError
from vad.sandbox.redis import RedisServer

URL = "https://vad.example/token"
NOW = int(AT.timestamp())
KEY = ec.generate_private_key(ec.SECP256R1())
JWK = ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)

Proof = Callable[..., str]


def nonces() -> DpopNonces:
    """What two processes of one installation make alike."""
    master = MasterKey(bytes(32))
    return DpopNonces(KeyRing(master, [create_secret(master, Purpose.BINDING, KeyState.ACTIVE, AT)]))


@pytest.fixture(scope="module")
def made() -> DpopNonces:
    """Give the nonces of the server."""
    return nonces()


@pytest.fixture
def proofs(redis_server: RedisServer, made: DpopNonces) -> JwtDpopProofs:
    """Give what reads proofs; it has seen none."""
    return JwtDpopProofs(made, guard(redis_server.url))


@pytest.fixture
def proof(made: DpopNonces) -> Proof:
    """Give what makes a good proof, or one with changes; None leaves a member out."""

    def make(header: dict[str, Any] | None = None, key: Any = KEY, **changes: Any) -> str:
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": JWK, **(header or {})}
        claims = {"jti": "one", "htm": "POST", "htu": URL, "iat": NOW, "nonce": made.current(AT), **changes}
        present = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(present, key, head["alg"], {name: value for name, value in head.items() if value is not None})

    return make


def refused(proofs: JwtDpopProofs, sent: str, **more: Any) -> str:
    """With which error it is refused."""
    with pytest.raises(DpopProofError) as error:
        proofs.verify(sent, "POST", (URL,), AT, **more)
    return error.value.error


def test_a_good_proof_tells_its_key(proofs: JwtDpopProofs, proof: Proof) -> None:
    """RFC 7638: the thumbprint is what a token is bound to."""
    assert proofs.verify(proof(), "POST", (URL,), AT) == thumbprint(JWK)


ED25519 = ed25519.Ed25519PrivateKey.generate()
STRONG = rsa_key()
KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "EdDSA": (ED25519, OKPAlgorithm.to_jwk(ED25519.public_key(), as_dict=True)),
    "PS256": (STRONG, RSAAlgorithm.to_jwk(STRONG.public_key(), as_dict=True)),
}


@pytest.mark.parametrize("algorithm", KINDS)
def test_other_kinds_of_keys(proofs: JwtDpopProofs, proof: Proof, algorithm: str) -> None:
    """What FAPI 2.0 allows."""
    key, jwk = KINDS[algorithm]
    assert proofs.verify(proof({"alg": algorithm, "jwk": jwk}, key), "POST", (URL,), AT) == thumbprint(jwk)


def test_the_example_of_the_specification(redis_server: RedisServer, made: DpopNonces) -> None:
    """RFC 9449 section 4.2: its signature holds; it is refused for its time alone, and tells no nonce before."""
    sent = (
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscE"
        "JoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19"
        ".eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia"
        "WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
    )
    proofs, then = JwtDpopProofs(made, guard(redis_server.url)), datetime.fromtimestamp(1562262616, UTC)
    url = "https://server.example.com/token"
    with pytest.raises(DpopProofError) as wanted:
        proofs.verify(sent, "POST", (url,), then)
    assert wanted.value.error == "use_dpop_nonce"
    with pytest.raises(DpopProofError) as late:
        proofs.verify(sent, "POST", (url,), then + timedelta(minutes=2))
    assert late.value.error == "invalid_dpop_proof"


SHORT = rsa_key(WEAK)
OTHER = ec.generate_private_key(ec.SECP256R1())
BAD: dict[str, tuple[dict[str, Any], Any, dict[str, Any]]] = {
    "no type": ({"typ": "JWT"}, KEY, {}),
    "no key": ({"jwk": None}, KEY, {}),
    "a private key": ({"jwk": ECAlgorithm.to_jwk(KEY, as_dict=True)}, KEY, {}),
    "another key": ({}, OTHER, {}),
    "a secret": ({"alg": "HS256", "jwk": {"kty": "oct", "k": "c2VjcmV0"}}, b"secret" * 6, {}),
    "PKCS 1 v1.5": ({"alg": "RS256", "jwk": RSAAlgorithm.to_jwk(SHORT.public_key(), as_dict=True)}, SHORT, {}),
    "a weak key": ({"alg": "PS256", "jwk": RSAAlgorithm.to_jwk(SHORT.public_key(), as_dict=True)}, SHORT, {}),
    "extensions": ({"crit": ["exp"]}, KEY, {}),
    "another method": ({}, KEY, {"htm": "GET"}),
    "the method in small": ({}, KEY, {"htm": "post"}),
    "no method": ({}, KEY, {"htm": None}),
    "another path": ({}, KEY, {"htu": "https://vad.example/tokens"}),
    "a path that is encoded": ({}, KEY, {"htu": "https://vad.example%2Ftoken"}),
    "a character that must be encoded": ({}, KEY, {"htu": "https://vad.example/%2Ftoken"}),
    "encoded twice": ({}, KEY, {"htu": "https://vad.example/%2574oken"}),
    "another host": ({}, KEY, {"htu": "https://evil.example/token"}),
    "another scheme": ({}, KEY, {"htu": "http://vad.example/token"}),
    "another port": ({}, KEY, {"htu": "https://vad.example:444/token"}),
    "port 0": ({}, KEY, {"htu": "https://vad.example:0/token"}),
    "a name before the host": ({}, KEY, {"htu": "https://vad@vad.example/token"}),
    "no address": ({}, KEY, {"htu": "https://[x/token"}),
    "too old": ({}, KEY, {"iat": NOW - 61}),
    "ahead": ({}, KEY, {"iat": NOW + 61}),
    "no time": ({}, KEY, {"iat": None}),
    "a time that is none": ({}, KEY, {"iat": "now"}),
    "ended": ({}, KEY, {"exp": NOW}),
    "an end that is none": ({}, KEY, {"exp": "later"}),
    "not begun": ({}, KEY, {"nbf": NOW + 61}),
    "a begin that is none": ({}, KEY, {"nbf": [NOW]}),
    "no jti": ({}, KEY, {"jti": None}),
    "half a character": ({}, KEY, {"jti": "\ud800"}),
    "a long jti": ({}, KEY, {"jti": "x" * 256}),
}


@pytest.mark.parametrize(("header", "key", "changes"), BAD.values(), ids=BAD)
@pytest.mark.filterwarnings("ignore:The .* key is .*:jwt.warnings.InsecureKeyLengthWarning")
def test_one_that_is_not_in_order(
    proofs: JwtDpopProofs, proof: Proof, header: dict[str, Any], key: Any, changes: dict[str, Any]
) -> None:
    """`invalid_dpop_proof`, whatever is wrong; its `jti` is not used up by that."""
    assert refused(proofs, proof(header, key, **changes)) == "invalid_dpop_proof"
    assert proofs.verify(proof(), "POST", (URL,), AT)


ALIKE = [URL, f"{URL}?a=1", f"{URL}#x", "HTTPS://VAD.example:443/token", "https://vad.example/%74o%6Ben"]


@pytest.mark.parametrize("htu", ALIKE)
def test_the_address_without_query(proofs: JwtDpopProofs, proof: Proof, htu: str) -> None:
    """Query and fragment do not count, and what means the same is the same (RFC 3986 section 6.2.2)."""
    assert proofs.verify(proof(htu=htu), "POST", (URL,), AT)


def test_one_of_our_two_addresses(proofs: JwtDpopProofs, proof: Proof) -> None:
    """RFC 8705 section 5: where certificates are shown is another host, with the same endpoints."""
    ours = (URL, "https://mtls.vad.example/token")
    for number, htu in enumerate(ours):
        assert proofs.verify(proof(htu=htu, jti=str(number)), "POST", ours, AT)
    for htu in ("https://evil.example/token", "https://mtls.vad.example/userinfo"):
        with pytest.raises(DpopProofError):
            proofs.verify(proof(htu=htu), "POST", ours, AT)


def test_when_it_says_that_it_counts(proofs: JwtDpopProofs, proof: Proof) -> None:
    """`nbf` and `exp` may be there, and the clock of the app a little ahead."""
    assert proofs.verify(proof(nbf=NOW + 60, exp=NOW + 300, iat=NOW + 60), "POST", (URL,), AT)
    assert proofs.verify(proof(nbf=NOW, exp=NOW + 1, jti="two"), "POST", (URL,), AT)


def test_it_works_once(proofs: JwtDpopProofs, proof: Proof) -> None:
    """Section 11.1: a replay is refused as long as its time would hold; another key may have the same `jti`."""
    assert proofs.verify(proof(), "POST", (URL,), AT)
    assert refused(proofs, proof()) == "invalid_dpop_proof"
    other = {"jwk": ECAlgorithm.to_jwk(OTHER.public_key(), as_dict=True)}
    assert proofs.verify(proof(other, OTHER), "POST", (URL,), AT)


def test_it_names_the_token_that_it_goes_with(proofs: JwtDpopProofs, proof: Proof) -> None:
    """Section 7: a proof for one token is none for another."""
    ath = urlsafe_b64encode(hashlib.sha256(b"token").digest()).rstrip(b"=").decode()
    assert refused(proofs, proof(ath=ath), access_token="other") == "invalid_dpop_proof"
    assert refused(proofs, proof(), access_token="token") == "invalid_dpop_proof"
    assert refused(proofs, proof(ath="\ud800"), access_token="token") == "invalid_dpop_proof"
    assert proofs.verify(proof(ath=ath), "POST", (URL,), AT, "token")


def test_it_holds_a_nonce_of_the_server(proofs: JwtDpopProofs, proof: Proof, made: DpopNonces) -> None:
    """Section 8: without one, with an old one or one that nobody gave, it is asked for a fresh one."""
    old, early = made.current(AT - timedelta(minutes=6)), made.current(AT + timedelta(minutes=2))
    forged = made.current(AT)[:-2] + "AA"
    for nonce in (None, "", "x", 5, old, early, forged):
        assert refused(proofs, proof(nonce=nonce)) == "use_dpop_nonce"
        with pytest.raises(DpopProofError) as wanted:
            proofs.ask_for_nonce(proof(nonce=nonce), AT)
        assert wanted.value.error == "use_dpop_nonce"
    for other in (proof(), proof(htm="GET"), "x"):
        proofs.ask_for_nonce(other, AT)
    assert proofs.verify(proof(nonce=proofs.nonce(AT - timedelta(minutes=4))), "POST", (URL,), AT)
