"""A person's sessions while Redis is away: nothing is shown, stopped, renewed or kept, and nothing says so."""

import pytest

from tests.support.backroom import Backroom
from tests.support.consent_page import reach
from tests.support.own_stores import Stores
from tests.support.person import FROUKE, PIETER, Person, tokens
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town

pytestmark = pytest.mark.slow

LAB = "https://source.example"
AWAY = "VAD werkt nu even niet"


@pytest.fixture
def here(vad_town: Town, rp: RelyingParty, person: Person) -> Person:
    """Give Pieter at the page with his sessions; the app of this one has tokens."""
    tokens(rp, person, (LAB,), "openid 51", PIETER)
    person.open(f"{vad_town.issuer}/mijn/sessies")
    return person


def test_no_list_is_shown(here: Person, stores: Stores) -> None:
    """Least of all an empty one: that would say that nobody else is logged in."""
    stores.redis.kill()
    answer = here.send("GET", "/mijn/sessies")
    assert (answer.status_code, AWAY in answer.text) == (503, True)
    assert "nergens anders" not in answer.text


@pytest.mark.parametrize("chosen", [{"sid": "x"}, {"action": "others"}])
def test_nothing_is_stopped(
    here: Person, stores: Stores, rp: RelyingParty, backroom: Backroom, chosen: dict[str, str]
) -> None:
    """503, no event, and the grants go on: what was not stopped is not said to have been."""
    own = tokens(rp, here, (LAB,), "openid 51", PIETER)
    here.open(f"{here.town.issuer}/mijn/sessies")
    form = {"csrf_token": here.filled_in("logout")["csrf_token"], **chosen}
    stores.redis.kill()
    answer = here.send("POST", "/mijn/sessies", form)
    assert (answer.status_code, AWAY in answer.text) == (503, True)
    assert backroom.events("session.ended") == []
    stores.redis.start()
    assert rp.refresh(own["refresh_token"]).status_code == 200


def test_nobody_is_renewed(here: Person, stores: Stores) -> None:
    """503: neither that the login goes on nor that it is gone; the button can be pressed again."""
    stores.redis.kill()
    assert here.send("POST", "/auth/session/renew").status_code == 503
    assert here.send("GET", "/verlopen?pagina=sessies").status_code == 503
    stores.redis.start()
    assert here.send("POST", "/auth/session/renew").status_code == 410


@pytest.mark.parametrize("action", ["give", "keep"])
def test_nothing_is_said_to_have_been_kept(
    rp: RelyingParty, person: Person, stores: Stores, backroom: Backroom, action: str
) -> None:
    """A form whose time is over meets no Redis: 503, and no page that promises anything."""
    backroom.forget_consents()
    reach(person, rp, (LAB,), FROUKE)
    form = person.filled_in("consent-give") | {"source": [LAB], "duration": ["once"], "action": [action]}
    stores.redis.kill()
    answer = person.send("POST", person.page.url, form)
    assert (answer.status_code, "bewaard" in answer.text) == (503, False)
    assert backroom.events("consent.given") == []
