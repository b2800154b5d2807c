"""Registrations that apps make and change themselves, by functions that check their tokens once more."""

from datetime import datetime
from typing import Any

from psycopg2.extras import Json
from sqlalchemy import bindparam, func, literal_column, or_, select

from vad.adapters.postgres.query import Query
from vad.adapters.postgres.registration_queries import ADMISSIONS, CLIENTS
from vad.adapters.postgres.registration_rows import ClientRegistrationRow
from vad.adapters.postgres.registration_statements import values_of_client
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.client import Client
from vad.domain.identifiers import ClientId
from vad.domain.profile import Profile
from vad.services.ports.client_registration import Managed, Offered

_REGISTRATIONS = table(ClientRegistrationRow)
_OFFERED = Query(
    select(func.registration_offered(bindparam("initial")).table_valued("profile", "organisation")),
)
_REGISTER = Query(select(func.register_client(bindparam("initial"), bindparam("management"), bindparam("entry"))))
_MANAGED = Query(
    select(
        _REGISTRATIONS.c.token_sha256,
        _REGISTRATIONS.c.registered_at,
        or_(
            CLIENTS.c.owner != literal_column("'itself'"),
            select(ADMISSIONS.c.resource).where(ADMISSIONS.c.client_id == CLIENTS.c.client_id).exists(),
        ),
    )
    .join(CLIENTS, CLIENTS.c.client_id == _REGISTRATIONS.c.client_id)
    .where(_REGISTRATIONS.c.client_id == bindparam("client"), _REGISTRATIONS.c.token_sha256.is_not(None))
)
_CHANGE = Query(
    # The token stays: with another in each answer, one answer that is lost would lock the app out.
    select(func.change_registration(bindparam("client"), bindparam("token"), bindparam("token"), bindparam("entry")))
)
_END = Query(select(func.end_registration(bindparam("client"), bindparam("token"))))


class PostgresClientRegistrations:
    """`vad.services.ports.client_registration.ClientRegistrations` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def offered(self, initial_sha256: bytes) -> Offered | None:
        rows = self._transaction.read(_OFFERED, initial=initial_sha256)
        return Offered(Profile(rows[0][0]), rows[0][1]) if rows else None

    def register(
        self, initial_sha256: bytes, management_sha256: bytes, client: Client, at: datetime
    ) -> datetime | None:
        entry = Json(_entry(client, at))
        done = self._done(_REGISTER, initial=initial_sha256, management=management_sha256, entry=entry)
        made = self.managed(client.client_id) if done else None
        return made.registered_at if made is not None else None

    def managed(self, client_id: ClientId) -> Managed | None:
        rows = self._transaction.read(_MANAGED, client=client_id)
        return Managed(bytes(rows[0][0]), *rows[0][1:]) if rows else None

    def change(self, client: Client, token_sha256: bytes, at: datetime) -> bool:
        entry = Json(_entry(client, at))
        return self._done(_CHANGE, client=client.client_id, token=token_sha256, entry=entry)

    def end(self, client_id: ClientId, token_sha256: bytes) -> bool:
        return self._done(_END, client=client_id, token=token_sha256)

    def _done(self, query: Query, **values: Any) -> bool:
        return bool(self._transaction.change(query, **values)[0][0])


def _entry(client: Client, at: datetime) -> dict[str, object]:
    return {**values_of_client(client), "updated_at": at.isoformat()}
