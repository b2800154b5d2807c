"""No decision and no page goes through a whole table: they cost with a million people what they cost with few."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.conftest import CacheServer, DatabaseServer
from tests.support.api_client import Household
from tests.support.backroom import Backroom
from tests.support.database import new_database
from tests.support.letters import Letters, birth_dates, stop
from tests.support.mandate_pages import at_home, authorised, log_in_for, offered
from tests.support.person import GERRIT_WITHOUT, HENDRIK, SAMIRA, Person, tokens
from tests.support.plans import Said, crowd, listening
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town, town
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_state import log_state
from vad.adapters.postgres.log_stream import PostgresLogStream
from vad.adapters.postgres.query import Statement
from vad.adapters.postgres.signals import PostgresSignalCounting
from vad.adapters.tlog.ed25519 import verify
from vad.bootstrap.foundation import lay_foundation
from vad.bootstrap.log_keeping import reading
from vad.bootstrap.upkeep import create_upkeep
from vad.domain.identifiers import GrantId, MandateId, PersonId, ResourceId, Sid, StaffId
from vad.domain.signal import Thresholds
from vad.domain.staff import StaffMember, StaffRole
from vad.services.log_inquiry import LogInquiry, life
from vad.services.log_wholeness import LogWholeness
from vad.services.mandate_inquiry import MandateInquiry
from vad.services.ports.log_search import LogFilter, MandateFilter
from vad.services.signal_counting import counted

pytestmark = pytest.mark.slow

SOURCE = "https://source.example"
HENDRIKS_NAME = "Hendrik Johannes van der Linden"


@pytest.fixture(scope="module")
def the_town(
    postgres: DatabaseServer,
    migrated_template: str,
    redis_server: CacheServer,
    server_directory: Path,
    overlay: Path,
) -> Iterator[Town]:
    """Give a town of this module's own, in which many people live whom nobody meets."""
    with (
        new_database(postgres, migrated_template) as database,
        town(server_directory / "crowded", database, redis_server.url, [overlay]) as built,
    ):
        crowd(database.superuser_url)
        yield built


@pytest.fixture
def said() -> Iterator[Said]:
    """Give what VAD says to PostgreSQL during one test."""
    with listening() as heard:
        yield heard


def fetch(rp: RelyingParty, source: RelyingParty, held: dict[str, str]) -> None:
    """Use these tokens in every way there is, to the end."""
    at_source = rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    assert source.introspect(at_source).json()["active"]
    assert rp.userinfo(held["access_token"]).status_code == 200
    refreshed = rp.refresh(held["refresh_token"]).json()
    assert rp.revoke(refreshed["refresh_token"]).status_code == 200
    assert not rp.introspect(refreshed["access_token"]).json()["active"]


def assert_indexed(said: Said, town: Town, *tables: str) -> None:
    """Nothing is gone through from end to end, and what was to be seen was there."""
    assert [table for table in tables if not said.about(table)] == []
    faults = said.faults(town.database.superuser_url)
    assert faults == [], "\n".join(faults)


def test_own_data(vad_town: Town, rp: RelyingParty, source: RelyingParty, person: Person, said: Said) -> None:
    """From the login to the last token: each statement finds its few rows by an index."""
    held = tokens(rp, person, (SOURCE,), "openid 48 51", SAMIRA)
    fetch(rp, source, held)
    person.answer = None
    again = rp.ask(resources=(SOURCE,), scope="openid 48 51")
    assert rp.redeem(again, person.authorize(again, SAMIRA, duration="until_stopped")).status_code == 200
    assert rp.redeem(again, person.authorize(rp.ask(resources=(SOURCE,), scope="openid 51"))).status_code == 400
    assert_indexed(said, vad_town, "persons", "consents", "grants", "audit_events", "blocks")


def test_acting_on_a_mandate(
    vad_town: Town,
    acting_rp: RelyingParty,
    source: RelyingParty,
    new_person: Callable[[], Person],
    backroom: Backroom,
    said: Said,
) -> None:
    """The same where somebody acts: from the offer to the token, and to the stop that ends all of it."""
    father, helper = new_person(), new_person()
    authorised((father, HENDRIK), (helper, SAMIRA), backroom, "48", "51")
    asked = acting_rp.ask(resources=(SOURCE,), scope="openid 48 51")
    log_in_for(acting_rp, helper, SAMIRA, HENDRIKS_NAME, asked)
    helper.press("acting-continue")
    helper.consent(duration="until_stopped")
    assert helper.answer is not None, helper.page.text
    fetch(acting_rp, source, acting_rp.redeem(asked, helper.answer["code"]).json())
    father.open(f"{vad_town.issuer}/mijn/machtigingen/gegeven")
    link = next(link for link in father.page.elements.values() if "/stoppen" in link.get("href", ""))
    father.open(f"{vad_town.issuer}{link['href']}")
    assert "De machtiging is gestopt." in father.press("stop").text
    assert_indexed(said, vad_town, "mandates", "permissions", "persons", "consents", "grants", "audit_events")


