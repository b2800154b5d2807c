"""The `sub` of a former provider, wherever an app brings it back: in a hint, at logging out, and in what it is told."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from tests.support.backroom import Backroom
from tests.support.ministry import OPEN, DvpProxy
from tests.support.person import PIETER, Person
from tests.support.relying_party_client import claims_of
from tests.support.town import Town

CHANGE = "UPDATE clients SET backchannel_logout_uri = %s WHERE client_id = %s"


@pytest.fixture
def older(vad_town: Town) -> DvpProxy:
    """Give the app that had people's accounts at the former provider."""
    return DvpProxy(vad_town.issuer, OPEN)


@pytest.fixture
def told(vad_town: Town, backroom: Backroom) -> Iterator[None]:
    """Have that app told of logging out, for as long as the test lasts."""
    _change(vad_town, backroom, "https://rp.example/logged-out")
    yield
    _change(vad_town, backroom, "")
    backroom.ask("DELETE FROM outbox WHERE payload ->> 'client_id' = %s", OPEN)


def _change(town: Town, backroom: Backroom, address: str) -> None:
    backroom.ask(CHANGE, address, OPEN)
    backroom.ask("UPDATE configuration_version SET version = version + 1")
    town.app.extensions["vad.services"].registrations.check()


def test_a_hint_names_who_is_there(vad_town: Town, older: DvpProxy, person: Person, backroom: Backroom) -> None:
    """The person of the hint goes on without a page; in somebody else's session they have to log in."""
    hint = older.log_in(person, duration="until_stopped")["id_token"]
    other = Person(vad_town, "rp.example")
    older.log_in(other, bsn=PIETER, duration="until_stopped")
    for who, expected in ((person, None), (other, "login_required")):
        who.answer = None
        who.open(older.ask(id_token_hint=hint, prompt="none").url)
        answer: dict[str, str] = who.answer or {}
        assert answer.get("error") == expected
        assert ("code" in answer) is (expected is None)
    person.answer = None
    # The same by the `claims` parameter (OIDC Core 5.5.1).
    wanted = json.dumps({"id_token": {"sub": {"value": claims_of(hint)["sub"]}}})
    person.open(older.ask(claims=wanted, prompt="none").url)
    assert "code" in (person.answer or {})
    backroom.forget_consents()


@pytest.mark.usefixtures("told")
def test_logging_out_by_it(vad_town: Town, older: DvpProxy, person: Person, backroom: Backroom) -> None:
    """The app's own hint logs out at once, and what the app is then told names the person as it knows them."""
    hint = older.log_in(person)["id_token"]
    answer = person.send("GET", f"/logout?{urlencode({'id_token_hint': hint})}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/uitgelogd")
    assert "vad_session" not in person.cookies
    queued = "SELECT payload FROM outbox WHERE kind = 'backchannel-logout' AND payload ->> 'client_id' = %s"
    [(message,)] = backroom.ask(queued, OPEN)
    claims = claims_of(hint)
    assert (message["sub"], message["sid"]) == (claims["sub"], claims["sid"])
