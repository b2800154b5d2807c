"""Nested tokens from DigiD: encrypted to us around what they signed (RFC 7519 section 5.2)."""

from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from tests.adapters.jose.tokens_under_test import keyring, p256, segment
from tests.support.rsa_keys import rsa_key
from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.nested import open_nested
from vad.adapters.vault.keyring import Key, Purpose

RSA_KEY = rsa_key()
SIGNER, SIGNER_JWK = p256()
OURS = keyring().all(Purpose.DIGID_ENCRYPTION)


def inner(**headers: Any) -> str:
    """A signed token as DigiD makes it."""
    return jwt.encode({"sub": "999991772"}, SIGNER, "ES256", headers={"kid": SIGNER_JWK["kid"], **headers})


def _members(key: Key) -> dict[str, Any]:
    return dict(key.public_jwk or {})


def encrypted(content: str, *, key: Any = None, algorithms: Any = None, **headers: Any) -> str:
    """This content, encrypted to VAD; headers changed (None: left out)."""
    public: Any = key or ECKey.import_key(_members(OURS[0]))
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": OURS[0].key_id, "cty": "JWT", **headers}
    kept = {name: value for name, value in header.items() if value is not None}
    registry = jwe.JWERegistry(algorithms=algorithms or ["ECDH-ES", "A256GCM"], strict_check_header=False)
    return jwe.encrypt_compact(kept, content, public, registry=registry)


def refusal(token: str, jwks: Any = (SIGNER_JWK,), algorithms: Any = ("ES256",)) -> Refusal:
    """Why this token is refused."""
    with pytest.raises(TokenRefusedError) as refused:
        open_nested(token, OURS, jwks, algorithms)
    assert "999991772" not in str(refused.value)
    return refused.value.reason


@pytest.mark.parametrize("headers", [{}, {"kid": None}, {"cty": None}, {"cty": "jwt"}, {"x5t": "x" * 1000}])
def test_a_nested_token_is_opened(headers: dict[str, Any]) -> None:
    """Encrypted to us, signed by a key of theirs; long headers and unknown header members are fine."""
    assert open_nested(encrypted(inner(), **headers), OURS, [SIGNER_JWK], ["ES256"]) == {"sub": "999991772"}


def test_what_is_refused_in_the_envelope() -> None:
    """Other algorithms, compression, unknown keys, another content type, and what is not encrypted at all."""
    to_another = ECKey.import_key(p256()[1] | {"use": "enc"})
    sealed = encrypted(inner())
    assert refusal(encrypted(inner(), key=to_another)) is Refusal.DECRYPTION
    assert refusal(encrypted(inner(), kid="unknown")) is Refusal.DECRYPTION
    assert refusal(encrypted(inner(), alg="ECDH-ES+A128KW", algorithms=["ECDH-ES+A128KW", "A256GCM"])) is (
        Refusal.ALGORITHM
    )
    assert refusal(encrypted(inner(), enc="A128GCM", algorithms=["ECDH-ES", "A128GCM"])) is Refusal.ALGORITHM
    assert refusal(encrypted(inner(), zip="DEF", algorithms=["ECDH-ES", "A256GCM", "DEF"])) is Refusal.ALGORITHM
    assert refusal(encrypted(inner(), cty="json")) is Refusal.TYPE
    assert (
        refusal(
            encrypted(
                inner(),
                alg="RSA-OAEP-256",
                key=RSAKey.import_key(RSA_KEY.public_key()),
                algorithms=["RSA-OAEP-256", "A256GCM"],
            )
        )
        is Refusal.DECRYPTION
    )
    assert refusal(sealed[:-4] + "AAAA") is Refusal.DECRYPTION
    assert refusal(inner()) is Refusal.MALFORMED
    assert refusal("") is Refusal.MALFORMED
    assert refusal(sealed + "A" * 17_000) is Refusal.TOO_LONG


def test_what_is_refused_inside() -> None:
    """An unsigned or wrongly signed token inside a good envelope; an unknown key says so, for one more look."""
    _, stranger = p256()
    assert refusal(encrypted(inner()), [stranger]) is Refusal.UNKNOWN_KEY
    assert refusal(encrypted(inner()), [{**stranger, "kid": SIGNER_JWK["kid"]}]) is Refusal.SIGNATURE
    assert refusal(encrypted(inner()), []) is Refusal.UNKNOWN_KEY
    assert refusal(encrypted(inner()), algorithms=["RS256"]) is Refusal.ALGORITHM
    unsigned = f"{segment({'alg': 'none'})}.{segment({'sub': '1'})}."
    assert refusal(encrypted(unsigned), algorithms=["none", "ES256"]) is Refusal.ALGORITHM
    assert refusal(encrypted(unsigned)) is Refusal.ALGORITHM
    assert refusal(encrypted('{"sub":"1"}')) is Refusal.MALFORMED
    assert refusal(encrypted("é")) is Refusal.MALFORMED
    assert refusal(encrypted(inner(crit=["x"], x=1))) is Refusal.MALFORMED


HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "alg": st.sampled_from(["ECDH-ES", "RSA-OAEP-256", "dir", "none"]) | st.integers() | st.none(),
        "enc": st.sampled_from(["A256GCM", "A128GCM"]) | st.lists(st.none(), max_size=1),
        "kid": st.sampled_from([OURS[0].key_id]) | st.integers(),
        "epk": st.one_of(
            st.just(dict(OURS[0].public_jwk or {})),
            st.dictionaries(st.sampled_from(["kty", "crv", "x", "y"]), st.text(max_size=5) | st.integers()),
            st.text(max_size=5),
            st.none(),
        ),
        "apu": st.text(max_size=4) | st.integers(),
        "cty": st.text(max_size=3) | st.integers(),
    },
)


@given(
    HEADERS | st.integers() | st.lists(st.integers()),
    st.lists(st.text("AZaz09-_", max_size=24), min_size=4, max_size=4),
)
def test_garbage_gives_the_typed_error(header: object, rest: list[str]) -> None:
    """Whatever the envelope holds, the answer is a refusal and no other exception."""
    refusal(".".join([segment(header), *rest]))


@given(st.text(max_size=80))
def test_any_text_gives_the_typed_error(text: str) -> None:
    """The same for text of any kind."""
    refusal(text)
    refusal(f"{text}.AA.AA.AA.AA")
