"""The outbox: deliveries that commit with their cause. Any number of workers take from it without meeting."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Text, all_, bindparam, cast, delete, func, insert, literal_column, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from vad.adapters.postgres.query import Query
from vad.adapters.postgres.rows import OutboxRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.services.ports.outbox import Backlog, OutboxMessage

_OUTBOX = table(OutboxRow)
_C = _OUTBOX.c
_THIS = _C.message_id == bindparam("this_message")
_ATTEMPTED = {"attempts": _C.attempts + literal_column("1")}

_ADD = Query(
    insert(_OUTBOX).values(
        message_id=bindparam("message_id"),
        kind=bindparam("kind"),
        payload=cast(bindparam("payload"), JSONB),
        created_at=bindparam("at"),
        due_at=bindparam("at"),
    )
)
_DESTINATION = literal_column(
    "outbox.kind || ' ' || coalesce(outbox.payload ->> 'resource', outbox.payload ->> 'client_id', '')", Text()
)
"""As `OutboxMessage.destination` says it."""
_TAKE = Query(
    select(_C.message_id, _C.kind, _C.payload, _C.attempts)
    .where(
        _C.state == literal_column("'waiting'"),
        _C.due_at <= bindparam("at"),
        all_(cast(bindparam("passing_over"), ARRAY(Text()))) != _DESTINATION,
    )
    .order_by(_C.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_DELIVERED = Query(delete(_OUTBOX).where(_THIS))
_RETRY = Query(update(_OUTBOX).where(_THIS).values(_ATTEMPTED | {"due_at": bindparam("retry_at")}))
_GIVE_UP = Query(update(_OUTBOX).where(_THIS).values(_ATTEMPTED | {"state": "given_up"}))
_BACKLOG = Query(
    select(
        _C.kind,
        func.count().filter(_C.state == literal_column("'waiting'")),
        func.count().filter(_C.state == literal_column("'given_up'")),
        literal_column(
            "coalesce(extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE state = 'waiting')), 0)"
        ),
    )
    .group_by(_C.kind)
    .order_by(_C.kind)
)


class PostgresOutbox:
    """`vad.services.ports.records.Outbox` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, kind: str, payload: Mapping[str, object], at: datetime) -> None:
        self._transaction.change(_ADD, message_id=uuid4(), kind=kind, payload=json.dumps(dict(payload)), at=at)

    def take(self, at: datetime, limit: int, passing_over: Collection[str] = ()) -> tuple[OutboxMessage, ...]:
        rows = self._transaction.change(_TAKE, at=at, most=limit, passing_over=list(passing_over))
        return tuple(OutboxMessage(*row) for row in rows)

    def delivered(self, message_id: UUID) -> None:
        self._transaction.change(_DELIVERED, this_message=message_id)

    def failed(self, message_id: UUID, retry_at: datetime | None) -> None:
        if retry_at is None:
            self._transaction.change(_GIVE_UP, this_message=message_id)
        else:
            self._transaction.change(_RETRY, this_message=message_id, retry_at=retry_at)

    def backlog(self) -> tuple[Backlog, ...]:
        found = self._transaction.read(_BACKLOG)
        return tuple(Backlog(kind, waiting, given_up, float(age)) for kind, waiting, given_up, age in found)
