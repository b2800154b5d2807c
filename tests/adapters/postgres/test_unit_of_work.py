"""The unit of work: all or nothing, a connection only when it is needed, and errors that quote nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, literal_column, select

from tests.adapters.postgres.postgres_records import AT, BSN, a_consent, a_grant, a_person, make, make_known
from tests.support.database import FreshDatabase, ask, role_of
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.sealing import Sealer
from vad.domain.audit import LoginSucceeded, TokenIssued
from vad.domain.errors import StoreUnavailableError
from vad.domain.identifiers import Bsn, PersonId, Sid
from vad.services.ports.conditions import GrantMade
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory


def _connections(database: FreshDatabase, since: datetime) -> int:
    """Those of the service that were made since: of earlier tests' some may be about to go."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = %s"
    asked += " AND backend_start > %s"
    return int(ask(database.superuser_url, asked, (role_of(database.app_url), since))[0][0])


def _limited(database: FreshDatabase, keyring: KeyRing, limits: Limits) -> tuple[Database, PostgresWork]:
    make_known(database.migrate_url, keyring)
    opened = Database(database.app_url, limits)
    return opened, PostgresWork(opened, Sealer(keyring), BsnLookup(keyring))


def test_it_is_what_the_services_ask_for(work: PostgresWork) -> None:
    """The stores have the shape of their ports; mypy reads this test."""
    factory: UnitOfWorkFactory = work
    with factory() as tx:
        unit: UnitOfWork = tx
        unit.commit()


def test_what_is_not_committed_is_undone(work: PostgresWork) -> None:
    """Leaving the block without a commit, by whatever way, leaves nothing behind in any store."""
    bsn, found = Bsn("999990895"), list[PersonId]()

    def fail_half_way() -> None:
        with work() as tx:
            person = tx.persons.find_or_add(bsn, AT).person_id
            found.append(person)
            tx.consents.add([a_consent(person)])
            raise LookupError

    with pytest.raises(LookupError):
        fail_half_way()
    with work() as tx:
        assert tx.persons.get(found[0]) is None
    with work() as tx:
        assert tx.consents.live(found[0], AT) == ()


def test_a_change_and_its_event_commit_together(work: PostgresWork) -> None:
    """An event that the database refuses takes the change along: no token without its log line."""
    person = a_person(work, Bsn("999990457"))
    grant = a_grant(person)
    refused = TokenIssued(actor=person, reason="no such text in jsonb: \0")
    with work() as tx:
        tx.consents.add([a_consent(person)])
        tx.audit.append(refused, at=AT)
        with pytest.raises(StoreFaultError):
            tx.commit()
    with work() as tx:
        tx.audit.append(refused, at=AT)
        with pytest.raises(StoreFaultError):
            tx.commit_if(GrantMade(grant, AT, None))
    with work() as tx:
        assert tx.grants.get(grant.grant_id) is None
        assert tx.consents.live(person, AT) == ()


def test_a_change_that_nobody_waits_for_belongs_to_the_rest(work: PostgresWork) -> None:
    """It is kept with the commit, and undone when there is none."""
    person = a_person(work, Bsn("999990664"))
    consent = a_consent(person)
    with work() as tx:
        tx.consents.add([consent])
        tx.commit()
    later = consent.until + timedelta(days=1)
    for commits in (False, True):
        with work() as tx:
            tx.consents.extend([consent.consent_id], later)
            if commits:
                tx.commit()
        with work() as tx:
            [now] = [each for each in tx.consents.live(person, AT) if each.consent_id == consent.consent_id]
        assert (now.until == later) is commits


def test_nothing_can_be_done_after_its_end(work: PostgresWork) -> None:
    """A unit of work that was committed, left, or that failed, refuses everything: nothing slips in afterwards."""
    person = a_person(work)
    with work() as committed:
        committed.persons.get(person)
        committed.commit()
    with work() as left:
        left.persons.get(person)
    with work() as failed, pytest.raises(StoreFaultError):
        failed.consents.add([a_consent(person, until=AT)])
    uses: tuple[Callable[[UnitOfWork], object], ...] = (
        lambda tx: tx.persons.get(person),
        lambda tx: tx.consents.add([a_consent(person)]),
        lambda tx: tx.consents.extend([a_consent(person).consent_id], AT),
        lambda tx: tx.commit_if(GrantMade(a_grant(person), AT, None)),
        lambda tx: tx.audit.append(LoginSucceeded(), at=AT),
        lambda tx: tx.commit(),
    )
    for over in (committed, left, failed):
        for use in uses:
            with pytest.raises(RuntimeError):
                use(over)


