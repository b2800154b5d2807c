"""The proof that a form was made by us for this browser."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vad.web.support.csrf import CsrfProtector

KEY = bytes(range(32))
BINDING = "flow-3vN0"


@pytest.fixture
def protector() -> CsrfProtector:
    """Give a protector with a fixed key."""
    return CsrfProtector(KEY)


def test_a_token_is_valid_for_its_browser(protector: CsrfProtector) -> None:
    """The token we made for a cookie is valid with that cookie, in any process with the key."""
    token = protector.token(BINDING)
    assert protector.valid(BINDING, token)
    assert CsrfProtector(KEY).valid(BINDING, token)


def test_a_token_is_worth_nothing_elsewhere(protector: CsrfProtector) -> None:
    """Another cookie or another key makes it invalid."""
    token = protector.token(BINDING)
    assert not protector.valid("flow-3vN1", token)
    assert not CsrfProtector(KEY[::-1]).valid(BINDING, token)


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_is_never_valid(protector: CsrfProtector, nothing: str | None) -> None:
    """Without a token or without a cookie the answer is no."""
    assert not protector.valid(BINDING, nothing)
    assert not protector.valid(nothing, protector.token(BINDING))
    assert not protector.valid(nothing, nothing)


def test_each_rendering_gives_another_token(protector: CsrfProtector) -> None:
    """Tokens differ each time, so that the size of a compressed page betrays none."""
    assert len({protector.token(BINDING) for _ in range(50)}) == 50


def test_every_character_counts(protector: CsrfProtector) -> None:
    """Changing or dropping any character makes the token invalid."""
    token = protector.token(BINDING)
    for place, character in enumerate(token):
        other = "A" if character != "A" else "B"
        assert not protector.valid(BINDING, token[:place] + other + token[place + 1 :])
        assert not protector.valid(BINDING, token[:place] + token[place + 1 :])


@given(st.text())
def test_any_text_is_answered_with_no(text: str) -> None:
    """Whatever a browser sends, the answer is no, never an exception."""
    assert not CsrfProtector(KEY).valid(BINDING, text)


def test_the_key_may_serve_other_purposes(protector: CsrfProtector) -> None:
    """A plain HMAC under the same key, as another part of VAD might hand out, is no CSRF token."""
    nonce = bytes(16)
    plain = hmac.digest(KEY, nonce + BINDING.encode(), hashlib.sha256)
    assert not protector.valid(BINDING, base64.urlsafe_b64encode(nonce + plain).decode().rstrip("="))


def test_mistakes_of_ours_are_refused(protector: CsrfProtector) -> None:
    """A short key and a token bound to nothing are programming errors."""
    with pytest.raises(ValueError, match="32 bytes"):
        CsrfProtector(KEY[:31])
    with pytest.raises(ValueError, match="cookie"):
        protector.token("")
