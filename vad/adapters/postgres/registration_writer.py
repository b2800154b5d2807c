"""Applying registrations, as `vad clients apply` does: with the role that migrates, for the service may not."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import bindparam, literal_column, select, update

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.registration_queries import VERSION, Snapshot, read_snapshot
from vad.adapters.postgres.registration_statements import put_client, put_data_service, put_resource_server
from vad.adapters.postgres.rows import GrantRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.audit import RegistrationsApplied
from vad.domain.client import Client, DataService, ResourceServer
from vad.domain.errors import VadError

_GRANTS = table(GrantRow)
_Entry = TypeVar("_Entry")

_LOCK = Query(select(VERSION.c.version).with_for_update())
_BUMP = Query(update(VERSION).values(version=VERSION.c.version + literal_column("1")).returning(VERSION.c.version))
_USED = Query(select(_GRANTS.c.grant_id).where(_GRANTS.c.client_id == bindparam("client")).limit(literal_column("1")))


class RegistrationError(VadError):
    """What was to be applied would break what stands; the text says what, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What applying did to one kind of registration, by identifier."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deactivated: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.deactivated)


@dataclass(frozen=True, slots=True)
class AppliedRegistrations:
    """What applying did, and the version the registrations are at since."""

    version: int
    clients: Changes
    resource_servers: Changes
    data_services: Changes
    left_alone: tuple[str, ...] = ()
    """Clients and data sources that the pages for staff look after: the files differ from them, or say nothing."""

    def __bool__(self) -> bool:
        return bool(self.clients or self.resource_servers or self.data_services)


class PostgresRegistrationWriter:
    """Makes the registrations what they should be. `database` is that of the migrating role."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def apply(
        self,
        clients: Sequence[Client],
        resource_servers: Sequence[ResourceServer],
        data_services: Sequence[DataService],
        at: datetime,
        reclaimed: Collection[str] = (),
    ) -> AppliedRegistrations:
        """Add and change what is given, deactivate what is not, and log it. Applying the same again does nothing.

        Nothing is deleted: grants, consents and the log go on naming it. What the pages for staff look after stays as
        it is, unless `reclaimed` names it. Raises `RegistrationError`,
        `StoreUnavailableError`, `StoreFaultError`.
        """
        wanted_clients = _by_id((client.client_id, client) for client in clients)
        wanted_sources = _by_id((source.identifier, source) for source in resource_servers)
        wanted_services = _by_id((service.id, service) for service in data_services)
        with Transaction(self._database) as transaction:
            transaction.change(_LOCK)  # one at a time
            known = read_snapshot(transaction)
            elsewhere = known.of_list | known.of_themselves
            others = known.of_pages | elsewhere
            theirs = others - {*reclaimed}
            _check_known(others, reclaimed)
            unnamed = elsewhere - wanted_clients.keys()
            left_alone = _leave_alone(known.clients, wanted_clients, theirs)
            left_alone += _leave_alone(known.resource_servers, wanted_sources, theirs)
            _check_sectors(transaction, known, wanted_clients)
            plan = AppliedRegistrations(
                known.version,
                clients=_changes(known.clients, wanted_clients, {i for i, c in known.clients.items() if c.active}),
                resource_servers=_changes(
                    known.resource_servers, wanted_sources, {i for i, s in known.resource_servers.items() if s.active}
                ),
                data_services=_changes(known.data_services, wanted_services, set(known.data_services)),
                left_alone=tuple(each for each in left_alone if each not in unnamed),
            )
            if not plan and not reclaimed:
                return plan
            for service_id in _touched(plan.data_services):
                service = wanted_services.get(service_id)
                put_data_service(
                    transaction, service or known.data_services[service_id], active=service is not None, at=at
                )
            for client_id in {*_touched(plan.clients), *(known.clients.keys() & {*reclaimed})}:
                client = wanted_clients.get(client_id) or replace(known.clients[client_id], active=False)
                put_client(transaction, client, at)
            for identifier in {*_touched(plan.resource_servers), *(known.resource_servers.keys() & {*reclaimed})}:
                source = wanted_sources.get(identifier) or replace(known.resource_servers[identifier], active=False)
                put_resource_server(transaction, source, at)
            applied = replace(plan, version=int(transaction.change(_BUMP)[0][0]))
            log = PostgresAuditLog(transaction)
            log.append(RegistrationsApplied(evidence=asdict(applied)), at=at)
            log.commit()
            return applied


def _by_id(entries: Iterable[tuple[str, _Entry]]) -> dict[str, _Entry]:
    found: dict[str, _Entry] = {}
    for identifier, entry in entries:
        if identifier in found:
            raise RegistrationError(f"{identifier} is registered twice")
        found[identifier] = entry
    return found


def _changes(known: Mapping[str, object], wanted: Mapping[str, object], active: set[str]) -> Changes:
    return Changes(
        added=tuple(sorted(wanted.keys() - known.keys())),
        changed=tuple(sorted(i for i in wanted.keys() & known.keys() if wanted[i] != known[i])),
        deactivated=tuple(sorted(active - wanted.keys())),
    )


def _leave_alone(known: Mapping[str, _Entry], wanted: dict[str, _Entry], theirs: Collection[str]) -> tuple[str, ...]:
    """Want of what the pages look after what it is already; return the names of those of which the files say else."""
    kept = [each for each in known if each in theirs]
    differing = tuple(sorted(each for each in kept if wanted.get(each) != known[each]))
    wanted.update({each: known[each] for each in kept})
    return differing


def _check_known(of_others: Collection[str], reclaimed: Collection[str]) -> None:
    for name in reclaimed:
        if name not in of_others:
            raise RegistrationError(f"{name}: the files look after it, or nobody does")


def _touched(changes: Changes) -> tuple[str, ...]:
    return (*changes.added, *changes.changed, *changes.deactivated)


def _check_sectors(transaction: Transaction, known: Snapshot, wanted: Mapping[str, Client]) -> None:
    """Another sector would make a stranger of everybody who ever logged in (rule 32)."""
    for client_id, client in wanted.items():
        before = known.clients.get(client_id)
        if before and before.sector != client.sector and transaction.read(_USED, client=client_id):
            raise RegistrationError(f"{client_id}: people have logged in, so its sector can't change")