def test_a_mandate_by_letter(vad_town: Town, new_person: Callable[[], Person], backroom: Backroom, said: Said) -> None:
    """From the question to both letters, as the worker delivers them, and to the stop by who has no DigiD."""
    worker = create_upkeep(vad_town.settings)[0]
    letters = Letters(new_person(), backroom, vad_town, worker, birth_dates())
    letters.deliver()
    code = letters.given()
    assert stop(new_person(), code, letters.born[GERRIT_WITHOUT]).heading == "De machtiging is gestopt."
    assert len(letters.deliver()) == 1
    assert_indexed(said, vad_town, "mandate_letters", "mandates", "permissions", "persons", "outbox", "notices")


def test_what_apps_ask_of_the_api(
    vad_town: Town, new_person: Callable[[], Person], acting_rp: RelyingParty, backroom: Backroom, said: Said
) -> None:
    """An app lists, sees for whom one can act, prepares and stops; and a proof on paper."""
    household = Household(new_person(), new_person(), acting_rp, backroom)
    household.authorise("48", "51")
    father, helper = household.fathers(), household.helpers()
    (known,) = father.get("/mandates", role="represented", limit=1).json()["mandates"]
    assert helper.get(f"/mandates/{known['mandateId']}").status_code == 200
    assert len(helper.get("/representations").json()["people"]) == 1
    proof = household.helper.send("GET", f"/mijn/machtigingen/{known['mandateId']}/bewijs")
    assert proof.headers["Content-Type"] == "application/pdf"
    prepared = father.post("/offers", {"name": "Samira", "dataServices": ["48"], "apps": "this", "months": 6})
    assert household.father.open(prepared.json()["confirmUri"]).status == 200
    stopped = father.post(f"/mandates/{known['mandateId']}/revocations", {})
    assert stopped.json()["state"] == "revoked"
    assert_indexed(said, vad_town, "mandates", "permissions", "persons", "grants", "audit_events")


PAGES = (
    "/mijn/activiteit",
    "/mijn/activiteit?soort=access&van_day=1&van_month=1&van_year=2024",
    "/mijn/activiteit.csv",
    "/mijn/berichten",
    "/mijn/delen",
    "/mijn/delen/app",
    "/mijn/meldingen",
    "/mijn/machtigingen",
    "/mijn/machtigingen/gegeven",
    "/mijn/machtigingen/gekregen",
    "/mijn/ouders",
    "/mijn/sessies",
    "/mijn/toestemmingen",
)


def test_ones_own_pages(vad_town: Town, rp: RelyingParty, person: Person, said: Said) -> None:
    """Reading them, switching an app off, and stopping what it was given."""
    at_home(person, SAMIRA)
    for path in PAGES:
        assert person.open(f"{vad_town.issuer}{path}").status == 200, path
    offered(person, SAMIRA, "48", where="machtiging-vragen")
    tokens(rp, person, (SOURCE,), "openid 51", SAMIRA)
    person.open(f"{vad_town.issuer}/mijn/toestemmingen")
    form = next(form for form in person.page.forms if any(field.value == rp.client_id for field in form.fields))
    assert "De toestemming is gestopt." in person.press(form.buttons[0].identifier).text
    page = person.open(f"{vad_town.issuer}/mijn/delen/app")
    (box,) = (field for form in page.forms for field in form.fields if field.value == rp.client_id)
    assert "Het is uitgezet." in person.press("block-place", {box.identifier: True}).text
    assert "Het is weer aangezet." in person.press("lift-1").text
    person.log_out()
    assert_indexed(said, vad_town, "mandates", "consents", "audit_events", "blocks", "contacts")


def test_what_the_worker_looks_for(vad_town: Town, said: Said) -> None:
    """What the clock has ended is found by when it ends; who acts for many by an index that holds what is in force."""
    upkeep, _ = create_upkeep(vad_town.settings)
    assert upkeep.tidy(datetime.now(UTC)) == 0
    tables = ("mandates", "consents", "birthdays", "contacts", "notices", "audit_events")
    assert [table for table in tables if not said.about(table)] == []
    [fault, *others] = said.faults(vad_town.database.superuser_url)
    assert others == [], "\n".join(others)
    assert fault.startswith("Index Only Scan through all of ix_mandates_helpers")


