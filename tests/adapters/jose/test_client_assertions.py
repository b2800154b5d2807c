"""Client authentication by `private_key_jwt` (RFC 7523 section 3, OIDC Core section 9)."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

import jwt
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import OKPAlgorithm
from tokens_under_test import AT, CLIENT_ID, ISSUER, keyring, p256, registered_client, segment

from vad.adapters.jose.client_assertions import JwtClientAssertions
from vad.adapters.jose.own_assertion import make_client_assertion
from vad.adapters.jose.public_keys import PublicKeys
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.replay import RedisReplayGuard
from vad.adapters.vault.generation import create_secret
from vad.adapters.vault.jwk import public_members
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose
from vad.adapters.vault.master_key import MasterKey
from vad.domain.client import Jwk
from vad.domain.errors import StoreUnavailableError
from vad.sandbox.ports import free_port

ENDPOINT = f"{ISSUER}/token"
NOW = int(AT.timestamp())
PRIVATE, PUBLIC = p256()


class Server(Protocol):
    """The Redis of this test run."""

    @property
    def url(self) -> str:
        """Its address."""


def guard(url: str) -> RedisReplayGuard:
    """A replay guard that has seen nothing: its names in Redis hang on a key of its own."""
    master = MasterKey(bytes(32))
    binding = create_secret(master, Purpose.BINDING, KeyState.ACTIVE, AT)
    return RedisReplayGuard(RedisConnection.open(url), StoreKeys(KeyRing(master, [binding])))


@pytest.fixture
def assertions(redis_server: Server) -> JwtClientAssertions:
    """Give what is under test."""
    return JwtClientAssertions(ISSUER, ENDPOINT, guard(redis_server.url))


@pytest.fixture(scope="module")
def without_store() -> JwtClientAssertions:
    """Give the same, without a Redis that answers."""
    return JwtClientAssertions(ISSUER, ENDPOINT, guard(f"redis://127.0.0.1:{free_port()}"))


def claims(**changes: Any) -> dict[str, Any]:
    """Claims of a good assertion, some changed (None: left out)."""
    good = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": ENDPOINT, "iat": NOW, "exp": NOW + 60, "jti": "one"}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def assertion(key: Any = PRIVATE, algorithm: str = "ES256", kid: Any = PUBLIC["kid"], **changes: Any) -> str:
    """An assertion with some claims changed."""
    return jwt.encode(claims(**changes), key, algorithm, headers={} if kid is None else {"kid": kid})


def accepted(assertions: JwtClientAssertions, made: str, jwks: Sequence[Jwk] = (PUBLIC,)) -> bool:
    """Whether it proves that the caller is the client that registered these keys."""
    return assertions.verify(registered_client(*jwks), made, AT)


@pytest.mark.parametrize("aud", [ENDPOINT, ISSUER, [ENDPOINT], [ISSUER]])
def test_a_good_assertion_is_accepted(assertions: JwtClientAssertions, aud: object) -> None:
    """The audience is the token endpoint or the issuer, as a string or as the only member of a list."""
    assert accepted(assertions, assertion(aud=aud))


@pytest.mark.parametrize("kid", [PUBLIC["kid"], None])
def test_a_kid_is_not_demanded(assertions: JwtClientAssertions, kid: str | None) -> None:
    """Without a key id every suitable registered key is tried."""
    _, other = p256()
    assert accepted(assertions, assertion(kid=kid), [other, PUBLIC])


def test_each_algorithm_of_the_profile(assertions: JwtClientAssertions) -> None:
    """ES256, PS256, RS256 and EdDSA, and no other."""
    rsa_key = rsa.generate_private_key(65537, 2048)
    edwards = ed25519.Ed25519PrivateKey.generate()
    registered = {
        "PS256": (rsa_key, public_members(rsa_key.public_key())),
        "RS256": (rsa_key, public_members(rsa_key.public_key())),
        "EdDSA": (edwards, OKPAlgorithm.to_jwk(edwards.public_key(), as_dict=True)),
    }
    for algorithm, (key, jwk) in registered.items():
        made = assertion(key, algorithm, kid=None, jti=algorithm)
        assert accepted(assertions, made, [{k: v for k, v in jwk.items() if k != "key_ops"}])
    assert not accepted(assertions, assertion(rsa_key, "RS512", kid=None), [registered["RS256"][1]])
    bent = ed448.Ed448PrivateKey.generate()
    made = assertion(bent, "EdDSA", kid=None)
    assert not accepted(assertions, made, [OKPAlgorithm.to_jwk(bent.public_key(), as_dict=True)])
    p384 = ec.generate_private_key(ec.SECP384R1())
    assert not accepted(assertions, assertion(p384, "ES384", kid=None))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "pgo-2"},
        {"iss": None},
        {"sub": "pgo-2"},
        {"sub": None},
        {"aud": None},
        {"aud": "https://elsewhere.example"},
        {"aud": [ENDPOINT, ISSUER]},
        {"aud": [ENDPOINT, "https://elsewhere.example"]},
        {"aud": []},
        {"aud": {ENDPOINT: 1}},
        {"aud": [[ENDPOINT]]},
        {"aud": f"{ENDPOINT}/"},
        {"exp": None},
        {"exp": NOW},
        {"exp": NOW + 301},
        {"exp": "soon"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"iat": None},
        {"iat": NOW + 61, "exp": NOW + 90},
        {"iat": NOW - 3600, "exp": NOW + 60},
        {"iat": -(10**400)},
        {"nbf": NOW + 61},
        {"nbf": "now"},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 256},
        {"jti": 5},
    ],
)
def test_wrong_claims_are_refused(without_store: JwtClientAssertions, change: dict[str, Any]) -> None:
    """Every claim that RFC 7523 and our profile demand is demanded; a refused assertion does not get to the store."""
    assert not accepted(without_store, assertion(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": NOW + 300},
        {"exp": NOW + 0.5},
        {"iat": NOW + 60, "exp": NOW + 360},
        {"iat": NOW - 240},
        {"nbf": NOW},
        {"jti": "x" * 255},
    ],
)
def test_edges_that_are_still_right(assertions: JwtClientAssertions, change: dict[str, Any]) -> None:
    """Five minutes of life, a minute of skew, fractions of seconds and long ids are fine."""
    assert accepted(assertions, assertion(**change))


def test_an_assertion_counts_once(assertions: JwtClientAssertions) -> None:
    """Its `jti` is remembered per client."""
    made = assertion()
    assert accepted(assertions, made)
    assert not accepted(assertions, made)
    assert not accepted(assertions, assertion(aud=ISSUER))
    assert accepted(assertions, assertion(jti="two"))


def test_it_fails_closed_when_replay_can_not_be_checked(without_store: JwtClientAssertions) -> None:
    """Without the store nobody is let in."""
    with pytest.raises(StoreUnavailableError):
        accepted(without_store, assertion())


def test_a_refused_assertion_uses_nothing_up(assertions: JwtClientAssertions) -> None:
    """A forger who knows a `jti` can't make the client's own assertion fail."""
    assert not accepted(assertions, assertion(p256()[0]))
    assert accepted(assertions, assertion())


def test_keys_come_from_the_registration_alone(assertions: JwtClientAssertions) -> None:
    """Neither a key in the header, nor another client's, nor an unknown key id, nor no key at all will do."""
    stranger, strangers_jwk = p256()
    assert not accepted(assertions, assertion(stranger))
    assert not accepted(assertions, assertion(stranger, kid="unknown"))
    assert not accepted(assertions, assertion(), [])
    assert not accepted(assertions, assertion(kid="unknown"))
    carried = jwt.encode(claims(), stranger, "ES256", headers={"jwk": strangers_jwk, "kid": PUBLIC["kid"]})
    assert not accepted(assertions, carried)


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"alg": "RS256"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"kty": "RSA"},
        {"kty": ["EC"]},
        {"crv": "P-384"},
        {"x": "AAAA"},
        {"x": PUBLIC["y"]},
        {"y": 7},
        {"d": "AAAA"},
    ],
)
def test_a_registered_key_must_be_fit(assertions: JwtClientAssertions, change: dict[str, Any]) -> None:
    """Keys for other uses, broken ones, and ones whose private half was published prove nothing."""
    assert not accepted(assertions, assertion(), [{**PUBLIC, **change}])


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_short_rsa_keys_are_refused(assertions: JwtClientAssertions) -> None:
    """Below 2048 bits a signature proves nothing."""
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose
    made = assertion(short, "RS256", kid=None)
    assert not accepted(assertions, made, [public_members(short.public_key())])


