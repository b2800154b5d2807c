"""Bound tokens at a data source: whoever brings one proves to hold the key, shows the certificate, or both."""

import base64
import hashlib
import secrets
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc.jwk import ECKey, RSAKey
from jwt.algorithms import RSAAlgorithm

from tests.sandbox.fake_issuer import FakeIssuer
from tests.sandbox.test_data_source import KEY as SOURCE_KEY
from tests.sandbox.test_data_source import config
from vad.sandbox.data_source import Config, create_app
from vad.sandbox.holder_check import HolderCheck, Shown
from vad.sandbox.ports import free_port
from vad.sandbox.refusals import Reason, RefusedError
from vad.sandbox.serving import serve

URL, TOKEN = "https://hospital.example/fhir/48/Patient/$everything", "the.bound.token"
KEY = ec.generate_private_key(ec.SECP256R1())
JWK = ECKey.import_key(KEY).as_dict(private=False)
JKT = ECKey.import_key(KEY).thumbprint()
CERTIFICATE = b"the certificate, as DER"
X5T = base64.urlsafe_b64encode(hashlib.sha256(CERTIFICATE).digest()).rstrip(b"=").decode()
BY_KEY, BY_CERTIFICATE, BY_BOTH = {"jkt": JKT}, {"x5t#S256": X5T}, {"jkt": JKT, "x5t#S256": X5T}


