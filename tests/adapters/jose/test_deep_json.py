"""JSON in tokens from outside: of bounded depth and with one meaning, wherever it stands; else the token is refused."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import jwt
import pytest

from tests.adapters.jose.test_nested import OURS, SIGNER, SIGNER_JWK, encrypted
from tests.adapters.jose.tokens_under_test import AT, ISSUER, keyring, own_token, segment
from vad.adapters.jose.client_assertions import JwtClientAssertions
from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import header_of, unverified_claims
from vad.adapters.jose.nested import open_nested
from vad.adapters.jose.verifier import JwtVerifier
from vad.adapters.vault.encoding import base64url
from vad.domain.strict_json import DEEPEST

Envelope = Callable[[str], str]


def deep(levels: int) -> list[Any]:
    """Lists inside each other."""
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def signed(payload: object = None, **headers: object) -> str:
    """A token of DigiD's with good signature, whatever it holds."""
    content = payload if isinstance(payload, bytes) else json.dumps(payload or {"sub": "somebody"}).encode()
    signer = jwt.PyJWS()
    return signer.encode(content, SIGNER, "ES256", headers={"kid": SIGNER_JWK["kid"], **headers})


def read(token: str, **headers: object) -> object:
    """What comes out of its envelope."""
    return open_nested(encrypted(token, **headers), OURS, [SIGNER_JWK], ["ES256"])


def refused(call: Callable[[], object]) -> None:
    """It is refused as malformed: no other exception, and nothing of the content."""
    with pytest.raises(TokenRefusedError) as caught:
        call()
    assert caught.value.reason is Refusal.MALFORMED


def test_twenty_levels_and_no_more() -> None:
    """In the claims, in the header, and in the header of the envelope; the claims themselves are the first level."""
    assert read(signed({"x": deep(DEEPEST - 1)})) == {"x": deep(DEEPEST - 1)}
    refused(lambda: read(signed({"x": deep(DEEPEST)})))
    assert read(signed(x=deep(DEEPEST - 1)))
    refused(lambda: read(signed(x=deep(DEEPEST))))
    assert read(signed(), x=deep(DEEPEST - 1))
    refused(lambda: read(signed(), x=deep(DEEPEST)))


@pytest.mark.parametrize("levels", [DEEPEST + 1, 4_000])
def test_however_deep_it_is(levels: int) -> None:
    """About as deep as 16 KiB can be, in any place of any token that comes from outside: no `RecursionError`."""
    braces = base64url(b"[" * levels + b"]" * levels)
    refused(lambda: header_of(f"{braces}.e30.AA"))
    refused(lambda: unverified_claims(f"{segment({'alg': 'ES256'})}.{braces}.AA"))
    refused(lambda: open_nested(f"{braces}.AA.AA.AA.AA", OURS, [SIGNER_JWK], ["ES256"]))
    refused(lambda: read(signed(b'{"x":' + b"[" * levels + b"]" * levels + b"}")))


def test_a_member_stands_there_once() -> None:
    """Of two the one reader would take the first and another the last (RFC 7519 section 4)."""
    refused(lambda: read(signed(b'{"sub":"one","sub":"two"}')))
    refused(lambda: read(signed(b'["sub"]')))
    refused(lambda: read(signed(b"\xff")))


@pytest.mark.parametrize("text", [chr(0xD800), chr(0xDFFF), "\x00"])
def test_text_that_can_not_be_written_down(text: str) -> None:
    """Half a surrogate pair breaks whoever encodes it, U+0000 whoever stores it: in claims, in names, in headers."""
    placed: tuple[object, ...] = ({"ath": text}, {"sub": text}, {"jti": text}, {text: 1}, {"x": [{"y": text}]})
    for claims in placed:
        refused(partial(read, signed(claims)))
    refused(lambda: read(signed(x=text)))
    refused(lambda: read(signed(), x=text))


def test_our_own_keys_make_no_exception() -> None:
    """A token with our signature is read by the same rules."""
    verifier = JwtVerifier(keyring(), ISSUER)
    assert verifier.access_token(own_token(x=deep(DEEPEST - 1)), AT) is not None
    assert verifier.access_token(own_token(x=deep(DEEPEST)), AT) is None


def test_a_client_that_is_not_understood_names_nobody() -> None:
    """Before any key is looked for."""
    assertions = JwtClientAssertions(ISSUER, f"{ISSUER}/token", None, None)  # type: ignore[arg-type]  # not reached
    claims = {"sub": "pgo-1", "x": deep(DEEPEST)}
    assert assertions.claimed_client_id(f"{segment({'alg': 'ES256'})}.{segment(claims)}.AA") is None
    assert assertions.claimed_client_id(f"{segment({'alg': 'ES256'})}.{segment({'sub': 'pgo-1'})}.AA") == "pgo-1"
