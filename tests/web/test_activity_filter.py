"""Page P13 (rule 42): people look for what they want to see, by pages, and take it away as a file."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest

from tests.support.backroom import Backroom
from tests.support.person import PIETER, Person
from tests.support.plans import listening
from tests.web.presentation import words
from vad.domain.audit import AuditEvent, AuthorizationRefused, ConsentGiven, LoginSucceeded, TokenIssued
from vad.domain.audit_keys import KeysCreated
from vad.domain.ground import Basis
from vad.domain.identifiers import ClientId, PersonId, ResourceId, StaffId
from vad.domain.mandate_events import MandateApproved

pytestmark = pytest.mark.slow

BSN = "999990706"
"""Nobody else in the tests is this person, so what is written here is all there is."""
SOURCE, OTHER_SOURCE = ResourceId("https://source.example"), ResourceId("https://south.example")
APP, OTHER_APP = ClientId("rp-one"), ClientId("rp-two")
PAGE = "/mijn/activiteit"
NOON = datetime.now(UTC).replace(hour=11, minute=0, second=0, microsecond=0) - timedelta(days=3)


Write = Callable[..., None]


@pytest.fixture
def me(person: Person, backroom: Backroom) -> Iterator[PersonId]:
    """Give who is logged in, about whom the log says nothing else."""
    person.open(f"{person.town.issuer}{PAGE}")
    person.log_in(BSN)
    found = backroom.person_id(BSN)
    forget(backroom, found)
    yield found
    forget(backroom, found)


@pytest.fixture
def write(backroom: Backroom) -> Write:
    """Give a function that writes events into the log, one second after another from some moment on."""

    def written(at: datetime, *events: AuditEvent) -> None:
        with backroom.foundation.work() as tx:
            for number, event in enumerate(events):
                tx.audit.append(event, at=at + timedelta(seconds=number))
            tx.commit()

    return written


def forget(backroom: Backroom, person: PersonId) -> None:
    """Let the log say nothing of somebody."""
    backroom.ask(
        "ALTER TABLE audit_events DISABLE TRIGGER append_only_rows;"
        " DELETE FROM audit_events WHERE actor = %s OR represented = %s;"
        " ALTER TABLE audit_events ENABLE ALWAYS TRIGGER append_only_rows",
        str(person),
        str(person),
    )


def token(person: PersonId, client: ClientId = APP, source: ResourceId = SOURCE) -> TokenIssued:
    """A token for one's own data."""
    return TokenIssued(actor=person, represented=person, client_id=client, resource=source, basis=Basis.SELF)


def shown(person: Person, **filtered: str) -> list[str]:
    """What happened, line by line, of the page with this filter."""
    answer = person.send("GET", PAGE, params=filtered)
    assert answer.status_code == 200
    cells = re.findall(r'<td[^>]*aria-colindex="2">(.*?)</td>', answer.text, re.DOTALL)
    return [words(cell) for cell in cells]


def choices(person: Person, field: str) -> dict[str, str]:
    """What can be chosen in this field: the names, with the handle of each."""
    text = person.send("GET", PAGE).text
    (select,) = re.findall(rf'<select[^>]*name="{field}".*?</select>', text, re.DOTALL)
    return {name.strip(): handle for handle, name in re.findall(r'<option value="([^"]*)"[^>]*>(.*?)</option>', select)}


def test_looking_for_app_source_kind_and_result(person: Person, me: PersonId, write: Write) -> None:
    """Each filter leaves out all the rest, and two of them together do so as well."""
    write(
        NOON,
        token(me),
        token(me, OTHER_APP),
        token(me, APP, OTHER_SOURCE),
        ConsentGiven(actor=me, represented=me, client_id=APP, resource=SOURCE),
        AuthorizationRefused(actor=me, represented=me, client_id=APP, reason="BLOCKED"),
    )
    apps, sources = choices(person, "app"), choices(person, "bron")
    assert set(apps) == {"Alles", "Test rp-one", "Test rp-two"}
    assert len(shown(person)) == 5
    assert len(shown(person, app=apps["Test rp-two"])) == 1
    assert len(shown(person, bron=sources["Laboratorium Noord"])) == 3
    assert shown(person, soort="consent") == ["Toestemming gegeven"]
    assert shown(person, resultaat="refused") == ["App niet toegelaten"]
    assert shown(person, soort="access", resultaat="success", bron=sources["Laboratorium Noord"]) == [
        "App kreeg toegang",
        "App kreeg toegang",
    ]
    assert shown(person, soort="parents") == []
    assert len(shown(person, app="no-such-thing", soort="nonsense", na="!")) == 5


