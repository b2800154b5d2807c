"""Registrations that come from the ministry's list: written by a function of the schema's owner, which writes no other.

The role of the worker may call that, and change no registration by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg2.extras import Json
from sqlalchemy import bindparam, text

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.domain.audit import RegistrationsApplied
from vad.services.client_list import ClientListSource, ListedClient

FUNCTION = "take_client_list(jsonb, timestamptz)"
_ONE_AT_A_TIME = Query(text("SELECT pg_advisory_xact_lock(hashtext('vad.client_list'))"))
_TAKE = Query(
    text("SELECT client, outcome FROM take_client_list(:listed, :at)").bindparams(bindparam("listed"), bindparam("at"))
)
_OUTCOMES = ("changed", "deactivated", "left_alone")


class PostgresClientList:
    """`vad.services.client_list.ClientListStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, source: ClientListSource, at: datetime) -> Mapping[str, Sequence[str]]:
        with Transaction(self._database) as transaction:
            # Held while the list is read: of two readings the older can't be written last.
            transaction.change(_ONE_AT_A_TIME)
            listed = Json([_entry(each) for each in source.read()])
            rows = transaction.change(_TAKE, listed=listed, at=at)
            became = {name: sorted(client for client, outcome in rows if outcome == name) for name in _OUTCOMES}
            log = PostgresAuditLog(transaction)
            if became["changed"] or became["deactivated"]:
                log.append(RegistrationsApplied(evidence={"client_list": became}), at=at)
            log.commit()
        return became


def _entry(client: ListedClient) -> dict[str, object]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "organisation": client.organisation,
        "redirect_uris": list(client.redirect_uris),
        "method": client.method.value,
        "secrets": [] if client.secret_sha256 is None else [client.secret_sha256],
        "active": client.active,
    }
