"""Registrations: applied as a whole, seen by every process at once, and still there when PostgreSQL is not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg2
import pytest

from tests.adapters.postgres.postgres_records import (
    AT,
    HOSPITAL,
    SERVICES,
    a_client,
    a_grant,
    a_person,
    a_source,
    all_at_once,
    make,
    make_known,
)
from tests.support.database import FreshDatabase, ask, new_database
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.registration_writer import (
    AppliedRegistrations,
    Changes,
    PostgresRegistrationWriter,
    RegistrationError,
)
from vad.adapters.postgres.registrations import PostgresRegistrations
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.sealing import Sealer
from vad.domain.client import Client, DataService, ResourceServer
from vad.domain.errors import StoreUnavailableError
from vad.domain.profile import Profile
from vad.services.ports.records import Registrations

pytestmark = pytest.mark.slow


class Clock:
    """A clock that stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def database(postgres: FreshDatabase, migrated_template: str) -> Iterator[FreshDatabase]:
    """Give each test registrations of its own."""
    with new_database(postgres, migrated_template) as made:
        yield made


@pytest.fixture
def app(database: FreshDatabase) -> Iterator[Database]:
    """Give the connections of the service."""
    opened = Database(database.app_url)
    yield opened
    opened.close()


@pytest.fixture
def writer(database: FreshDatabase) -> Iterator[PostgresRegistrationWriter]:
    """Give the operator's way in."""
    opened = Database(database.migrate_url)
    yield PostgresRegistrationWriter(opened)
    opened.close()


def _apply(
    writer: PostgresRegistrationWriter,
    clients: tuple[Client, ...] = (a_client(),),
    sources: tuple[ResourceServer, ...] = (a_source(),),
    services: tuple[DataService, ...] = SERVICES,
) -> AppliedRegistrations:
    return writer.apply(clients, sources, services, AT)


def test_what_was_applied_is_what_is_served(app: Database, writer: PostgresRegistrationWriter) -> None:
    """Every field comes back, data services in the order of their numbers; what is unknown is None."""
    _apply(writer)
    known: Registrations = PostgresRegistrations(app)
    assert known.client("pgo") == a_client()
    assert known.resource_server(HOSPITAL) == a_source()
    assert known.data_service("48") == SERVICES[0]
    assert [service.id for service in known.data_services()] == ["9", "48"]
    assert (known.client("x"), known.resource_server("x"), known.data_service("x")) == (None, None, None)


def test_applying_tells_and_logs_what_changed(database: FreshDatabase, writer: PostgresRegistrationWriter) -> None:
    """The summary and the event name the same; applying the same again does nothing and leaves no event."""
    first = _apply(writer)
    assert first == AppliedRegistrations(
        version=1,
        clients=Changes(added=("pgo",)),
        resource_servers=Changes(added=(HOSPITAL,)),
        data_services=Changes(added=("48", "9")),
    )
    assert not _apply(writer)
    changed = _apply(writer, clients=(a_client(name="Anders"), a_client("second")), services=SERVICES)
    assert (changed.version, changed.clients) == (2, Changes(added=("second",), changed=("pgo",)))
    assert not changed.resource_servers
    events = ask(
        database.app_url,
        """SELECT evidence->'clients' FROM audit_events
           WHERE type = 'registrations.applied' ORDER BY evidence->'version'""",
    )
    assert events == [
        ({"added": ["pgo"], "changed": [], "deactivated": []},),
        ({"added": ["second"], "changed": ["pgo"], "deactivated": []},),
    ]


def test_what_is_left_out_is_deactivated_and_can_come_back(app: Database, writer: PostgresRegistrationWriter) -> None:
    """Nothing is deleted: a client or source that is gone is known as inactive, a kind of data is offered no more."""
    _apply(writer)
    gone = _apply(writer, clients=(), sources=(), services=())
    assert (gone.clients, gone.resource_servers) == (Changes(deactivated=("pgo",)), Changes(deactivated=(HOSPITAL,)))
    known = PostgresRegistrations(app)
    assert known.client("pgo") == replace(a_client(), active=False)
    assert known.resource_server(HOSPITAL) == replace(a_source(), active=False)
    assert known.data_services() == ()
    assert not _apply(writer, clients=(), sources=(), services=())
    _apply(writer)
    known.check()
    assert known.client("pgo") == a_client()
    assert len(known.data_services()) == 2