def test_looking_for_a_person(person: Person, me: PersonId, write: Write, backroom: Backroom) -> None:
    """Done by oneself; or by somebody else for oneself, and by oneself for them. Nobody else's events, ever."""
    other, stranger = backroom.person_id("999990457"), PersonId(uuid4())
    write(
        NOON,
        token(me),
        TokenIssued(actor=other, represented=me, client_id=APP, basis=Basis.MANDATE),
        TokenIssued(actor=me, represented=other, client_id=APP, basis=Basis.MANDATE),
        TokenIssued(actor=other, represented=stranger, client_id=APP),
        ConsentGiven(actor=other, represented=other, client_id=APP),
    )
    handles = choices(person, "persoon")
    (name,) = set(handles) - {"Alles", "Uzelf"}
    assert len(shown(person)) == 3
    assert len(shown(person, persoon=handles["Uzelf"])) == 2
    assert len(shown(person, persoon=handles[name])) == 2


def test_what_staff_did(person: Person, me: PersonId, write: Write) -> None:
    """Looking at somebody's record is seen by that person, whatever type of event it has; also by itself."""
    member = StaffId(uuid4())
    write(NOON, token(me), MandateApproved(staff=member, represented=me), KeysCreated(staff=member, represented=me))
    write(NOON, MandateApproved(staff=member, represented=PersonId(uuid4())), KeysCreated(represented=me))
    assert shown(person, soort="staff") == ["Uw gegevens bekeken", "Wettelijke vertegenwoordiging begonnen"]
    assert len(shown(person)) == 3
    answer = person.send("GET", PAGE, params={"soort": "staff"}).text
    assert answer.count("Een medewerker van VAD") == 2
    assert str(member) not in answer
    assert [event["staff"] for event in events(person)] == [True, True, False]


def test_the_address_says_nothing_of_anybody(person: Person, me: PersonId, write: Write, backroom: Backroom) -> None:
    """No id of a person, an app or an organisation stands in a filter; each person has handles of their own."""
    other = backroom.person_id("999990457")
    write(NOON, token(me), TokenIssued(actor=other, represented=me, client_id=APP, resource=SOURCE))
    handles = [
        *choices(person, "persoon").values(),
        *choices(person, "app").values(),
        *choices(person, "bron").values(),
    ]
    for told in (str(me), str(other), APP, SOURCE):
        assert all(told not in handle for handle in handles)
    assert all(re.fullmatch(r"[0-9a-f-]{36}|", handle) for handle in handles)


def test_a_period(person: Person, me: PersonId, write: Write) -> None:
    """Whole days in the Netherlands, years back; the last 90 days where nothing is said."""
    old = datetime(2024, 3, 31, 0, 30, tzinfo=UTC)  # 02:30 in the Netherlands, minus nothing: the clock had not changed
    write(old, LoginSucceeded(actor=me, represented=me))
    write(datetime(2024, 3, 30, 22, 59, tzinfo=UTC), ConsentGiven(actor=me, represented=me))
    day = {
        "van_day": "31",
        "van_month": "3",
        "van_year": "2024",
        "tot_day": "31",
        "tot_month": "03",
        "tot_year": "2024",
    }
    assert shown(person) == []
    assert shown(person, **day) == ["Ingelogd met DigiD"]
    assert shown(person, **day | {"van_day": "30"}) == ["Ingelogd met DigiD", "Toestemming gegeven"]
    assert shown(person, van_day="1", van_month="1", van_year="2024") == ["Ingelogd met DigiD", "Toestemming gegeven"]
    for wrong in (day | {"van_day": "32"}, day | {"tot_year": ""}, day | {"van_day": "³"}, day | {"tot_day": "30"}):
        answer = person.send("GET", PAGE, params=wrong)
        assert answer.status_code == 400
        assert "Er gaat iets mis" in answer.text
    future = person.send("GET", PAGE, params={"van_day": "1", "van_month": "1", "van_year": "2999"})
    assert (future.status_code, "niet in de toekomst" in future.text) == (400, True)


def test_the_same_on_one_day_is_one_line(person: Person, me: PersonId, write: Write) -> None:
    """Repeated tokens of one app at one source on one day fold into a line that opens; others stand apart."""
    write(NOON, token(me), token(me), token(me), token(me, OTHER_APP))
    write(NOON - timedelta(days=1), token(me), LoginSucceeded(actor=me), LoginSucceeded(actor=me))
    text = person.send("GET", PAGE).text
    assert len(shown(person)) == 5
    (folded,) = re.findall(r'<details class="vad-more">(.*?)</details>', text, re.DOTALL)
    assert "Nog op deze dag: 2" in folded
    assert folded.count("<time") == 2


