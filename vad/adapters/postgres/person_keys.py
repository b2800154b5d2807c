"""Bringing persons from older keys to newer ones, in batches, while VAD runs. For the migrating role alone.

The service may not rewrite a BSN, nor what finds somebody by one: whoever could would make one person into another.
"""

from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

from sqlalchemy import bindparam, literal_column, or_, select, update

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.keys import hold_lookup, stored_keys
from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.rows import PersonRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.sealed_columns import BATCH, SEALED_COLUMNS, SealedColumn
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.adapters.vault.lookup import BsnLookup, Hashes
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.sealing import Sealed, Sealer
from vad.domain.identifiers import Bsn

_NOBODY = UUID(int=0)

_P = table(PersonRow)
_SEALED = (_P.c.bsn_key_id, _P.c.bsn_sealed, _P.c.evidence_key_id, _P.c.evidence_sealed)
_HASHED = (_P.c.bsn_lookup_key_id, _P.c.bsn_lookup, _P.c.bsn_lookup_next_key_id, _P.c.bsn_lookup_next)
_NEXT = (
    select(_P.c.person_id, *_SEALED)
    .where(_P.c.person_id > bindparam("after"))
    .order_by(_P.c.person_id)
    .limit(literal_column(str(BATCH)))
    .with_for_update(skip_locked=True)
)
_TO_SEAL = Query(_NEXT.where(or_(_P.c.bsn_key_id != bindparam("key"), _P.c.evidence_key_id != bindparam("key"))))
_TO_HASH = Query(
    _NEXT.where(
        or_(
            _P.c.bsn_lookup_key_id.is_distinct_from(bindparam("first")),
            _P.c.bsn_lookup_next_key_id.is_distinct_from(bindparam("second")),
        )
    )
)
_OF_PERSON = update(_P).where(_P.c.person_id == bindparam("of_person"))
_PUT_SEALED = Query(_OF_PERSON.values({column.name: bindparam(column.name) for column in _SEALED}))
_PUT_HASHED = Query(_OF_PERSON.values({column.name: bindparam(column.name) for column in _HASHED}))


class PostgresPersonKeys:
    """Seals and hashes persons anew, with the keys that are active and next when each batch begins.

    Rows that somebody is writing are passed over: they are for the next round. What was done stays done, so it may be
    stopped and run again.
    """

    def __init__(self, database: Database, master: MasterKey) -> None:
        self._database = database
        self._master = master
        self._ring: KeyRing | None = None

    def seal_anew(self) -> Iterator[int]:
        """Seal with the active key what older keys sealed; give how many persons, batch by batch."""

        def seal(transaction: Transaction, after: UUID) -> list[Row]:
            ring = self._opened(transaction)
            sealer = Sealer(ring)
            rows = transaction.change(_TO_SEAL, after=after, key=ring.active(Purpose.SEAL).key_id)
            for row in rows:
                transaction.change(_PUT_SEALED, of_person=row[0], **_sealed(sealer, row))
            return rows

        return self._in_batches(seal)

    def seal_others_anew(self) -> Iterator[int]:
        """The same for what is sealed beside persons; gives how many values."""
        for column in SEALED_COLUMNS:
            yield from self._in_batches(partial(self._seal_column, column))

    def _seal_column(self, column: SealedColumn, transaction: Transaction, after: UUID) -> list[Row]:
        ring = self._opened(transaction)
        sealer = Sealer(ring)
        rows = transaction.change(column.to_seal, after=after, key=ring.active(Purpose.SEAL).key_id)
        for row_id, key_id, value in rows:
            where = column.place(row_id)
            anew = sealer.seal(sealer.open(Sealed(key_id, bytes(value)), **where), **where)
            transaction.change(column.put, this_row=row_id, new_key=anew.key_id, new_value=anew.value)
        return rows

    def hash_anew(self) -> Iterator[int]:
        """Let each person be found by every look-up key that lives and by no other; give how many, batch by batch.

        Look-up keys stand still for as long as a batch takes: what a slot is for must not change in between.
        """

        def put_hashes(transaction: Transaction, after: UUID) -> list[Row]:
            hold_lookup(transaction)
            ring = self._opened(transaction)
            sealer, lookup = Sealer(ring), BsnLookup(ring)
            first, second = lookup.key_ids
            rows = transaction.change(_TO_HASH, after=after, first=first, second=second)
            for row in rows:
                bsn = Bsn(_open(sealer, row[0], "bsn_sealed", row[1], row[2]).decode("ascii"))
                transaction.change(_PUT_HASHED, of_person=row[0], **_hashed(lookup.of(bsn)))
            return rows

        return self._in_batches(put_hashes)

    def _in_batches(self, batch: Callable[[Transaction, UUID], list[Row]]) -> Iterator[int]:
        after, more = _NOBODY, True
        while more:
            with Transaction(self._database) as transaction:
                rows = batch(transaction, after)
                transaction.commit()
            more, after = bool(rows), rows[-1][0] if rows else after
            yield len(rows)

    def _opened(self, transaction: Transaction) -> KeyRing:
        self._ring = KeyRing(self._master, stored_keys(transaction), self._ring)
        return self._ring


def _sealed(sealer: Sealer, row: Row) -> dict[str, object]:
    person_id, bsn_key, bsn, evidence_key, evidence = row
    anew = _again(sealer, person_id, "bsn_sealed", bsn_key, bsn)
    told = None if evidence is None else _again(sealer, person_id, "evidence_sealed", evidence_key, evidence)
    return {
        "bsn_key_id": anew.key_id,
        "bsn_sealed": anew.value,
        "evidence_key_id": told and told.key_id,
        "evidence_sealed": told and told.value,
    }


def _hashed(hashes: Hashes) -> dict[str, object]:
    return {
        "bsn_lookup_key_id": hashes.first.key_id,
        "bsn_lookup": hashes.first.value,
        "bsn_lookup_next_key_id": hashes.second.key_id,
        "bsn_lookup_next": hashes.second.value,
    }


def _again(sealer: Sealer, person_id: UUID, column: str, key_id: str, value: memoryview) -> Sealed:
    opened = _open(sealer, person_id, column, key_id, value)
    return sealer.seal(opened, table="persons", column=column, row=str(person_id))


def _open(sealer: Sealer, person_id: UUID, column: str, key_id: str, value: memoryview) -> bytes:
    return sealer.open(Sealed(key_id, bytes(value)), table="persons", column=column, row=str(person_id))
