"""Stopping a consent on its page (P14) counts within the same second wherever VAD is asked (rule 3), over HTTP."""

import time
from collections.abc import Callable

import pytest

from tests.support.person import Person, tokens
from tests.support.relying_party_client import RelyingParty
from tests.web.oidc.inside import SOURCE


@pytest.mark.parametrize("asked", ["refresh", "exchange", "introspection", "userinfo"])
def test_a_stopped_consent_counts_at_once(rp: RelyingParty, source: RelyingParty, person: Person, asked: str) -> None:
    """What worked before the person pressed the button is refused by the answer after it, within a second."""
    held = tokens(rp, person, (SOURCE,), "openid 48 51")
    at_source = rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    assert source.introspect(at_source).json()["active"]
    assert rp.userinfo(held["access_token"]).status_code == 200
    person.open(f"{person.town.issuer}/mijn/toestemmingen")
    form = next(form for form in person.page.forms if any(field.value == "rp-one" for field in form.fields))
    began = time.monotonic()
    person.press(form.buttons[0].identifier)
    refusals: dict[str, Callable[[], bool]] = {
        "refresh": lambda: bool(rp.refresh(held["refresh_token"]).json().get("error") == "invalid_grant"),
        "exchange": lambda: bool(rp.exchange(held["access_token"], SOURCE).json().get("error") == "invalid_grant"),
        "introspection": lambda: bool(source.introspect(at_source).json() == {"active": False}),
        "userinfo": lambda: rp.userinfo(held["access_token"]).status_code == 401,
    }
    assert refusals[asked]()
    assert time.monotonic() - began < 1
