"""Registrations that staff change on their pages, one at a time, in the unit of work of the decision."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import literal_column, select, update

from vad.adapters.postgres.query import Query
from vad.adapters.postgres.registration_queries import OF_PAGES, VERSION, read_snapshot
from vad.adapters.postgres.registration_rows import ClientRegistrationRow
from vad.adapters.postgres.registration_statements import put_client, put_resource_server
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.client import Client, ResourceServer
from vad.services.ports.registering import Registered, RegisteredItself

_LOCK = Query(select(VERSION.c.version).with_for_update())
_BUMP = Query(update(VERSION).values(version=VERSION.c.version + literal_column("1")))

_MADE = table(ClientRegistrationRow)
_BY_THEMSELVES = Query(select(_MADE.c.client_id, _MADE.c.registered_at, _MADE.c.offer, _MADE.c.label, _MADE.c.admitted))


class PostgresRegistrationChanges:
    """`vad.services.ports.registering.RegistrationChanges` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def held(self) -> Registered:
        self._transaction.change(_LOCK)
        return self.known()

    def known(self) -> Registered:
        known = read_snapshot(self._transaction)
        others = known.of_pages | known.of_themselves
        return Registered(known.clients, known.resource_servers, frozenset(known.data_services), others)

    def by_themselves(self) -> Mapping[str, RegisteredItself]:
        rows = self._transaction.read(_BY_THEMSELVES)
        return {client: RegisteredItself(*more) for client, *more in rows}

    def put_client(self, client: Client, at: datetime) -> None:
        put_client(self._transaction, client, at, OF_PAGES)
        self._transaction.change(_BUMP)

    def put_source(self, source: ResourceServer, at: datetime) -> None:
        put_resource_server(self._transaction, source, at, OF_PAGES)
        self._transaction.change(_BUMP)
