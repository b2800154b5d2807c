"""Registrations that come from the ministry's list: written by a function of the schema's owner, which writes no other.

The role of the worker may call that, and change no registration by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg2.extras import Json
from sqlalchemy import bindparam, text

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.grants import PostgresGrants
from vad.adapters.postgres.outbox import PostgresOutbox
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.registration_queries import read_snapshot
from vad.adapters.postgres.transaction import Transaction
from vad.domain.audit import RegistrationsApplied
from vad.domain.identifiers import ClientId
from vad.services.client_list import ClientListSource, ListedClient, NotUnderstood
from vad.services.client_stop import ClientStop

FUNCTION = "take_client_list(jsonb, timestamptz)"
_ONE_AT_A_TIME = Query(text("SELECT pg_advisory_xact_lock(hashtext('vad.client_list'))"))
_TAKE = Query(
    text("SELECT client, outcome FROM take_client_list(:listed, :at)").bindparams(bindparam("listed"), bindparam("at"))
)
_OUTCOMES = ("changed", "deactivated", "left_alone")


@dataclass(frozen=True, slots=True)
class _Stopping:
    """`vad.services.client_stop.Stopping` of this transaction."""

    grants: PostgresGrants
    outbox: PostgresOutbox


class PostgresClientList:
    """`vad.services.client_list.ClientListStore`."""

    def __init__(self, database: Database, stop: ClientStop) -> None:
        self._database = database
        self._stop = stop

    def take(self, source: ClientListSource, at: datetime) -> Mapping[str, Sequence[str]]:
        with Transaction(self._database) as transaction:
            # Held while the list is read: of two readings the older can't be written last.
            transaction.change(_ONE_AT_A_TIME)
            read = source.read()
            rows = transaction.change(_TAKE, listed=Json([_entry(each) for each in read]), at=at)
            became = {name: sorted(client for client, outcome in rows if outcome == name) for name in _OUTCOMES}
            log = PostgresAuditLog(transaction)
            if became["changed"] or became["deactivated"]:
                ended = self._ended(transaction, became["deactivated"], at)
                log.append(RegistrationsApplied(evidence={"client_list": became, "ended": ended}), at=at)
            log.commit()
        return {**became, "faults": [each.fault for each in read if isinstance(each, NotUnderstood)]}

    def _ended(self, transaction: Transaction, stopped: Sequence[str], at: datetime) -> Mapping[str, Mapping[str, int]]:
        """All that those were given ends with them, as when staff stop one."""
        if not stopped:
            return {}
        stores = _Stopping(PostgresGrants(transaction), PostgresOutbox(transaction))
        sources = read_snapshot(transaction).resource_servers.values()
        return {each: self._stop(stores, ClientId(each), sources, at) for each in stopped}


def _entry(listed: ListedClient | NotUnderstood) -> dict[str, object]:
    """An entry without a name says no more than whom it is about, if that, and whether it ends."""
    if isinstance(listed, NotUnderstood):
        named: dict[str, object] = {} if listed.client_id is None else {"client_id": listed.client_id}
        return {**named, "active": False} if listed.stopped else named
    return {
        "client_id": listed.client_id,
        "name": listed.name,
        "organisation": listed.organisation,
        "redirect_uris": list(listed.redirect_uris),
        "method": listed.method.value,
        "secrets": [] if listed.secret_sha256 is None else [listed.secret_sha256],
        "active": listed.active,
    }
