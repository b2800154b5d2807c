"""RP-Initiated Logout OP and Back-Channel Logout OP, each module as its plan plays it."""

import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.conformance.answers import declined
from tests.conformance.playing import plays
from tests.support.backroom import Backroom
from tests.support.logout_receiver import LogoutReceiver
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty, claims_of, new_key, sign
from tests.support.town import Town
from tests.support.town_fixtures import LOGGED_OUT
from vad.bootstrap.upkeep import create_upkeep

OURS = LOGGED_OUT[0]
LONG = secrets.token_urlsafe(96)
"""A state of 128 characters."""
EVENT = "http://schemas.openid.net/event/backchannel-logout"
RIL = "oidcc-rp-initiated-logout"


def logged_out(rp: RelyingParty, person: Person) -> bool:
    """Whether a request with `prompt=none` now needs the person, as each module ends that logs them out."""
    person.answer = None
    asked = rp.ask(prompt="none")
    person.open(asked.url)
    answer: dict[str, str] = person.answer or {}
    return "code" not in answer and declined(rp.issuer, answer, asked) == "login_required"


def id_token(rp: RelyingParty, person: Person) -> str:
    """That of a login by this app."""
    asked = rp.ask()
    return str(rp.redeem(asked, person.authorize(asked, duration="until_stopped")).json()["id_token"])


def come(rp: RelyingParty, person: Person, **asked: str | None) -> None:
    """Bring the person to the end session endpoint, and go on wherever that leads."""
    person.answer = None
    present = {name: value for name, value in asked.items() if value is not None}
    person.open(f"{rp.issuer}/logout?{urlencode(present)}")


@plays(RIL, f"{RIL}-no-state")
def test_oidcc_rp_initiated_logout(rp: RelyingParty, person: Person, module: str) -> None:
    """Back at the app with the state as it was, or without one; and logged out."""
    state = LONG if module == RIL else None
    come(rp, person, id_token_hint=id_token(rp, person), post_logout_redirect_uri=OURS, state=state)
    assert person.answer == ({} if state is None else {"state": state})
    assert logged_out(rp, person)


@plays(f"{RIL}-no-post-logout-redirect-uri")
def test_nowhere_to_go_back_to(rp: RelyingParty, person: Person) -> None:
    """The page of VAD says it; nobody is sent anywhere."""
    come(rp, person, id_token_hint=id_token(rp, person), state=LONG)
    assert (person.page.heading, person.answer) == ("U bent uitgelogd", None)
    assert logged_out(rp, person)


@plays(f"{RIL}-no-params", f"{RIL}-only-state")
def test_the_person_says_yes(rp: RelyingParty, person: Person, module: str) -> None:
    """Whoever comes without a hint is asked, and then reads that they are logged out."""
    id_token(rp, person)
    come(rp, person, state=LONG if module.endswith("state") else None)
    assert person.press("logout-confirm").heading == "U bent uitgelogd"
    assert person.answer is None
    assert logged_out(rp, person)


WRONG = {
    f"{RIL}-bad-post-logout-redirect-uri": f"{OURS}/x",
    f"{RIL}-query-added-to-post-logout-redirect-uri": f"{OURS}?foo=bar",
}


@plays(*WRONG)
def test_an_address_that_is_not_registered(rp: RelyingParty, visitor: Person, module: str) -> None:
    """A page that says so; nobody is sent anywhere or logged out."""
    come(rp, visitor, id_token_hint=id_token(rp, visitor), post_logout_redirect_uri=WRONG[module], state=LONG)
    assert (visitor.page.status, visitor.answer) == (400, None)
    assert not logged_out(rp, visitor)


@plays(f"{RIL}-no-id-token-hint")
def test_oidcc_rp_initiated_logout_no_id_token_hint(rp: RelyingParty, visitor: Person) -> None:
    """An address to go back to, of an app that is not named: a page, and nobody is sent anywhere or logged out."""
    id_token(rp, visitor)
    come(rp, visitor, post_logout_redirect_uri=OURS, state=LONG)
    assert (visitor.page.status, visitor.answer) == (400, None)
    assert not logged_out(rp, visitor)


@plays(f"{RIL}-modified-id-token-hint", f"{RIL}-bad-id-token-hint")
def test_a_hint_that_is_none(rp: RelyingParty, visitor: Person, module: str) -> None:
    """Its signature taken away (`none`), or that of another: a page says so, and nothing leads back."""
    good = id_token(rp, visitor)
    hint = f"eyJhbGciOiJub25lIn0.{good.split('.')[1]}."
    if module == f"{RIL}-bad-id-token-hint":
        hint = sign(claims_of(good), new_key("another", use="sig", alg="ES256"))
    come(rp, visitor, id_token_hint=hint, post_logout_redirect_uri=OURS, state=LONG)
    assert (visitor.page.status, visitor.answer, OURS in visitor.page.text) == (400, None, False)
    assert not logged_out(rp, visitor)


@pytest.fixture
def told(backroom: Backroom, logout_receiver: LogoutReceiver) -> Iterator[LogoutReceiver]:
    """Give the place where apps hear it, with nothing left of other tests."""
    backroom.ask("DELETE FROM outbox")
    logout_receiver.reset()
    yield logout_receiver
    backroom.ask("DELETE FROM outbox")
    logout_receiver.reset()


@plays("oidcc-backchannel-rp-initiated-logout")
def test_oidcc_backchannel_rp_initiated_logout(
    vad_town: Town, rp: RelyingParty, person: Person, told: LogoutReceiver
) -> None:
    """The app is told by a logout token of that login, and the person is back at it with its state, and logged out."""
    hint = id_token(rp, person)
    come(rp, person, id_token_hint=hint, post_logout_redirect_uri=OURS, state=LONG)
    assert person.answer == {"state": LONG}
    assert create_upkeep(vad_town.settings)[0].deliver(datetime.now(UTC)).taken == 1
    ((form,),) = told.told.values()
    assert set(form) == {"logout_token"}
    known = KeySet.import_key_set(requests.get(f"{vad_town.issuer}/jwks", timeout=20).json())
    read = jwt.decode(form["logout_token"], known, algorithms=["ES256", "RS256"])
    said: dict[str, Any] = dict(read.claims)
    assert read.header["typ"] == "logout+jwt"
    assert {name: said[name] for name in ("iss", "aud", "events")} == {
        "iss": vad_town.issuer,
        "aud": rp.client_id,
        "events": {EVENT: {}},
    }
    assert {name: said[name] for name in ("sub", "sid")} == {name: claims_of(hint)[name] for name in ("sub", "sid")}
    assert (bool(said["jti"]), "nonce" in said) == (True, False)
    assert time.time() - 60 < said["iat"] <= time.time() + 1 < said["exp"]
    assert logged_out(rp, person)