def test_secrets_and_no_signature_are_refused(assertions: JwtClientAssertions) -> None:
    """`alg: none`, and HS256 with the public key as its secret."""
    public = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    unsigned = f"{segment({'alg': 'none', 'kid': PUBLIC['kid']})}.{segment(claims())}."
    assert not accepted(assertions, unsigned)
    message = f"{segment({'alg': 'HS256', 'kid': PUBLIC['kid']})}.{segment(claims())}"
    mac = hmac.digest(public, message.encode(), hashlib.sha256)
    forged = f"{message}.{jwt.utils.base64url_encode(mac).decode()}"
    assert not accepted(assertions, forged)
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": PUBLIC["kid"]}
    assert not accepted(assertions, forged, [secret])


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"b64": False, "crit": ["b64"]}, {"kid": 5}, {"alg": ["ES256"]}])
def test_odd_headers_are_refused(assertions: JwtClientAssertions, header: dict[str, Any]) -> None:
    """Extensions that we do not know, and headers of the wrong type."""
    made = assertion()
    first = segment({"alg": "ES256", "kid": PUBLIC["kid"], **header})
    assert not accepted(assertions, made.replace(made.split(".")[0], first))


def test_an_inactive_client_and_an_oversized_assertion(assertions: JwtClientAssertions) -> None:
    """A client that is switched off proves nothing; nobody makes us parse more than 16 KiB."""
    assert not assertions.verify(replace(registered_client(PUBLIC), active=False), assertion(), AT)
    assert not accepted(assertions, assertion(extra="x" * 13_000))
    assert accepted(assertions, assertion(extra="x" * 11_000))


