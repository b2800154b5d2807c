"""The log as one person sees it. Each role is read by its own index, newest first."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from vad.adapters.postgres.audit_rows import AuditEventRow
from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.identifiers import ClientId, PersonId, ResourceId
from vad.services.ports.activity import Involved, OwnEvent, Wanted

_EVENTS = table(AuditEventRow)
_C = _EVENTS.c
_SHOWN = (
    _C.event_id,
    _C.recorded_at,
    _C.type,
    _C.outcome,
    _C.actor,
    _C.staff.is_not(None).label("by_staff"),
    _C.represented,
    _C.client_id,
    _C.resource,
    _C.basis,
    _C.reason,
)
_INVOLVED = (_C.actor, _C.represented, _C.client_id, _C.resource)


def _halves(*columns: ColumnElement[Any]) -> list[Select[Any]]:
    """What the person did, and what was done about them by others: no event is in both."""
    me: ColumnElement[UUID] = bindparam("person_id")
    by_others = or_(_C.actor.is_(None), _C.actor != me)
    return [
        select(*columns)
        .where(*role, *_wanted())
        .order_by(_C.recorded_at.desc(), _C.event_id.desc())
        .limit(bindparam("most"))
        for role in ((_C.actor == me,), (_C.represented == me, by_others))
    ]


def _wanted() -> tuple[ColumnElement[bool], ...]:
    return (
        _C.recorded_at >= bindparam("since"),
        _C.recorded_at <= bindparam("before"),  # for the index, and for leaving out whole months
        or_(_C.recorded_at < bindparam("before"), _C.event_id < bindparam("before_event")),
        or_(
            _C.type == any_(bindparam("types", type_=ARRAY(Text()))),
            and_(_C.staff.is_not(None), cast(bindparam("staff"), Boolean())),
        ),
        _if_given(_C.actor, "by_person", Uuid()),
        or_(
            cast(bindparam("between"), Uuid()).is_(None),
            _C.actor == bindparam("between"),
            _C.represented == bindparam("between"),
        ),
        _if_given(_C.client_id, "client_id", Text()),
        _if_given(_C.resource, "resource", Text()),
        _if_given(_C.outcome, "outcome", Text()),
    )


def _if_given(column: ColumnElement[Any], name: str, kind: Text | Uuid[UUID]) -> ColumnElement[bool]:
    return or_(cast(bindparam(name), kind).is_(None), column == bindparam(name))


_OF = Query(
    union_all(*_halves(*_SHOWN)).order_by(text("recorded_at DESC"), text("event_id DESC")).limit(bindparam("most"))
)
_WHO_AND_WHAT = Query(
    select(*union_all(*_halves(*_INVOLVED)).subquery("occurring").c).distinct(),
)
_ONE = Query(
    select(*_SHOWN).where(
        _C.event_id == bindparam("this_event"),
        or_(_C.actor == bindparam("person_id"), _C.represented == bindparam("person_id")),
        or_(_C.type == any_(bindparam("types", type_=ARRAY(Text()))), _C.staff.is_not(None)),
    )
)


class PostgresActivityLog:
    """`vad.services.ports.activity.ActivityLog` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def of(self, person_id: PersonId, wanted: Wanted, *, limit: int) -> tuple[OwnEvent, ...]:
        rows = self._transaction.read(_OF, person_id=person_id, most=limit, **_values(wanted))
        return tuple(map(_event, rows))

    def one(self, person_id: PersonId, event_id: UUID, types: frozenset[str]) -> OwnEvent | None:
        rows = self._transaction.read(_ONE, person_id=person_id, this_event=event_id, types=sorted(types))
        return _event(rows[0]) if rows else None

    def involved(self, person_id: PersonId, wanted: Wanted, *, limit: int) -> Involved:
        rows = self._transaction.read(_WHO_AND_WHAT, person_id=person_id, most=limit, **_values(wanted))
        return Involved(
            persons=frozenset(PersonId(each) for row in rows for each in row[:2] if each is not None),
            clients=frozenset(ClientId(row[2]) for row in rows if row[2] is not None),
            resources=frozenset(ResourceId(row[3]) for row in rows if row[3] is not None),
        )


def _values(wanted: Wanted) -> dict[str, object]:
    return {
        "types": sorted(wanted.types),
        "staff": wanted.staff,
        "since": wanted.since,
        "before": wanted.before.at,
        "before_event": wanted.before.event_id,
        "by_person": wanted.by,
        "between": wanted.between,
        "client_id": wanted.client_id,
        "resource": wanted.resource,
        "outcome": wanted.outcome,
    }


def _event(row: Row) -> OwnEvent:
    event_id, at, kind, outcome, actor, by_staff, represented, client_id, resource, basis, reason = row
    return OwnEvent(
        event_id=event_id,
        at=at,
        type=kind,
        outcome=outcome,
        actor=PersonId(actor) if actor else None,
        by_staff=by_staff,
        represented=PersonId(represented) if represented else None,
        client_id=ClientId(client_id) if client_id else None,
        resource=ResourceId(resource) if resource else None,
        basis=basis,
        reason=reason,
    )
