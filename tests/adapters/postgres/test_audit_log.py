"""The audit log: append-only for everybody, whole or absent with what it describes (rules 39 to 42)."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg2
import pytest

from tests.adapters.postgres.postgres_records import AT, HOSPITAL, PGO, logged_about
from tests.conftest import DatabaseServer
from tests.support.database import FreshDatabase, ask, new_database
from vad.adapters.postgres.audit_months import AuditMonths
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.audit import ActivityViewed, LoginSucceeded, TokenIssued
from vad.domain.commitment import commitment
from vad.domain.ground import Basis
from vad.domain.identifiers import GrantId, PersonId, Sid, StaffId
from vad.services.correlation import Correlation, correlated


@pytest.fixture
def person(work: PostgresWork) -> PersonId:
    """Give a person about whom the log holds one event."""
    person = PersonId(uuid4())
    with work() as tx:
        tx.audit.append(LoginSucceeded(actor=person, represented=person, sid=Sid("s")), at=AT)
        tx.commit()
    return person


@pytest.mark.parametrize("statement", ["UPDATE audit_events SET reason = 'x'", "DELETE FROM audit_events"])
def test_nobody_changes_or_removes_an_event(database: FreshDatabase, person: PersonId, statement: str) -> None:
    """UPDATE and DELETE are refused to the service by privilege, and to the owner and a superuser by trigger."""
    for url in (database.app_url, database.migrate_url, database.superuser_url):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(url, statement)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
        ask(database.migrate_url, statement)


def test_the_log_can_not_be_emptied(database: FreshDatabase, person: PersonId) -> None:
    """TRUNCATE fires no row trigger: one of its own refuses it, to the owner too."""
    for url in (database.app_url, database.migrate_url):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(url, "TRUNCATE audit_events")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
        ask(database.migrate_url, "TRUNCATE audit_events CASCADE")


def test_a_session_that_plays_a_replica_is_refused_as_well(database: FreshDatabase, person: PersonId) -> None:
    """Ordinary triggers sleep when session_replication_role says replica; these do not."""
    for statement in ("DELETE FROM audit_events", "TRUNCATE audit_events"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
            ask(database.superuser_url, f"SET session_replication_role = replica; {statement}")


def test_an_event_is_stored_whole(work: PostgresWork, database: FreshDatabase) -> None:
    """Every field of rule 39 has its column, and the request it happened in is added."""
    person, grant = PersonId(uuid4()), GrantId(uuid4())
    event = TokenIssued(
        actor=person,
        represented=person,
        client_id=PGO,
        resource=HOSPITAL,
        sid=Sid("sid-1"),
        grant_id=grant,
        basis=Basis.SELF,
        reason="because",
        evidence={"register": "brp", "consents": ["a", "b"]},
    )
    with correlated(Correlation("request-1", "correlation-1", "192.0.2.0/24")), work() as tx:
        tx.audit.append(event, at=AT)
        tx.commit()
    statement = """
        SELECT type, outcome, represented, client_id, resource, basis, reason, sid, grant_id, recorded_at, evidence,
            request_id, correlation_id, origin
        FROM audit_events WHERE actor = %s::uuid"""
    rows = ask(database.app_url, statement, (str(person),))
    assert rows == [
        (
            *("token.issued", "success", str(person), PGO, HOSPITAL, "self", "because", "sid-1", str(grant), AT),
            *({"register": "brp", "consents": ["a", "b"]}, "request-1", "correlation-1", "192.0.2.0/24"),
        )
    ]


def test_outside_a_request_an_event_names_none(work: PostgresWork, database: FreshDatabase, person: PersonId) -> None:
    """A job of the worker has no request; nothing of an earlier one sticks to it."""
    rows = ask(
        database.app_url,
        "SELECT request_id, correlation_id, origin FROM audit_events WHERE actor = %s::uuid",
        (str(person),),
    )
    assert rows == [(None, None, None)]


def test_events_of_one_moment_stand_in_the_order_in_which_they_were_written(
    work: PostgresWork, database: FreshDatabase
) -> None:
    """By time and id, as the log is read and sealed: an offer before the yes to it. No two ids are alike."""
    person = PersonId(uuid4())
    with work() as tx:
        for number in range(200):
            tx.audit.append(LoginSucceeded(actor=person, evidence={"n": number}), at=AT)
        tx.commit()
    statement = """
        SELECT evidence -> 'n', substr(event_id::text, 3) FROM audit_events WHERE actor = %s::uuid
        ORDER BY recorded_at, event_id
    """
    rows = ask(database.app_url, statement, (str(person),))
    assert [number for number, _ in rows] == list(range(200))
    assert len({rest for _, rest in rows}) == 200


def test_without_a_commit_there_is_no_event(work: PostgresWork) -> None:
    """An event stands or falls with its unit of work."""
    person = PersonId(uuid4())
    with work() as tx:
        tx.audit.append(LoginSucceeded(actor=person), at=AT)
    assert logged_about(work, person, AT) == 0


@pytest.mark.parametrize("partition", ["audit_events_{:%Y_%m}", "audit_events_default", "audit_erasable_{:%Y_%m}"])
def test_a_month_of_its_own_can_not_be_emptied_either(
    work: PostgresWork, database: FreshDatabase, partition: str
) -> None:
    """What holds for the table holds for each partition; the service may not add to one, not even look at a month."""
    now = datetime.now(UTC)
    with work() as tx:
        for at in (now, datetime(2041, 3, 1, tzinfo=UTC)):
            tx.audit.append(ActivityViewed(erasable={"reason": "x"}), at=at)
        tx.commit()
    name = partition.format(now)
    for url in (database.migrate_url, database.superuser_url):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
            ask(url, f"TRUNCATE {name}")
    for statement in (f"INSERT INTO {name} (event_id) VALUES (gen_random_uuid())", f"DELETE FROM {name}"):  # noqa: S608
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(database.app_url, statement)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
        ask(database.migrate_url, f"UPDATE {name} SET event_id = event_id")  # noqa: S608


def test_each_event_is_in_its_month_and_one_of_no_month_is_kept(work: PostgresWork, database: FreshDatabase) -> None:
    """The worker makes months ahead, twice is once; an event that has none is not lost, and its month stays there."""
    months, person = AuditMonths(Database(database.worker_url)), PersonId(uuid4())
    far = datetime(2041, 3, 31, 23, 59, 59, tzinfo=UTC)
    now = datetime.now(UTC)
    months(now)
    assert months(now) == 0
    with work() as tx:
        tx.audit.append(LoginSucceeded(actor=person, represented=person), at=far)
        tx.audit.append(LoginSucceeded(actor=person, represented=person), at=now)
        tx.commit()
    homes = ask(
        database.superuser_url,
        "SELECT tableoid::regclass::text FROM audit_events WHERE actor = %s::uuid ORDER BY recorded_at",
        (str(person),),
    )
    assert homes == [(f"audit_events_{now:%Y_%m}",), ("audit_events_default",)]
    assert logged_about(work, person, now) == 2


def test_three_calendar_months_are_made_ahead(postgres: DatabaseServer, migrated_template: str) -> None:
    """As at the installation; 92 days would be one month more at the end of November."""
    soon = datetime.now(UTC) + timedelta(days=150)
    day = datetime(soon.year + (soon.month == 12), 11, 29, tzinfo=UTC)
    with new_database(postgres, migrated_template) as database, closing(Database(database.worker_url)) as connected:
        made = AuditMonths(connected)(day)
        names = "SELECT right(relname, 7) FROM pg_class WHERE relname ~ '^audit_events_20.._..$' ORDER BY 1"
        found = [name for (name,) in ask(database.superuser_url, names)]
    assert made == 2 * 4
    year, after = day.year, day.year + 1
    assert found[-4:] == [f"{year}_11", f"{year}_12", f"{after}_01", f"{after}_02"]


def test_months_are_made_while_others_append(work: PostgresWork, database: FreshDatabase) -> None:
    """A transaction that has appended and is not over yet does not hold up the worker, nor the worker it."""
    months = AuditMonths(Database(database.worker_url))
    with Database(database.app_url).check_out()[0] as writer:
        cursor = writer.cursor()
        cursor.execute(
            "BEGIN; INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)"
            " VALUES (gen_random_uuid(), now(), 'x', 'success', '{}')"
        )
        made = months(datetime.now(UTC) + timedelta(days=400))
        assert made >= 2
        cursor.execute("COMMIT")


def test_nobody_makes_months_that_no_log_is_kept_for(database: FreshDatabase) -> None:
    """The function runs with the owner's rights, so it does no more than it is for."""
    for first, last in (("1999-01-01", "1999-02-01"), ("2026-01-01", "2999-01-01")):
        with pytest.raises(psycopg2.errors.InvalidParameterValue):
            ask(database.worker_url, "SELECT keep_audit_months(%s::date, %s::date)", (first, last))


