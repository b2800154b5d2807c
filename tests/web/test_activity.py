"""Page P13 (rules 40 and 42): people see what was done with their access, and nothing of anybody else's."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.support.backroom import Backroom
from tests.support.person import FROUKE, PIETER, SAMIRA, Person, tokens
from tests.support.relying_party_client import RelyingParty
from tests.web.presentation import words

pytestmark = pytest.mark.slow

SOURCE = "https://source.example"
NONE = "\N{EN DASH}"
"""What the page shows where there is nothing to show."""


def activity(person: Person, bsn: str | None = None) -> list[list[str]]:
    """The lines of the page: date and time, what happened, who, for whom, app, organisation, ground, result."""
    page = person.open(f"{person.town.issuer}/mijn/activiteit")
    if bsn is not None and "login-submit" in page.elements:
        page = person.log_in(bsn)
    assert page.heading == "Wie heeft mijn gegevens bekeken?"
    body = page.text.partition("<tbody")[2].partition("</tbody>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body.split("<tr")[1:]]
    return [[words(cell) for cell in row] for row in rows]


def test_everything_of_a_journey_is_there_newest_first(rp: RelyingParty, person: Person) -> None:
    """Login, consent and tokens, with app, organisation and ground by name (rule 42)."""
    own = tokens(rp, person, (SOURCE,), "openid 51", SAMIRA)
    assert rp.exchange(own["access_token"], SOURCE).status_code == 200
    lines = activity(person)
    assert [line[1:] for line in lines[:4]] == [
        [
            "App kreeg toegang",
            "U",
            "Uzelf",
            "Test rp-one",
            "Laboratorium Noord",
            "Het zijn uw eigen gegevens",
            "Gelukt",
        ],
        ["Ingelogd bij de app", "U", "Uzelf", "Test rp-one", NONE, "Het zijn uw eigen gegevens", "Gelukt"],
        ["Toestemming gegeven", "U", "Uzelf", "Test rp-one", "Laboratorium Noord", NONE, "Gelukt"],
        ["Ingelogd met DigiD", "U", "Uzelf", "Test rp-one", NONE, NONE, "Gelukt"],
    ]


def test_refusals_are_there_too(rp: RelyingParty, person: Person) -> None:
    """Saying no to an app is something that happened."""
    person.open(rp.ask(resources=(SOURCE,), scope="openid 51").url)
    person.log_in(SAMIRA)
    person.press("consent-refuse")
    happened = [(line[1], line[7]) for line in activity(person)[:2]]
    assert set(happened) == {("Geen toestemming gegeven", "Geweigerd"), ("App niet toegelaten", "Geweigerd")}


def test_one_sees_oneself_alone(
    rp: RelyingParty, other_rp: RelyingParty, new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """What another person does in the same moment, with another app, is not on my page."""
    pieter, frouke = new_person(), new_person()
    before = len(activity(pieter, PIETER))
    tokens(other_rp, frouke, (SOURCE,), "openid 51", FROUKE)
    assert len(activity(pieter)) == before
    shown = {row["event_id"] for row in backroom.events("activity.viewed")}
    assert len(shown) == 2


def test_looking_is_logged_before_anything_is_shown(person: Person, backroom: Backroom) -> None:
    """Rule 40: each look is an event of its own, with the session it was made in."""
    activity(person, SAMIRA)
    activity(person)
    viewed = backroom.events("activity.viewed")
    (login,) = backroom.events("login.succeeded")
    assert len(viewed) == 2
    for event in viewed:
        assert event["actor"] == event["represented"] == str(backroom.person_id(SAMIRA))
        assert event["sid"] == login["sid"]


def test_one_logs_in_first(person: Person, backroom: Backroom) -> None:
    """Without a session: the login page, nothing shown, nothing logged."""
    for path in ("/mijn/activiteit", "/mijn"):
        page = person.open(f"{person.town.issuer}{path}")
        assert page.heading == "Inloggen bij VAD"
        assert "<table" not in page.text
    assert backroom.events("activity.viewed") == []


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (15, 303), (16, 303)])
def test_a_quarter_of_an_hour_without_a_request_ends_it(
    person: Person, backroom: Backroom, minutes: int, status: int
) -> None:
    """Rule 36: 15 minutes without a request of the person, and one logs in again."""
    activity(person, SAMIRA)
    cookie = person.cookies["vad_session"]
    backroom.change_session(cookie, last_active=datetime.now(UTC) - timedelta(minutes=minutes))
    answer = person.send("GET", "/mijn/activiteit")
    assert answer.status_code == status
    if status == 303:
        assert urlsplit(answer.headers["Location"]).path == "/inloggen"


def test_two_hours_after_the_login_it_ends(person: Person, backroom: Backroom) -> None:
    """Rule 36: however busy the person is, the session ends two hours after DigiD."""
    activity(person, SAMIRA)
    cookie = person.cookies["vad_session"]
    now = datetime.now(UTC)
    backroom.change_session(cookie, auth_time=now - timedelta(hours=1, minutes=59))
    assert person.send("GET", "/mijn/activiteit").status_code == 200
    backroom.change_session(cookie, auth_time=now - timedelta(hours=2), last_active=now - timedelta(minutes=1))
    assert person.send("GET", "/mijn/activiteit").status_code == 303


def test_what_happened_by_itself_was_done_by_nobody(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """A consent that lapsed was ended by nobody; the worker writes its event once, and the page says so."""
    bsn = SAMIRA
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    person.authorize(asked, bsn, duration="until_stopped")
    upkeep = backroom.upkeep()
    while upkeep.record_lapsed_consents(datetime.now(UTC)):
        pass
    backroom.ask(
        "UPDATE consents SET given_at = now() - interval '200 days', until = now() - interval '1 second'"
        " WHERE person_id = %s AND duration = 'until_stopped' AND withdrawn_at IS NULL AND NOT lapse_recorded",
        str(backroom.person_id(bsn)),
    )
    at = datetime.now(UTC)
    assert [upkeep.record_lapsed_consents(at) for _ in range(2)] == [1, 0]
    (event,) = backroom.events("consent.lapsed")
    assert (event["actor"], event["represented"]) == (None, str(backroom.person_id(bsn)))
    assert (event["client_id"], event["resource"]) == ("rp-one", SOURCE)
    line = activity(person)[0][1:]
    assert line == ["Toestemming vanzelf gestopt", NONE, "Uzelf", "Test rp-one", "Laboratorium Noord", NONE, "Gelukt"]