@given(st.text(max_size=100) | st.builds(".".join, st.lists(st.text("AZaz09-_e30", max_size=40), max_size=6)))
def test_garbage_is_refused_without_an_exception(without_store: JwtClientAssertions, made: str) -> None:
    """Whatever a caller sends, the answer is no."""
    assert not accepted(without_store, made)


def test_json_too_deep_is_refused(assertions: JwtClientAssertions) -> None:
    """Neither header nor payload makes the parser fall over."""
    deep = jwt.utils.base64url_encode(b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}").decode()
    header = segment({"alg": "ES256", "kid": PUBLIC["kid"]})
    message = f"{header}.{deep}"
    signature = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).sign(message.encode(), PRIVATE)
    assert not accepted(assertions, f"{message}.{jwt.utils.base64url_encode(signature).decode()}")
    assert not accepted(assertions, f"{deep}.{segment(claims())}.AAAA")


def test_the_log_gets_the_reason_alone(assertions: JwtClientAssertions) -> None:
    """No part of the assertion, not even a claim, is logged."""
    with structlog.testing.capture_logs() as lines:
        assert not accepted(assertions, assertion(exp=NOW - 1))
    assert lines == [{"event": "client_assertion_refused", "log_level": "debug", "reason": "time"}]


def test_our_own_assertion_would_be_accepted(assertions: JwtClientAssertions) -> None:
    """What VAD sends to DigiD passes the very checks that VAD makes, and lives a minute."""
    key = keyring().active(Purpose.DIGID_SIGNING)
    client = registered_client(*keyring().public_jwks(Purpose.DIGID_SIGNING))
    one, two = (make_client_assertion(key, CLIENT_ID, ENDPOINT, AT, jti) for jti in ("one", "two"))
    assert assertions.verify(client, one, AT + timedelta(seconds=59))
    assert not assertions.verify(client, two, AT + timedelta(seconds=60))


def test_keys_are_parsed_once() -> None:
    """The same registered key gives the same key object."""
    keys = PublicKeys()
    (one,) = keys.verifying([PUBLIC], algorithm="ES256", kid=None)
    (two,) = keys.verifying([dict(PUBLIC)], algorithm="ES256", kid=PUBLIC["kid"])
    assert one is two
