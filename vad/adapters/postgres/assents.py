"""The assents store: which children agreed that which parent sees what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, any_, bindparam, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.rows import AssentRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.assent import Assent
from vad.domain.assurance import LevelOfAssurance
from vad.domain.identifiers import AssentId, PersonId

_ASSENTS = table(AssentRow)
_C = _ASSENTS.c
_COLUMNS = (
    _C.assent_id,
    _C.subject,
    _C.actor,
    _C.data_service,
    _C.level,
    _C.given_at,
    _C.until,
    _C.withdrawn_at,
)
_STANDING = _C.withdrawn_at.is_(None)  # as in the predicate of the index
_THESE = bindparam("assent_ids", type_=ARRAY(Uuid()))

_SERVICE: ColumnElement[str | None] = bindparam("of_data_service", type_=Text())

_ADD = Query(
    insert(_ASSENTS)
    .values({column.name: bindparam(column.name) for column in _COLUMNS})
    .on_conflict_do_nothing(index_elements=[_C.subject, _C.actor, _C.data_service], index_where=_STANDING)
)
_LIVE = Query(
    select(*_COLUMNS)
    .where(_C.subject == bindparam("subject"), _STANDING, _C.until > bindparam("at"))
    .order_by(_C.given_at, _C.assent_id)
)
_WITHDRAW = Query(
    update(_ASSENTS)
    .where(
        _C.subject == bindparam("of_subject"),
        _C.actor == bindparam("of_actor"),
        or_(_SERVICE.is_(None), _C.data_service == _SERVICE),
        _STANDING,
    )
    .values(withdrawn_at=func.greatest(bindparam("at"), _C.given_at))
    .returning(*_COLUMNS)
)
_HELD = (
    select(_C.assent_id)
    .where(_C.assent_id == any_(_THESE), _STANDING, _C.until > bindparam("at"))
    .with_for_update(read=True)
    .cte("assented")
)
HELD = or_(
    func.cardinality(_THESE) == literal_column("0"),
    select(func.count()).select_from(_HELD).scalar_subquery() == func.cardinality(_THESE),
)
"""Whether all of `assent_ids` hold at `at`; they go on doing so until the transaction is over."""


def standing_between(subject: ColumnElement[UUID], actor: ColumnElement[UUID]) -> ColumnElement[Any]:
    """One column with all that this subject lets this actor see, for `assents_of`: NULL where that is nothing."""
    one = func.jsonb_build_array(_C.assent_id, _C.data_service, _C.level, _C.given_at, _C.until)
    return select(func.jsonb_agg(one)).where(_C.subject == subject, _C.actor == actor, _STANDING).scalar_subquery()


def assents_of(subject: PersonId, actor: PersonId, told: Sequence[Sequence[Any]] | None) -> tuple[Assent, ...]:
    """The assents of a column that `standing_between` made."""
    return tuple(
        Assent(
            assent_id=AssentId(UUID(assent_id)),
            subject=subject,
            actor=actor,
            data_service=data_service,
            level=LevelOfAssurance(level),
            given_at=datetime.fromisoformat(given_at),
            until=datetime.fromisoformat(until),
        )
        for assent_id, data_service, level, given_at, until in told or ()
    )


class PostgresAssents:
    """`vad.services.ports.records.Assents` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, assent: Assent) -> bool:
        added = self._transaction.count(
            _ADD,
            assent_id=assent.assent_id,
            subject=assent.subject,
            actor=assent.actor,
            data_service=assent.data_service,
            level=assent.level.value,
            given_at=assent.given_at,
            until=assent.until,
            withdrawn_at=assent.withdrawn_at,
        )
        return added == 1

    def live(self, subject: PersonId, at: datetime) -> tuple[Assent, ...]:
        return tuple(map(_assent, self._transaction.read(_LIVE, subject=subject, at=at)))

    def withdraw(
        self, subject: PersonId, actor: PersonId, data_service: str | None, at: datetime
    ) -> tuple[Assent, ...]:
        rows = self._transaction.change(
            _WITHDRAW, of_subject=subject, of_actor=actor, of_data_service=data_service, at=at
        )
        return tuple(map(_assent, rows))


def _assent(row: Row) -> Assent:
    assent_id, subject, actor, data_service, level, given_at, until, withdrawn_at = row
    return Assent(
        assent_id=AssentId(assent_id),
        subject=PersonId(subject),
        actor=PersonId(actor),
        data_service=data_service,
        level=LevelOfAssurance(level),
        given_at=given_at,
        until=until,
        withdrawn_at=withdrawn_at,
    )