def test_what_may_have_to_be_erased_is_kept_apart(work: PostgresWork, database: FreshDatabase) -> None:
    """The event holds a salted commitment alone; erasing what it commits to leaves the event as it was (rule 41)."""
    staff, fields = StaffId(uuid4()), {"reason": "she asked: “who?”", "case": "2026-1"}
    with work() as tx:
        tx.audit.append(ActivityViewed(staff=staff, erasable=fields), at=AT)
        tx.commit()
    [(event_id, kept)] = ask(
        database.app_url, "SELECT event_id, commitment FROM audit_events WHERE staff = %s::uuid", (str(staff),)
    )
    [(salt, said)] = ask(
        database.app_url, "SELECT salt, fields FROM audit_erasable WHERE event_id = %s::uuid", (str(event_id),)
    )
    assert said == fields
    assert bytes(kept) == commitment(bytes(salt), fields)
    for url in (database.app_url, database.migrate_url):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(url, "UPDATE audit_erasable SET fields = '{}'")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(database.app_url, "DELETE FROM audit_erasable")
    ask(database.migrate_url, "DELETE FROM audit_erasable WHERE event_id = %s::uuid", (str(event_id),))
    assert ask(database.app_url, "SELECT commitment FROM audit_events WHERE event_id = %s::uuid", (str(event_id),)) == [
        (kept,)
    ]


def test_nobody_acts_as_a_person_and_as_staff_at_once(work: PostgresWork) -> None:
    """What somebody does in a profession is not their private doing."""
    both = ActivityViewed(actor=PersonId(uuid4()), staff=StaffId(uuid4()))
    with work() as tx:
        tx.audit.append(both, at=AT)
        with pytest.raises(StoreFaultError):
            tx.commit()
