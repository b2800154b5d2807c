"""The blocks store: what is switched off for people's data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.rows import BlockRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.block import Block, BlockKind, BlockReason, PlacedBy
from vad.domain.identifiers import BlockId, PersonId

_BLOCKS = table(BlockRow)
_C = _BLOCKS.c
_COLUMNS = (_C.block_id, _C.subject, _C.kind, _C.target, _C.placed_by, _C.placed_at, _C.until, _C.lifted_at, _C.reason)
_STANDING = _C.lifted_at.is_(None)  # as in the predicate of the index

_KIND = {kind: _C.kind == literal_column(f"'{kind.value}'") for kind in BlockKind}

_ADD = Query(
    insert(_BLOCKS)
    .values({column.name: bindparam(column.name) for column in _COLUMNS})
    .on_conflict_do_nothing(index_elements=[_C.subject, _C.kind, _C.target, _C.placed_by], index_where=_STANDING)
)
_OF = Query(select(*_COLUMNS).where(_C.subject == bindparam("subject"), _STANDING).order_by(_C.placed_at, _C.block_id))
_AT = Query(
    select(*_COLUMNS)
    .where(
        _C.subject == bindparam("subject"),
        _C.placed_at <= bindparam("at"),
        or_(_C.lifted_at.is_(None), _C.lifted_at > bindparam("at")),
        or_(_C.until.is_(None), _C.until > bindparam("at")),
    )
    .order_by(_C.placed_at, _C.block_id)
)
_LIFT = Query(
    update(_BLOCKS)
    .where(
        _C.block_id == bindparam("this_block"),
        _C.subject == bindparam("of_person"),
        _C.placed_by == literal_column(f"'{PlacedBy.SUBJECT.value}'"),
        _STANDING,
    )
    .values(lifted_at=func.greatest(bindparam("at"), _C.placed_at))
    .returning(*_COLUMNS)
)
_BY_STAFF = _C.placed_by == literal_column(f"'{PlacedBy.STAFF.value}'")
_LIFT_OF_STAFF = Query(
    update(_BLOCKS)
    .where(_C.block_id == bindparam("this_block"), _BY_STAFF, _STANDING)
    .values(lifted_at=func.greatest(bindparam("at"), _C.placed_at))
    .returning(*_COLUMNS)
)
_ONE_OF_STAFF = Query(select(*_COLUMNS).where(_C.block_id == bindparam("this_block"), _BY_STAFF, _STANDING))
_HELD = (
    select(*_COLUMNS)
    .where(_BY_STAFF, _STANDING, _C.until > bindparam("at"))
    .order_by(_C.placed_at.desc(), _C.block_id.desc())
    .limit(bindparam("most"))
)
_OF_STAFF = Query(_HELD)
_FURTHER_OF_STAFF = Query(
    _HELD.where(tuple_(_C.placed_at, _C.block_id) < tuple_(bindparam("last_at"), bindparam("last_id")))
)


def standing_about(subject: ColumnElement[UUID]) -> ColumnElement[Any]:
    """One column with everything that stands about this person, for `blocks_of`: NULL as long as there is nothing."""
    one = func.jsonb_build_array(_C.block_id, _C.kind, _C.target, _C.placed_by, _C.placed_at, _C.until)
    return select(func.jsonb_agg(one)).where(_C.subject == subject, _STANDING).scalar_subquery()


def barring(
    subject: ColumnElement[UUID], actor: ColumnElement[UUID], client_id: ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether something stands now that this actor would meet with this app, at whatever source.

    As `Block.covers` says it. What is off at one source ends the consents there, which are looked at as well.
    """
    return exists(
        select(literal_column("1")).where(
            _C.subject == subject,
            _STANDING,
            or_(_C.until.is_(None), _C.until > bindparam("at")),
            or_(
                and_(_KIND[BlockKind.REPRESENTATION], actor != subject),
                and_(_KIND[BlockKind.REPRESENTATIVE], actor != subject, _C.target == cast(actor, Text())),
                and_(_KIND[BlockKind.CLIENT], _C.target == client_id),
            ),
        )
    )


def blocks_of(subject: PersonId, told: Sequence[Sequence[Any]] | None) -> tuple[Block, ...]:
    """The blocks of a column that `standing_about` made."""
    return tuple(
        Block(
            block_id=BlockId(UUID(block_id)),
            subject=subject,
            kind=BlockKind(kind),
            target=target,
            placed_by=PlacedBy(placed_by),
            placed_at=datetime.fromisoformat(placed_at),
            until=None if until is None else datetime.fromisoformat(until),
        )
        for block_id, kind, target, placed_by, placed_at, until in told or ()
    )


class PostgresBlocks:
    """`vad.services.ports.blocks.Blocks` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, block: Block) -> bool:
        placed = self._transaction.count(
            _ADD,
            block_id=block.block_id,
            subject=block.subject,
            kind=block.kind.value,
            target=block.target,
            placed_by=block.placed_by.value,
            placed_at=block.placed_at,
            until=block.until,
            lifted_at=block.lifted_at,
            reason=block.reason.value if block.reason else None,
        )
        return placed == 1

    def of(self, subject: PersonId) -> tuple[Block, ...]:
        return tuple(map(_block, self._transaction.read(_OF, subject=subject)))

    def at(self, subject: PersonId, at: datetime) -> tuple[Block, ...]:
        """What stood for this person at a moment, lifted since or not."""
        return tuple(map(_block, self._transaction.read(_AT, subject=subject, at=at)))

    def lift(self, block_id: BlockId, subject: PersonId, at: datetime) -> Block | None:
        rows = self._transaction.change(_LIFT, this_block=block_id, of_person=subject, at=at)
        return _block(rows[0]) if rows else None

    def of_staff(self, at: datetime, limit: int, after: tuple[datetime, UUID] | None = None) -> tuple[Block, ...]:
        if after is None:
            rows = self._transaction.read(_OF_STAFF, at=at, most=limit)
        else:
            last_at, last_id = after
            rows = self._transaction.read(_FURTHER_OF_STAFF, at=at, most=limit, last_at=last_at, last_id=last_id)
        return tuple(map(_block, rows))

    def one_of_staff(self, block_id: BlockId) -> Block | None:
        rows = self._transaction.read(_ONE_OF_STAFF, this_block=block_id)
        return _block(rows[0]) if rows else None

    def lift_of_staff(self, block_id: BlockId, at: datetime) -> Block | None:
        rows = self._transaction.change(_LIFT_OF_STAFF, this_block=block_id, at=at)
        return _block(rows[0]) if rows else None


def _block(row: Row) -> Block:
    block_id, subject, kind, target, placed_by, placed_at, until, lifted_at, reason = row
    return Block(
        block_id=BlockId(block_id),
        subject=PersonId(subject),
        kind=BlockKind(kind),
        target=target,
        placed_by=PlacedBy(placed_by),
        placed_at=placed_at,
        until=until,
        lifted_at=lifted_at,
        reason=None if reason is None else BlockReason(reason),
    )
