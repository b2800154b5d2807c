"""Reading VAD's own access tokens back: what is refused (RFC 9068 section 4, RFC 8725)."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.jose.tokens_under_test import (
    AT,
    CLIENT_ID,
    ISSUER,
    SOURCE,
    access_token_claims,
    id_token_claims,
    keyring,
    other_keyring,
    own_token,
    registered_source,
    segment,
    signer,
)
from vad.adapters.jose.verifier import JwtVerifier
from vad.adapters.vault.encoding import base64url
from vad.adapters.vault.keyring import Purpose
from vad.services.ports.tokens import VerifiedAccessToken

VERIFIER = JwtVerifier(keyring(), ISSUER)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
NOW = int(AT.timestamp())


def test_the_own_access_token_is_read() -> None:
    """It names itself, the client it was given to, and how far it goes."""
    token = signer().access_token(access_token_claims())
    scope = frozenset(str(access_token_claims().values["scope"]).split())
    assert "openid" in scope
    assert VERIFIER.own_access_token(token, AT) == VerifiedAccessToken("jti-1", CLIENT_ID, ISSUER, scope)


def test_it_lives_no_longer_than_written() -> None:
    """The end has no leeway; the beginning allows another process' clock a minute."""
    token = own_token(exp=NOW + 300)
    assert VERIFIER.own_access_token(token, AT + timedelta(seconds=299, microseconds=999_999)) is not None
    assert VERIFIER.own_access_token(token, AT + timedelta(seconds=300)) is None
    assert VERIFIER.own_access_token(token, AT - timedelta(seconds=60)) is not None
    assert VERIFIER.own_access_token(token, AT - timedelta(seconds=61)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": SOURCE},
        {"aud": [ISSUER]},
        {"aud": [ISSUER, SOURCE]},
        {"aud": None},
        {"exp": None},
        {"exp": str(NOW + 300)},
        {"exp": True},
        {"exp": 10**400},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"iat": None},
        {"nbf": NOW + 61},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 256},
        {"client_id": None},
        {"client_id": ["pgo-1"]},
    ],
)
def test_wrong_claims_are_refused(change: dict[str, Any]) -> None:
    """Issuer, audience, times and names must be exactly what VAD writes."""
    assert VERIFIER.own_access_token(own_token(**change), AT) is None


def _signed_by_hand(header: dict[str, object], sign: Callable[[bytes], bytes]) -> str:
    message = f"{segment(header)}.{segment(dict(access_token_claims().values))}"
    return f"{message}.{base64url(sign(message.encode()))}"


def test_tokens_of_another_kind_or_hand_are_refused() -> None:
    """A source's token, an ID token, a stranger's token, `alg: none`, HS256 with the public key: none is ours."""
    key = keyring().active(Purpose.SIGNING, "ES256")
    public = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    token = signer().access_token(access_token_claims())
    named = {"kid": key.key_id, "typ": "at+jwt"}
    refused = {
        "a source's token": signer().access_token(access_token_claims(registered_source())),
        "an ID token": signer().id_token(id_token_claims(), token),
        "a stranger's token": own_token(ring=other_keyring()),
        "no type": own_token(typ=None),
        "type JWT": own_token(typ="JWT"),
        "type in capitals": own_token(typ="AT+JWT"),
        "alg none": _signed_by_hand({**named, "alg": "none"}, lambda _: b""),
        "alg none, signed": token.replace(token.split(".")[0], segment({**named, "alg": "none"})),
        "HS256 with the public key": _signed_by_hand(
            {**named, "alg": "HS256"}, lambda message: hmac.digest(public, message, hashlib.sha256)
        ),
        "another algorithm of ours": token.replace(token.split(".")[0], segment({**named, "alg": "RS256"})),
        "no kid": token.replace(token.split(".")[0], segment({"alg": "ES256", "typ": "at+jwt"})),
        "kid no text": token.replace(token.split(".")[0], segment({"alg": "ES256", "typ": "at+jwt", "kid": 1})),
        "critical header": token.replace(
            token.split(".")[0], segment({**named, "alg": "ES256", "crit": ["b64"], "b64": False})
        ),
        "no signature": token.rpartition(".")[0] + ".",
        "too long": token + "A" * 20_000,
        "deep": f"{'W1tb' * 3000}.e30.AAAA",
        "empty": "",
        "surrogate": "\ud800.e30.AAAA",
    }
    let_in = [why for why, each in refused.items() if VERIFIER.own_access_token(each, AT) is not None]
    assert let_in == []


@given(st.text(max_size=200) | st.builds(".".join, st.lists(st.text("AZaz09-_e30", max_size=40), max_size=6)))
def test_anything_else_is_refused_without_an_exception(token: str) -> None:
    """Whatever a caller sends, the answer is no."""
    assert VERIFIER.own_access_token(token, AT) is None


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 64))
def test_a_changed_token_is_refused(place: float, shift: int) -> None:
    """One changed character anywhere, and it is no longer ours."""
    token = signer().access_token(access_token_claims())
    at = int(place * len(token))
    letter = LETTERS[(LETTERS.index(token[at]) + shift) % len(LETTERS)]
    assert VERIFIER.own_access_token(token[:at] + letter + token[at + 1 :], AT) is None