def test_a_connection_is_taken_at_first_use_and_given_back(database: FreshDatabase, keyring: KeyRing) -> None:
    """Nothing is opened for a unit of work that uses no store, and one connection serves one after another."""
    opened, work = _limited(database, keyring, Limits(connections=4))
    ((begun,),) = ask(database.superuser_url, "SELECT clock_timestamp()")
    with work() as tx:
        tx.commit()
    assert _connections(database, begun) == 0
    for _ in range(3):
        a_person(work)
    assert _connections(database, begun) == 1
    opened.close()


def test_no_connection_goes_back_in_the_middle_of_something(database: FreshDatabase, keyring: KeyRing) -> None:
    """An abandoned change holds no lock and no transaction once its unit of work is left."""
    opened, work = _limited(database, keyring, Limits(connections=1))
    person = a_person(work)
    with work() as tx:
        tx.consents.add([a_consent(person)])
    idle = "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'vad'"
    assert "idle in transaction" not in {state for (state,) in ask(database.superuser_url, idle)}
    opened.close()


def test_when_every_connection_is_taken_the_wait_is_short(database: FreshDatabase, keyring: KeyRing) -> None:
    """More work than connections is told so, instead of piling up."""
    opened, work = _limited(database, keyring, Limits(connections=1, connect_seconds=1))
    with work() as first, work() as second, work() as third, work() as one_too_many:
        for unit in (first, second, third):
            unit.grants.end_session(Sid("x"))
        with pytest.raises(StoreUnavailableError, match="in use"):
            one_too_many.grants.end_session(Sid("x"))
    opened.close()


def test_a_lock_is_not_waited_for_long(database: FreshDatabase, keyring: KeyRing) -> None:
    """What somebody else holds too long is unavailable; the connection stays good for the next."""
    opened, work = _limited(database, keyring, Limits(lock=50))
    grant = make(work, a_grant(a_person(work)))
    with work() as holder:
        assert holder.grants.revoke(grant.grant_id)
        with work() as waiting, pytest.raises(StoreUnavailableError, match="LockNotAvailable 55P03"):
            waiting.grants.revoke(grant.grant_id)
    with work() as tx:
        assert tx.grants.revoke(grant.grant_id)
    opened.close()


def test_a_slow_statement_is_stopped(database: FreshDatabase) -> None:
    """PostgreSQL itself ends what takes too long."""
    opened = Database(database.app_url, Limits(statement=50))
    endless = Query(select(func.pg_sleep(literal_column("60"))))
    with Transaction(opened) as transaction, pytest.raises(StoreUnavailableError, match="QueryCanceled 57014"):
        transaction.read(endless)
    opened.close()


def test_errors_repeat_no_value(work: PostgresWork) -> None:
    """PostgreSQL quotes the failing row; what we raise names the rule alone, and carries no cause that would tell."""
    person = a_person(work, BSN)
    grant = replace(a_grant(person, sid="secret-sid"), session_ends_at=AT)
    with work() as tx, pytest.raises(StoreFaultError, match="ck_grants_session_ends_after_login") as refused:
        tx.commit_if(GrantMade(grant, AT, None))
    assert "secret-sid" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    "url", ["postgresql://vad:geheim@db/vad", "postgresql+psycopg://vad:geheim@db/vad", "mysql://geheim", "geheim"]
)
def test_only_an_address_that_names_the_driver_is_taken(url: str) -> None:
    """A plain postgresql:// would choose another driver; the refusal does not repeat the password."""
    with pytest.raises(ValueError, match="database URL") as refused:
        Database(url)
    assert "geheim" not in str(refused.value)


def test_the_password_is_not_in_its_repr() -> None:
    """Whatever prints a database prints no password."""
    assert "geheim" not in repr(Database("postgresql+psycopg2://vad:geheim@127.0.0.1/vad"))