def test_what_auditors_ask(vad_town: Town, backroom: Backroom, said: Said) -> None:
    """Each question about somebody or a mandate, over all there is; and those over a month."""
    now, member = datetime.now(UTC), StaffMember(StaffId(uuid4()), PersonId(uuid4()), frozenset({StaffRole.AUDITOR}))
    inquiry, since = LogInquiry(backroom.foundation.work), now - timedelta(days=40)
    [(mandate, one)] = backroom.ask("SELECT mandate_id, represented FROM mandates WHERE state = 'active' LIMIT 1")
    person, period = PersonId(UUID(str(one))), LogFilter(since=since, until=now)
    inquiry.search(member, period)
    for asked in ("person", "actor", "represented"):
        inquiry.search(member, replace(period, **{asked: person}))  # type: ignore[arg-type]
    inquiry.search(member, replace(period, staff=member.account))
    inquiry.search(member, life(MandateId(UUID(str(mandate))), since, now))
    inquiry.could_act(member, backroom.person_id(SAMIRA), now)
    with inquiry.work() as tx:
        tx.log_questions.assented(person, now)
    inquiry.refusals(member, since, now)
    inquiry.event(member, uuid4())
    inquiry.turning(member, now)
    inquiry.overdue(member, since, now)
    MandateInquiry(inquiry.work).search(member, MandateFilter(person=person))
    assert_indexed(said, vad_town, "audit_events", "mandates", "blocks", "birthdays", "assents")


def test_what_auditors_follow_through_the_log(vad_town: Town, backroom: Backroom, said: Said) -> None:
    """A source, a login, a grant, a cause, over all there is; with what is about whoever asks left out, and told of.

    What nobody has is the worst of them: it must not be sought among all that there is.
    """
    [(one, other)] = backroom.ask("SELECT represented, representative FROM mandates WHERE state = 'active' LIMIT 1")
    member = StaffMember(StaffId(uuid4()), PersonId(UUID(str(one))), frozenset({StaffRole.AUDITOR}))
    inquiry, now = LogInquiry(backroom.foundation.work), datetime.now(UTC)
    ever = LogFilter(since=now - timedelta(days=400), until=now)
    [(event,)] = backroom.ask("SELECT event_id FROM audit_events WHERE correlation_id = md5('77') LIMIT 1")
    inquiry.page(member, ever, None, 50)
    nobodys: dict[str, Any] = {
        "resource": ResourceId("https://nobody.example"),
        "sid": Sid("nobody's"),
        "grant_id": GrantId(uuid4()),
        "correlation_id": "nobody's",
        "actor": PersonId(UUID(str(other))),
    }
    for name, value in nobodys.items():
        inquiry.page(member, replace(ever, **{name: value}), None, 50)
    inquiry.page(member, replace(ever, person=nobodys["actor"], for_another=True), None, 50)
    found = inquiry.event(member, UUID(str(event)))
    assert found is not None
    assert len(inquiry.around(member, found)) == 0
    assert_indexed(said, vad_town, "audit_events")
    assert said.vain(vad_town.database.superuser_url, 1_000) == []


def test_what_is_looked_at_of_the_log_itself(vad_town: Town, said: Said) -> None:
    """Signals, (j) and the first events of (k), however much there is. Of what was thinned all hours are looked at."""
    now, database = datetime.now(UTC), Database(vad_town.database.superuser_url)
    work = lay_foundation(vad_town.settings, "admin", vad_town.database.superuser_url).work
    counted(PostgresSignalCounting(database), Thresholds(people=9_999), now)
    with work() as tx:
        assert len(tx.signals.handled([("wrong_codes", "nobody", "2001-01-01")])) == 0
        tx.signals.raised()
    member = StaffMember(StaffId(uuid4()), PersonId(uuid4()), frozenset({StaffRole.AUDITOR}))
    LogWholeness(work, partial(reading, database), [], verify).known(member, now)
    log_state(database)
    ever = LogFilter(since=now - timedelta(days=400), until=now, without=member.person)
    for wanted in (ever, replace(ever, person=member.person), replace(ever, resource=ResourceId("nobody's"))):
        with PostgresLogStream(database)() as moment:
            next(moment.events(wanted), None)
    (fault,) = said.faults(vad_town.database.superuser_url)
    assert fault.startswith("Index Only Scan through all of ix_mandates_helpers")
    with listening() as verifying, reading(database) as log:
        assert len(log.thinnings()) > 1_900
    (fault,) = verifying.faults(
        vad_town.database.superuser_url, "SET enable_hashjoin = off; SET enable_mergejoin = off"
    )
    assert fault.startswith("Seq Scan on log_thinnings")
    database.close()


def test_who_acts_for_many(vad_town: Town, backroom: Backroom, said: Said) -> None:
    """(i) reads an index of its own, which holds the mandates in force and nothing else; the table it leaves alone."""
    member = StaffMember(StaffId(uuid4()), PersonId(uuid4()), frozenset({StaffRole.AUDITOR}))
    LogInquiry(backroom.foundation.work).helpers(member, 2)
    (fault,) = said.faults(vad_town.database.superuser_url)
    assert fault.startswith("Index Only Scan through all of ix_mandates_helpers")


def test_the_judge_sees_what_has_no_index(vad_town: Town) -> None:
    """A statement that looks for persons by what no index knows is found out."""
    said = Said()
    said.add([Statement("SELECT person_id FROM persons WHERE created_at > %(at)s", {"at": "2999-01-01"})])
    (fault,) = said.faults(vad_town.database.superuser_url)
    assert fault.startswith("Seq Scan on persons")