def test_admissions_are_replaced_as_a_whole(app: Database, writer: PostgresRegistrationWriter) -> None:
    """An app that a source no longer admits is not admitted (rule 3)."""
    both = (a_client(), a_client("second"))
    _apply(writer, clients=both)
    _apply(writer, clients=both, sources=(a_source(admits="second"),))
    source = PostgresRegistrations(app).resource_server(HOSPITAL)
    assert source is not None
    assert source.admits(both[1], frozenset({"48"}))
    assert not source.admits(both[0], frozenset({"48"}))


@pytest.mark.parametrize("reads", ["persons", "grants"])
def test_whoever_reads_a_person_or_a_grant_sees_new_registrations_at_once(
    app: Database, database: FreshDatabase, writer: PostgresRegistrationWriter, keyring: KeyRing, reads: str
) -> None:
    """The version rides on trips that every code and token needs: no second of grace for a client that was stopped."""
    make_known(database.migrate_url, keyring)
    known = PostgresRegistrations(app, Clock())
    work = PostgresWork(app, Sealer(keyring), BsnLookup(keyring), known.refresh_if)
    _apply(writer)
    person = a_person(work)
    grant = make(work, a_grant(person))
    assert known.client("pgo") == a_client()
    _apply(writer, clients=())
    assert known.client("pgo") == a_client(), "the clock stands still, and nothing was read here"
    with work() as tx:
        found = tx.persons.get(person) if reads == "persons" else tx.grants.get(grant.grant_id)
    assert found is not None
    assert known.client("pgo") == replace(a_client(), active=False)


def test_a_quiet_process_asks_once_a_second(app: Database, writer: PostgresRegistrationWriter) -> None:
    """Whoever changes nothing still learns of it within a second, by one small question."""
    clock = Clock()
    known = PostgresRegistrations(app, clock)
    _apply(writer)
    assert known.client("pgo") == a_client()
    _apply(writer, clients=(a_client(name="Anders"),))
    clock.now += 0.9
    assert known.client("pgo") == a_client()
    assert known.client(HOSPITAL) is None, "a data source: no stranger, though no app"
    assert known.client("pgo") == a_client()
    clock.now += 0.2
    assert known.client("pgo") == a_client(name="Anders")


def test_whom_nobody_knows_is_looked_up_at_once(app: Database, writer: PostgresRegistrationWriter) -> None:
    """Another process registered it a moment ago. Names that are made up have PostgreSQL asked no oftener for that."""
    clock, moment = Clock(), 0.011
    known = PostgresRegistrations(app, clock)
    _apply(writer, sources=())
    assert known.client("second") is None
    _apply(writer, clients=(a_client(), a_client("second")), sources=())
    assert known.client("second") is None, "it asked in this very moment"
    clock.now += moment
    known_to_all = all_at_once(8, lambda: known.client("second"))
    assert known_to_all == [a_client("second")] * 8, "the first of them asks, and the others wait for the answer"
    _apply(writer)
    clock.now += moment
    assert known.resource_server(HOSPITAL) == a_source()


def test_without_postgresql_memory_serves_and_an_empty_memory_refuses(
    postgres: FreshDatabase, migrated_template: str
) -> None:
    """Pages can still say which app it was; a process that never read them does not guess."""
    clock = Clock()
    with new_database(postgres, migrated_template) as made:
        owner, app = Database(made.migrate_url), Database(made.app_url)
        _apply(PostgresRegistrationWriter(owner))
        known, empty = PostgresRegistrations(app, clock), PostgresRegistrations(app, clock)
        assert known.client("pgo") == a_client()
    clock.now += 5
    assert known.client("pgo") == a_client()
    assert known.client("x") is None
    for ask_empty in (lambda: empty.client("pgo"), empty.data_services, known.check):
        with pytest.raises(StoreUnavailableError):
            ask_empty()


