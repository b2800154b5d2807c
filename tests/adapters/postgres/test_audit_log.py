"""The audit log: append-only for everybody, whole or absent with what it describes (rules 39 to 42)."""

from datetime import timedelta
from uuid import uuid4

import psycopg2
import pytest

from tests.adapters.postgres.postgres_records import AT, HOSPITAL, PGO
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.audit import ConsentGiven, LoginFailed, LoginSucceeded, TokenIssued
from vad.domain.ground import Basis
from vad.domain.identifiers import GrantId, PersonId, Sid
from vad.services.correlation import Correlation, correlated

TYPES = ("login.succeeded", "login.failed", "consent.given", "token.issued")

EVERYTHING_LATER = AT - timedelta(days=1)


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


def test_about_tells_newest_first_what_was_done_by_or_about_a_person(work: PostgresWork) -> None:
    """Rule 42: both roles, each event once, no older than asked, at most as many as asked."""
    me, other = PersonId(uuid4()), PersonId(uuid4())
    with work() as tx:
        tx.audit.append(LoginSucceeded(actor=me, represented=me), at=AT)
        tx.audit.append(TokenIssued(actor=other, represented=me), at=AT + timedelta(seconds=1))
        tx.audit.append(TokenIssued(actor=me, represented=other), at=AT + timedelta(seconds=2))
        tx.audit.append(TokenIssued(actor=other, represented=other), at=AT + timedelta(seconds=3))
        tx.audit.append(LoginFailed(actor=me), at=AT - timedelta(days=2))
        tx.commit()
    with work() as tx:
        seen = tx.audit.about(me, types=TYPES, since=EVERYTHING_LATER, limit=10)
        assert [(event.at - AT).seconds for event in seen] == [2, 1, 0]
        assert [(event.actor, event.represented) for event in seen] == [(me, other), (other, me), (me, me)]
        assert [event.at for event in tx.audit.about(me, types=TYPES, since=EVERYTHING_LATER, limit=1)] == [seen[0].at]


def test_a_unit_of_work_sees_its_own_events(work: PostgresWork) -> None:
    """Events wait for the commit, but not when the log is read before."""
    person = PersonId(uuid4())
    with work() as tx:
        tx.audit.append(LoginSucceeded(actor=person), ConsentGiven(actor=person), at=AT)
        assert {event.type for event in tx.audit.about(person, types=TYPES, since=AT, limit=5)} == {
            "login.succeeded",
            "consent.given",
        }
        tx.audit.append(TokenIssued(actor=person), at=AT)
        tx.commit()
    with work() as tx:
        assert len(tx.audit.about(person, types=TYPES, since=AT, limit=5)) == 3


def test_without_a_commit_there_is_no_event(work: PostgresWork) -> None:
    """An event stands or falls with its unit of work."""
    person = PersonId(uuid4())
    with work() as tx:
        tx.audit.append(LoginSucceeded(actor=person), at=AT)
    with work() as tx:
        assert tx.audit.about(person, types=TYPES, since=AT, limit=5) == ()


def test_only_what_was_asked_for_is_counted(work: PostgresWork, person: PersonId) -> None:
    """Events of other types take no places: a person who looks often still sees what was done."""
    with work() as tx:
        for later in range(1, 6):
            tx.audit.append(ConsentGiven(actor=person), at=AT + timedelta(seconds=later))
        tx.commit()
    with work() as tx:
        seen = tx.audit.about(person, types=("login.succeeded",), since=AT, limit=1)
    assert [event.type for event in seen] == ["login.succeeded"]
