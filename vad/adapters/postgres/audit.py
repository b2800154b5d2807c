"""The audit log: INSERT and SELECT, nothing else. Events wait until the end of their unit of work and go in one trip.

Who asked, in which request, comes from `vad.services.correlation`.
"""

import itertools
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    bindparam,
    cast,
    exists,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from vad.adapters.postgres.audit_rows import AuditErasableRow, AuditEventRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.audit import AuditEvent, Outcome, TokenIssued
from vad.domain.commitment import SALT_BYTES, commitment
from vad.domain.identifiers import PersonId
from vad.services import correlation
from vad.services.correlation import Correlation

_EVENTS = table(AuditEventRow)
_C = _EVENTS.c
_WRITTEN = [column for column in _C if column.name != "txid"]  # which the database fills in
_ERASABLE = table(AuditErasableRow)


def _append(into: Table, columns: Sequence[Column[Any]], *only_if: ColumnElement[bool]) -> Insert:
    """One text for any number of rows, so that it is compiled once: they come as one JSON array.

    A row that is there already stays as it is: after a lost connection the same may have to be sent again.
    """
    given = (
        func.jsonb_to_recordset(cast(bindparam("events"), JSONB))
        .table_valued(*columns)
        .render_derived(name="event", with_types=True)
    )
    added = insert(into).from_select([column.name for column in columns], select(*given.c).where(*only_if))
    return added.on_conflict_do_nothing()


def appending_if(condition: Select[Any] | ReturningInsert[Any] | ReturningUpdate[Any], name: str) -> Query:
    """One statement that appends events only if `condition` gives a row; it says how many rows there were."""
    met = condition.cte("met")
    added = _append(_EVENTS, _WRITTEN, exists(select(met))).cte("added")
    return Query(select(func.count()).select_from(met).add_cte(added), name)


_APPEND = Query(_append(_EVENTS, _WRITTEN), "append_events")
_APPEND_ERASABLE = Query(_append(_ERASABLE, list(_ERASABLE.c)))
_TIMES = Query(
    select(_C.recorded_at)
    .where(_C.actor == bindparam("person_id"), _C.recorded_at >= bindparam("since"), _C.type == bindparam("of_type"))
    .order_by(_C.recorded_at.desc())
    .limit(bindparam("most"))
)


_LAST_PLACE = 0xFF
"""Of those that come after it the order is left open."""

Counted = Callable[[str, str], None]
"""Hears of each event once it has committed: its type, and why (a refusal) or by which grant type (a token)."""


def uncounted(_kind: str, _reason: str) -> None:
    """Nobody counts."""


class PostgresAuditLog:
    """`vad.services.ports.records.AuditLog` in one transaction, committed by `commit` here."""

    def __init__(self, transaction: Transaction, counted: Counted = uncounted) -> None:
        self._transaction = transaction
        self._waiting: list[dict[str, Any]] = []
        self._erasable: list[dict[str, Any]] = []
        self._counted = counted
        self._uncounted: list[tuple[str, str]] = []
        self._places = itertools.count()

    def append(self, *events: AuditEvent, at: datetime) -> None:
        if self._transaction.over:
            raise RuntimeError("this unit of work is over")
        context = correlation.current()
        self._uncounted += ((each.type, _why(each)) for each in events)
        for event in events:
            row = _row(event, context, at, next(self._places))
            if event.erasable:
                salt, fields = secrets.token_bytes(SALT_BYTES), dict(event.erasable)
                row["commitment"] = _bytea(commitment(salt, fields))
                key = {name: row[name] for name in ("event_id", "recorded_at")}
                self._erasable.append({**key, "salt": _bytea(salt), "fields": fields})
            self._waiting.append(row)

    def flush(self) -> None:
        """Send the events that wait now: for a transaction that somebody else commits."""
        self._put_apart()
        if self._waiting:
            self._transaction.change(_APPEND, events=self._take())

    def times(self, actor: PersonId, kind: str, *, since: datetime, limit: int) -> tuple[datetime, ...]:
        # In the transaction, which may hold off others who do the same.
        rows = self._transaction.change(_TIMES, person_id=actor, of_type=kind, since=since, most=limit)
        return tuple(at for (at,) in rows)

    def commit(self) -> None:
        """Commit the transaction, with the events that wait, in the same trip."""
        self._put_apart()
        if self._waiting:
            self._transaction.commit(_APPEND, events=self._take())
        else:
            self._transaction.commit()
        self._count()

    def commit_if(self, appending: Query, **values: Any) -> bool:
        """Commit the events that wait by a statement of `appending_if`; False when its condition gave no row.

        That is for what apps do at once and often: nothing of it may have to be erased (`RuntimeError`).
        """
        if self._erasable:
            raise RuntimeError("what may have to be erased is not committed on a condition")
        [[met]] = self._transaction.conclude(appending, events=self._take(), **values)
        if met:
            self._count()
        return bool(met)

    def _count(self) -> None:
        for kind, reason in self._uncounted:
            self._counted(kind, reason)

    def _put_apart(self) -> None:
        """In the trip that appends the events, before them: both or neither."""
        if self._erasable:
            apart, self._erasable = self._erasable, []
            self._transaction.later(_APPEND_ERASABLE, events=_array(apart))

    def _take(self) -> str:
        waiting, self._waiting = self._waiting, []
        return _array(waiting)


def _event_id(place: int) -> str:
    """A random id that begins with the place of the event in its transaction.

    Those of one transaction often have one time as well: by time and id they stand in the order in which they were
    written, wherever the log is read or sealed. 114 bits stay random, so what was hashed can't be guessed.
    """
    return f"{min(place, _LAST_PLACE):02x}{str(uuid4())[2:]}"


def _row(event: AuditEvent, context: Correlation, at: datetime, place: int) -> dict[str, Any]:
    return {
        "event_id": _event_id(place),
        "recorded_at": at.isoformat(),
        "type": event.type,
        "outcome": event.outcome.value,
        "actor": _text(event.actor),
        "staff": _text(event.staff),
        "represented": _text(event.represented),
        "client_id": event.client_id,
        "resource": event.resource,
        "basis": event.basis.value if event.basis else None,
        "reason": event.reason,
        "sid": event.sid,
        "grant_id": _text(event.grant_id),
        "request_id": context.request_id,
        "correlation_id": context.correlation_id,
        "origin": context.origin,
        "evidence": dict(event.evidence),
    }


def _array(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, separators=(",", ":"))


def _bytea(value: bytes) -> str:
    return f"\\x{value.hex()}"


def _why(event: AuditEvent) -> str:
    if isinstance(event, TokenIssued):
        return str(event.evidence.get("grant_type", ""))
    return event.reason or "" if event.outcome is Outcome.REFUSED else ""


def _text(value: object) -> str | None:
    return None if value is None else str(value)