def test_two_operators_at_once_apply_one_after_the_other(
    app: Database, database: FreshDatabase, writer: PostgresRegistrationWriter
) -> None:
    """The same registrations, applied by several at once, are applied once."""
    summaries = all_at_once(4, lambda: _apply(writer))
    assert sorted(bool(summary) for summary in summaries) == [False, False, False, True]
    assert ask(database.app_url, "SELECT version FROM configuration_version") == [(1,)]


def test_a_sector_stays_once_people_have_logged_in(
    app: Database, database: FreshDatabase, writer: PostgresRegistrationWriter, keyring: KeyRing
) -> None:
    """Rule 32: another sector would make strangers of all of them. Before that a mistake can still be mended."""
    _apply(writer, clients=(replace(a_client(), sector="mistyped"),))
    assert _apply(writer, clients=(a_client(),)).clients == Changes(changed=("pgo",))
    make_known(database.migrate_url, keyring)
    work = PostgresWork(app, Sealer(keyring), BsnLookup(keyring))
    make(work, a_grant(a_person(work)))
    with pytest.raises(RegistrationError, match="pgo"):
        _apply(writer, clients=(replace(a_client(), sector="other"), a_client("second")))
    assert PostgresRegistrations(app).client("second") is None


def test_nothing_is_registered_twice(writer: PostgresRegistrationWriter) -> None:
    """Two entries with one id would leave it to chance which one counts."""
    with pytest.raises(RegistrationError, match="pgo"):
        _apply(writer, clients=(a_client(), a_client(name="Anders")))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE clients SET active = true",
        "INSERT INTO admissions VALUES ('pgo', 'x', '48')",
        "DELETE FROM resource_servers",
        "UPDATE configuration_version SET version = 0",
        "UPDATE keys SET state = 'retired'",
        "UPDATE alembic_version SET version_num = ''",
        "CREATE TABLE mine ()",
    ],
)
def test_the_service_can_not_change_its_registrations(
    database: FreshDatabase, writer: PostgresRegistrationWriter, statement: str
) -> None:
    """Who breaks into the service still can't admit a client, change a key or make a table."""
    _apply(writer)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(database.app_url, statement)


def test_the_version_only_grows_with_a_change(database: FreshDatabase, writer: PostgresRegistrationWriter) -> None:
    """One number for all of it, in one row that can't be doubled."""
    _apply(writer)
    writer.apply((a_client(),), (a_source(),), SERVICES, AT + timedelta(days=1))
    assert ask(database.app_url, "SELECT version FROM configuration_version") == [(1,)]
    with pytest.raises(psycopg2.errors.CheckViolation):
        ask(database.migrate_url, "INSERT INTO configuration_version VALUES (false, 1)")


def test_a_profile_that_is_not_allowed_here_serves_nobody(app: Database, writer: PostgresRegistrationWriter) -> None:
    """However it came to be registered."""
    secret = "0" * 64
    basic = replace(a_client("basic"), profile=Profile.BASIC, client_secret_sha256=(secret,))
    _apply(writer, clients=(a_client(), basic))
    everything, strict = PostgresRegistrations(app), PostgresRegistrations(app, profiles=(Profile.NLGOV,))
    assert everything.client("basic") == basic
    assert strict.client("basic") == replace(basic, active=False)
    assert strict.client("pgo") == a_client()
    assert secret not in repr(basic)


def test_tokens_that_no_profile_here_signs_are_for_nobody(app: Database, writer: PostgresRegistrationWriter) -> None:
    """FAPI 2.0 forbids RS256: where no other profile is allowed, a source that is registered for it is not served."""
    older, modern = replace(a_source(), access_token_signing_alg="RS256"), a_source()
    for source, profiles, served in (
        (older, (Profile.FAPI2,), False),
        (older, (Profile.FAPI2, Profile.NLGOV), True),
        (modern, (Profile.FAPI2,), True),
    ):
        _apply(writer, sources=(source,))
        known = PostgresRegistrations(app, profiles=profiles)
        assert known.resource_server(source.identifier) == replace(source, active=served)