def test_pages_and_the_file_hold_each_event_once(person: Person, me: PersonId, write: Write) -> None:
    """Also where many events have the same moment; a page and a file are an event each, logged before it is given."""
    with_reason = [LoginSucceeded(actor=me, represented=me, reason=f"n{number}") for number in range(230)]
    for _ in range(2):
        write(NOON, *with_reason)
    seen, address = 0, PAGE
    for _ in range(5):
        answer = person.send("GET", address)
        seen += answer.text.count("Ingelogd met DigiD")
        older = re.search(r'id="older" href="([^"]+)"', answer.text)
        assert ('id="newest"' in answer.text) is (address != PAGE)
        if older is not None:
            address = older.group(1).replace("&amp;", "&")
    assert (seen, older) == (460, None)
    reasons = [event["reason"] for event in events(person)]
    assert sorted(reasons) == sorted([f"n{number}" for number in range(230)] * 2)
    assert reasons[:2] == ["n229", "n229"]


def events(person: Person, **filtered: str) -> list[dict[str, Any]]:
    """The events of the JSON file."""
    answer = person.send("GET", f"{PAGE}.json", params=filtered)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    found: list[dict[str, Any]] = json.loads(answer.content)["events"]
    return found


def test_both_files_hold_what_the_filter_shows(person: Person, me: PersonId, write: Write, backroom: Backroom) -> None:
    """UTF-8, the same filter, the names of the page; taking one away is an event that the page shows."""
    write(NOON, token(me), token(me, OTHER_APP))
    app = choices(person, "app")["Test rp-two"]
    (event,) = events(person, app=app)
    assert event["who"] == {"you": True, "name": None}
    assert (event["app"], event["source"], event["ground"]) == ("Test rp-two", "Laboratorium Noord", "self")
    answer = person.send("GET", f"{PAGE}.csv", params={"app": app})
    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert 'filename="activiteit.csv"' in answer.headers["Content-Disposition"]
    header, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert header[:3] == ["Datum en tijd", "Wat gebeurde er?", "Wie"]
    assert row[1:8] == [
        "App kreeg toegang", "U", "Uzelf", "Test rp-two", "Laboratorium Noord", "Het zijn uw eigen gegevens", "Gelukt"
    ]  # fmt: skip
    assert row[8] == event["id"]
    taken = backroom.events("activity.downloaded")
    assert [(each["actor"], each["evidence"]) for each in taken] == [
        (str(me), {"format": "json"}),
        (str(me), {"format": "csv"}),
    ]
    assert shown(person, soort="account") == ["Deze lijst gedownload"] * 2


@pytest.mark.parametrize("evil", ['=HYPERLINK("https://evil.example")', "+1", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_no_cell_of_the_file_is_a_formula(person: Person, me: PersonId, write: Write, evil: str) -> None:
    """An app that is not registered any more stands there by its id, which somebody may have chosen with care."""
    write(NOON, token(me, ClientId(evil)))
    answer = person.send("GET", f"{PAGE}.csv").content.decode("utf-8-sig")
    _, row = csv.reader(io.StringIO(answer, newline=""))
    assert row[4] == f"'{evil}"


def test_a_page_costs_three_statements_about_the_log(person: Person, me: PersonId, write: Write) -> None:
    """Who occurs, the events, and that somebody looked: however many there are."""
    write(NOON, *[token(me) for _ in range(50)])
    with listening() as said:
        assert len(shown(person)) == 1
    assert len(said.about("audit_events")) == 3


def test_a_file_of_many_events_is_read_in_pieces(person: Person, me: PersonId, backroom: Backroom) -> None:
    """However many there are, no more of them are in memory than one piece, by three kinds of statement."""
    backroom.ask(
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, represented, evidence)"
        " SELECT gen_random_uuid(), now() - n * interval '1 minute', 'token.issued', 'success', %s, %s, '{}'"
        " FROM generate_series(1, 1700) AS n",
        str(me),
        str(me),
    )
    with listening() as said:
        found = events(person)
    assert len(said.about("audit_events")) == 3
    assert len(found) == len({event["id"] for event in found}) == 1700
    assert found == sorted(found, key=lambda event: event["at"], reverse=True)


def test_too_many_files_in_a_minute(person: Person) -> None:
    """Whoever asks for file after file is told to wait: each is a walk through the log."""
    person.open(f"{person.town.issuer}{PAGE}")
    person.log_in(PIETER)
    statuses = {person.send("GET", f"{PAGE}.csv").status_code for _ in range(61)}
    assert statuses == {200, 429}


def test_nobody_gets_a_file_without_a_login(person: Person) -> None:
    """They log in first, and nothing of the filter is in the address that leads there."""
    answer = person.send("GET", f"{PAGE}.json", params={"app": str(uuid4())})
    assert answer.status_code == 303
    assert dict(parse_qsl(urlsplit(answer.headers["Location"]).query)) == {"pagina": "activiteit"}
