"""Asking the log: by index only, newest first, a page at a time.

Each combination of criteria is a statement of its own, compiled once. None is prepared: one plan for all values would
be that of nobody in particular, and nobody asks a thousand times a second.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, any_, bindparam, func, literal_column, select, tuple_, union
from sqlalchemy.dialects.postgresql import ARRAY

from vad.adapters.postgres.audit_rows import AuditErasableRow, AuditEventRow
from vad.adapters.postgres.log_people import names, names_not
from vad.adapters.postgres.log_rows import LogPurgeRow
from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.audit_people import TOLD, WEIGHED
from vad.domain.identifiers import ClientId, GrantId, PersonId, ResourceId, Sid, StaffId
from vad.services.ports.log_search import LogFilter, LoggedEvent, LogPosition, Refusals

EVENTS, _ERASABLE = table(AuditEventRow), table(AuditErasableRow)
_C, _E, _P = EVENTS.c, _ERASABLE.c, table(LogPurgeRow).c
MANDATE = literal_column("evidence ->> 'mandate'", Text())  # as in its index
_REFUSED = _C.outcome == literal_column("'refused'")
_SIDES = ("actor", "represented")
_EQUAL = ("actor", "represented", "staff", "client_id", "resource", "outcome", "reason", "basis", "grant_id", "sid")

_ONE = Query(
    select(*_C, _E.fields)
    .select_from(EVENTS.outerjoin(_ERASABLE, (_E.event_id == _C.event_id) & (_E.recorded_at == _C.recorded_at)))
    .where(_C.event_id == bindparam("event_id"))
    .limit(1)
)
_REFUSALS = Query(
    select(_C.type, _C.reason, func.count())
    .where(_REFUSED, _C.recorded_at >= bindparam("since"), _C.recorded_at < bindparam("until"))
    .group_by(_C.type, _C.reason)
    .order_by(func.count().desc(), _C.type, _C.reason)
)

_PURGED = Query(select(_P.purged_at).where(_P.month == bindparam("month")))


def criteria(named: frozenset[str]) -> list[ColumnElement[bool]]:
    """What these criteria of a `LogFilter` ask, but for `person`. The period is always among it."""
    asked: list[ColumnElement[bool]] = [
        _C.recorded_at >= bindparam("since"),
        _C.recorded_at < bindparam("until"),
    ]
    asked += [_C[name] == bindparam(name) for name in _EQUAL if name in named]
    if "correlation_id" in named:
        asked.append(_C.correlation_id == bindparam("correlation_id"))
    if "mandate" in named:
        asked.append(bindparam("mandate") == MANDATE)
    if "types" in named:
        asked.append(_C.type == any_(bindparam("types", type_=ARRAY(Text()))))
    if "without" in named:
        asked += [_C[side].is_distinct_from(bindparam("without")) for side in _SIDES]
        asked.append(names_not("without"))
    if "naming" in named:
        asked.append(names("naming", TOLD))
    if "unwarned" in named:
        asked.append(names_not("unwarned", WEIGHED))
    if "for_another" in named:
        asked.append(_C.actor != _C.represented)
    return asked


def about(parameter: str) -> list[ColumnElement[bool]]:
    """The places where the person of this parameter may stand: who did it, whose data it is, or named by the evidence.

    An event that has this person in several is found by each.
    """
    return [*(_C[side] == bindparam(parameter) for side in _SIDES), names(parameter)]


def values(wanted: LogFilter) -> dict[str, Any]:
    """What stands in a statement that `criteria` made."""
    given = {name: getattr(wanted, name) for name in wanted.named - {"for_another"}}
    if wanted.types:
        given["types"] = list(wanted.types)
    if wanted.mandate:
        given["mandate"] = str(wanted.mandate)
    return {**given, "since": wanted.since, "until": wanted.until}


@cache
def _find(named: frozenset[str], *, further: bool) -> Query:
    asked = criteria(named)
    if further:
        asked.append(
            tuple_(_C.recorded_at, _C.event_id) < tuple_(bindparam("last_at"), bindparam("last_id")),
        )
    if "person" not in named:
        return Query(_newest(select(*_C).where(*asked)))
    # Each place by its own index; UNION counts an event with the same person twice once.
    parts = (_newest(select(*_C).where(there, *asked)) for there in about("person"))
    found = union(*parts).subquery()
    return Query(_newest(select(*found.c), found.c))


def _newest(found: Select[Any], columns: Any = _C) -> Select[Any]:
    return found.order_by(columns.recorded_at.desc(), columns.event_id.desc()).limit(bindparam("most"))


@cache
def _count(named: frozenset[str]) -> Query:
    asked = criteria(named)
    if "person" in named:
        parts = [select(_C.event_id).where(there, *asked) for there in about("person")]
        found: Any = union(*(part.limit(bindparam("most")) for part in parts))
    else:
        found = select(_C.event_id).where(*asked)
    return Query(select(func.count()).select_from(found.limit(bindparam("most")).subquery()))


class PostgresLogSearch:
    """`vad.services.ports.log_search.LogSearch` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def find(self, wanted: LogFilter, limit: int, after: LogPosition | None = None) -> tuple[LoggedEvent, ...]:
        given = values(wanted)
        if after is not None:
            given |= {"last_at": after.recorded_at, "last_id": after.event_id}
        rows = self._transaction.read(_find(wanted.named, further=after is not None), most=limit, **given)
        return tuple(map(logged, rows))

    def event(self, event_id: UUID) -> LoggedEvent | None:
        rows = self._transaction.read(_ONE, event_id=event_id)
        return logged(rows[0]) if rows else None

    def refusals(self, since: datetime, until: datetime) -> tuple[Refusals, ...]:
        return tuple(Refusals(*row) for row in self._transaction.read(_REFUSALS, since=since, until=until))

    def count(self, wanted: LogFilter, most: int) -> int:
        [[found]] = self._transaction.read(_count(wanted.named), most=most, **values(wanted))
        return int(found)

    def purged(self, month: date) -> datetime | None:
        rows = self._transaction.read(_PURGED, month=month)
        return rows[0][0] if rows else None


_NAMES = [column.name for column in _C]
_TYPES = {
    "actor": PersonId,
    "represented": PersonId,
    "staff": StaffId,
    "client_id": ClientId,
    "resource": ResourceId,
    "grant_id": GrantId,
    "sid": Sid,
    "commitment": bytes,
    "txid": int,
}


def logged(row: Row | Sequence[Any]) -> LoggedEvent:
    """The event of a row: the columns in their order, and what stands apart from it if that was read too."""
    told = dict(zip(_NAMES, row, strict=False))
    said: dict[str, Any] = {
        name: _TYPES.get(name, _same)(value) if value is not None else None for name, value in told.items()
    }
    return LoggedEvent(**said, erasable=row[len(_NAMES)] if len(row) > len(_NAMES) else None)


def _same(value: Any) -> Any:
    return value