def hashed(token: str) -> str:
    """As `ath` has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


def proof(header: dict[str, Any] | None = None, key: Any = KEY, **changes: Any) -> str:
    """A proof for the request of these tests; `changes` to its claims, None leaves one out."""
    claims: dict[str, Any] = {"jti": secrets.token_urlsafe(8), "htm": "GET", "htu": URL, "iat": int(time.time())}
    claims = {name: value for name, value in (claims | {"ath": hashed(TOKEN)} | changes).items() if value is not None}
    whole = {"typ": "dpop+jwt", "jwk": JWK, "alg": "ES256"} | (header or {})
    return jwt.encode(claims, key, whole["alg"], whole)


def dpop(*proofs: str, certificate: bytes | None = None) -> Shown:
    """A request with these proofs."""
    return Shown("dpop", "GET", URL, proofs, certificate)


def reason(confirmation: Any, shown: Shown, check: HolderCheck | None = None) -> Reason | None:
    """Why it is refused; None: it is not."""
    try:
        (check or HolderCheck()).check(TOKEN, confirmation, shown)
    except RefusedError as error:
        return error.reason
    return None


def test_who_holds_it_is_let_in() -> None:
    """A key, a certificate, both, or a token that is bound to nothing; the address in any spelling, with a query."""
    assert reason(None, Shown("bearer", "GET", URL)) is None
    assert reason(None, Shown("bearer", "GET", URL, (), CERTIFICATE)) is None
    assert reason(BY_KEY, dpop(proof())) is None
    assert reason(BY_KEY, dpop(proof(htu=URL.replace("$", "%24") + "?a=b#c"))) is None
    assert reason(BY_CERTIFICATE, Shown("bearer", "GET", URL, (), CERTIFICATE)) is None
    assert reason(BY_BOTH, dpop(proof(), certificate=CERTIFICATE)) is None


def test_who_does_not_is_refused() -> None:
    """RFC 9449 sections 7.1 and 7.2, RFC 8705 section 3: neither as a bearer token, nor with half of it."""
    bearer, shown = Shown("bearer", "GET", URL), Shown("bearer", "GET", URL, (), CERTIFICATE)
    other = Shown("bearer", "GET", URL, (), b"another certificate")
    assert reason(BY_KEY, bearer) is Reason.SENDER_CONSTRAINED
    assert reason(BY_KEY, Shown("bearer", "GET", URL, (proof(),))) is Reason.SENDER_CONSTRAINED
    assert reason(None, dpop(proof())) is Reason.SENDER_CONSTRAINED
    assert reason(BY_CERTIFICATE, dpop(proof(), certificate=CERTIFICATE)) is Reason.SENDER_CONSTRAINED
    assert {reason(BY_CERTIFICATE, each) for each in (bearer, other)} == {Reason.CERTIFICATE}
    assert reason(BY_BOTH, shown) is Reason.SENDER_CONSTRAINED
    assert reason(BY_BOTH, dpop(proof())) is Reason.CERTIFICATE
    of_no_kind: tuple[Any, ...] = (
        {},
        [],
        "x",
        {"kid": "1"},
        {"jkt": ""},
        {"jkt": 7},
        {**BY_KEY, "jwk": JWK},
        {"x5t#S256": None},
    )
    for unknown in of_no_kind:
        assert reason(unknown, shown) is Reason.SENDER_CONSTRAINED


def test_a_proof_is_for_one_request_once() -> None:
    """RFC 9449 section 4.3, check by check."""
    stranger = ec.generate_private_key(ec.SECP256R1())
    whole = ECKey.import_key(stranger).as_dict(private=True)
    wrong = {
        "no proof": (),
        "two": (proof(), proof()),
        "none": ("x",),
        "too long": (proof(more="x" * 9000),),
        "another kind": (proof({"typ": "jwt"}),),
        "another key than the token's": (proof({"jwk": ECKey.import_key(stranger).as_dict(private=False)}, stranger),),
        "a key that did not sign it": (proof(key=stranger),),
        "a private key": (proof({"jwk": whole}, stranger),),
        "a secret": (proof({"jwk": {"kty": "oct", "k": "c2VjcmV0"}, "alg": "HS256"}, b"secret" * 8),),
        "no signature": (proof({"alg": "none"}, None),),
        "another method": (proof(htm="POST"),),
        "another address": (proof(htu=URL.replace("48", "63")),),
        "another token": (proof(ath=hashed("another")),),
        "old": (proof(iat=int(time.time()) - 90),),
        "of the future": (proof(iat=int(time.time()) + 90),),
        **{f"without {name}": (proof(**{name: None}),) for name in ("jti", "htm", "htu", "iat", "ath")},
    }
    for what, proofs in wrong.items():
        assert reason(BY_KEY, dpop(*proofs)) is Reason.PROOF, what
    check, once = HolderCheck(), proof()
    assert reason(BY_KEY, dpop(once), check) is None
    assert reason(BY_KEY, dpop(once), check) is Reason.PROOF


def of_mersenne(one: int, other: int, exponent: int) -> rsa.RSAPrivateKey:
    """A key of two primes that are found without looking for them."""
    p, q = 2**one - 1, 2**other - 1
    d = pow(exponent, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(exponent, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning", "ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    ("primes", "exponent", "taken"),
    [
        ((1279, 2203), 65537, True),
        ((521, 607), 65537, False),
        ((4253, 4423), 65537, False),
        ((1279, 2203), 2**61 - 1, False),
    ],
)
def test_a_key_that_is_weak_or_dear(primes: tuple[int, int], exponent: int, *, taken: bool) -> None:
    """Whoever sends a proof brings its key along: weak ones prove nothing, and one check must not cost you much."""
    key = of_mersenne(*primes, exponent)
    jwk = {name: RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)[name] for name in ("kty", "n", "e")}
    shown = dpop(proof({"jwk": jwk, "alg": "PS256"}, key))
    assert reason({"jkt": RSAKey.import_key(jwk).thumbprint()}, shown) is (None if taken else Reason.PROOF)


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    """Give an issuer that is served over HTTP."""
    fake = FakeIssuer()
    with serve(fake.app()) as url:
        fake.url = url
        yield fake


def test_the_source_looks(issuer: FakeIssuer) -> None:
    """Over HTTP: 401 with both challenges, 200 for who holds it; the header of a proxy counts where there is one."""
    for certificates in (True, False):
        port = free_port()
        base = f"http://localhost:{port}"
        app = create_app(Config.from_json(config(issuer.url, base, certificates=certificates)))
        address = f"{base}/fhir/48/Patient/$everything"
        with serve(app, port):
            token = issuer.sign(issuer.claims(base, SOURCE_KEY, cnf=BY_BOTH))
            shown = {"Client-Cert": f":{base64.b64encode(CERTIFICATE).decode()}:"}
            fitting = {"DPoP": proof(htu=address, ath=hashed(token)), "Authorization": f"DPoP {token}"}
            answer = requests.get(address, headers={**fitting, **shown}, timeout=5)
            assert answer.status_code == (200 if certificates else 401)
            refused = requests.get(address, headers={"Authorization": f"Bearer {token}", **shown}, timeout=5)
            assert refused.status_code == 401
            challenge = refused.headers["WWW-Authenticate"]
            assert 'Bearer resource_metadata="' in challenge
            assert 'DPoP algs="ES256 PS256 EdDSA"' in challenge
            told = requests.get(f"{base}/.well-known/oauth-protected-resource", timeout=5).json()
            assert told["tls_client_certificate_bound_access_tokens"] is certificates
