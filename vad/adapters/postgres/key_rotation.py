"""Moving keys: publish the next one, make it active, destroy what nothing needs. For the migrating role alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, bindparam, delete, func, literal_column, or_, select, update

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.command_approvals import Consent, Step, consent
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.keys import add_keys, hold_lookup_alone, lock_keys, named, stored_keys, tell_processes
from vad.adapters.postgres.mandate_reading import ACTIVE, IS_OPEN, MANDATES
from vad.adapters.postgres.mandate_rows import MandateLetterRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.registration_rows import KeyRow
from vad.adapters.postgres.rows import GrantRow, PersonRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.sealed_columns import SEALED_COLUMNS
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.certification import Certification
from vad.adapters.vault.errors import UnknownKeyError
from vad.adapters.vault.generation import create
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.keys import KeyState, Purpose, StoredKey
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.rotation import (
    SPREAD,
    Move,
    check_certified,
    check_destroyable,
    check_found,
    next_moves,
)
from vad.domain.audit_keys import KeyRetired, KeysRewrapped, KeysRotated
from vad.services.agreed_commands import RETIRE, ROTATE

_K, _P, _G = table(KeyRow), table(PersonRow), table(GrantRow)
_LETTERS = table(MandateLetterRow)
_OF_KEY = _K.c.key_id == bindparam("of_key")
SLOTS: Mapping[int, Column[Any]] = {1: _P.c.bsn_lookup_key_id, 2: _P.c.bsn_lookup_next_key_id}
"""Where it stands which look-up key made the hash of a slot."""

_RETIRE = Query(update(_K).where(_OF_KEY).values(state=literal_column("'retired'"), retired_at=bindparam("at")))
_ACTIVATE = Query(update(_K).where(_OF_KEY).values(state=literal_column("'active'"), activated_at=bindparam("at")))
_REWRAP = Query(update(_K).where(_OF_KEY).values(sealed=bindparam("wrapped")))
_DESTROY = Query(delete(_K).where(_OF_KEY))
_SEALED_WITH = (
    Query(
        select(func.count())
        .select_from(_P)
        .where(or_(_P.c.bsn_key_id == bindparam("key"), _P.c.evidence_key_id == bindparam("key")))
    ),
    *(column.sealed_with for column in SEALED_COLUMNS),
)
_NAMED_BEFORE = Query(
    select(func.count())
    .select_from(_G)
    .where(
        _G.c.state == literal_column("'active'"),
        _G.c.created_at <= bindparam("before"),
        _G.c.session_ends_at > bindparam("at"),
    )
)
_STOPPED_BY = Query(
    select(func.count())
    .select_from(_LETTERS.join(MANDATES, MANDATES.c.mandate_id == _LETTERS.c.mandate_id))
    .where(
        _LETTERS.c.stop_hash.is_not(None),
        MANDATES.c.made_at <= bindparam("before"),
        or_(ACTIVE, IS_OPEN),
        MANDATES.c.ends_at > bindparam("at"),
    )
)
"""Mandates in force whose stop code, on paper and nowhere else, may be of a key that was active at that time."""
_COUNT_PERSONS = select(func.count()).select_from(_P)
_HASHED_WITH = {slot: Query(_COUNT_PERSONS.where(made_by == bindparam("key"))) for slot, made_by in SLOTS.items()}
_NOT_HASHED_WITH = {
    slot: Query(_COUNT_PERSONS.where(made_by.is_distinct_from(bindparam("key")))) for slot, made_by in SLOTS.items()
}


class PostgresKeyRotation:
    """The life of keys after they were made.

    `demanded` is what a signing key needs of certificates before it is used, unless that has to be at once.
    Raises `RotationRefusedError` and `NotAgreedError`, and then nothing was changed.
    """

    def __init__(self, database: Database, demanded: Certification | None = None) -> None:
        self._database = database
        self._demanded = demanded or Certification()

    def rotate(
        self,
        master: MasterKey,
        purpose: Purpose,
        algorithm: str | None,
        at: datetime,
        *,
        at_once: bool,
        request: Consent = None,
    ) -> tuple[StoredKey, ...]:
        """Take the next step for every algorithm of a purpose, or for one; return these keys as they are after it.

        `request` is used up by it.
        Raises `SealBrokenError` for a master key that is not the one of the keys there.
        """
        with Transaction(self._database) as transaction:
            lock_keys(transaction)
            stored = stored_keys(transaction)
            ring = KeyRing(master, stored)
            said, apart = consent(transaction, request, Step(ROTATE, purpose.value, _alarm(purpose)), at)
            moves = next_moves(stored, purpose, algorithm, at, at_once=at_once)
            if purpose is Purpose.SIGNING and not at_once:
                _check_certified(ring, moves, self._demanded, at)
            if purpose is Purpose.LOOKUP:
                _check_found(transaction, moves)
                hold_lookup_alone(transaction)
            moved = {key_id for move in moves for key_id in _carry_out(transaction, master, purpose, move, at)}
            keys = tuple(key for key in stored_keys(transaction) if key.key_id in moved)
            tell_processes(transaction)
            evidence = [{**named(key), "state": key.state.value} for key in keys]
            log = PostgresAuditLog(transaction)
            log.append(KeysRotated(evidence={"keys": evidence, **said}, erasable=apart), at=at)
            log.commit()
            return keys

    def destroy(
        self,
        key_id: str,
        at: datetime,
        *,
        at_once: bool = False,
        request: Consent = None,
    ) -> StoredKey:
        """Delete a retired key that nothing needs any more, or that leaked (`at_once`); return what it was."""
        with Transaction(self._database) as transaction:
            lock_keys(transaction)
            key = next((key for key in stored_keys(transaction) if key.key_id == key_id), None)
            if key is None:
                raise UnknownKeyError(f"there is no key {key_id}")
            said, apart = consent(transaction, request, Step(RETIRE, key_id, _alarm(key.purpose)), at)
            check_destroyable(key, _rows_that_need(transaction, key, at), at, at_once=at_once)
            transaction.change(_DESTROY, of_key=key_id)
            tell_processes(transaction)
            log = PostgresAuditLog(transaction)
            log.append(KeyRetired(evidence={**named(key), **said}, erasable=apart), at=at)
            log.commit()
            return key

    def rewrap(self, master: MasterKey, at: datetime) -> tuple[StoredKey, ...]:
        """Wrap with this master key what its older ones wrapped, all or nothing; return the keys it was done to."""
        with Transaction(self._database) as transaction:
            lock_keys(transaction)
            stored = stored_keys(transaction)
            KeyRing(master, stored)
            keys = tuple(key for key in stored if not master.wraps(key.sealed, key.key_id))
            if not keys:
                return ()
            for key in keys:
                material = master.unwrap(key.sealed, key.key_id)
                transaction.change(_REWRAP, of_key=key.key_id, wrapped=master.wrap(material, key.key_id))
            tell_processes(transaction)
            log = PostgresAuditLog(transaction)
            evidence = {"keys": [named(key) for key in keys], "master_key_id": master.key_id}
            log.append(KeysRewrapped(evidence=evidence), at=at)
            log.commit()
            return keys


def _carry_out(
    transaction: Transaction, master: MasterKey, purpose: Purpose, move: Move, at: datetime
) -> tuple[str, ...]:
    coming = move.coming
    if coming is None:
        coming = replace(create(master, purpose, move.algorithm, KeyState.NEXT, at), slot=move.slot)
        add_keys(transaction, [coming])
    if not move.activates:
        return (coming.key_id,)
    transaction.change(_RETIRE, of_key=move.leaving.key_id, at=at)
    transaction.change(_ACTIVATE, of_key=coming.key_id, at=at)
    return (move.leaving.key_id, coming.key_id)


def _check_certified(ring: KeyRing, moves: Sequence[Move], demanded: Certification, at: datetime) -> None:
    """A source that looks at certificates refuses what a key without one signs. Still, a key that leaked is worse."""
    for move in moves:
        if move.activates and move.coming is not None and move.algorithm in demanded.algorithms:
            check_certified(move.coming, demanded.fault(ring.get(move.coming.key_id), at), at)


def _check_found(transaction: Transaction, moves: Sequence[Move]) -> None:
    """Nobody may be lost by it. All who were added since the next key was published have its hash: it gets no worse."""
    for move in moves:
        if move.activates and move.coming is not None:
            check_found(int(transaction.read(_NOT_HASHED_WITH[move.coming.slot], key=move.coming.key_id)[0][0]))


def _rows_that_need(transaction: Transaction, key: StoredKey, at: datetime) -> int:
    if key.purpose is Purpose.SEAL:
        return sum(int(transaction.read(each, key=key.key_id)[0][0]) for each in _SEALED_WITH)
    if key.purpose is Purpose.HANDLES and key.retired_at is not None:
        return int(transaction.read(_NAMED_BEFORE, before=key.retired_at + SPREAD, at=at)[0][0])
    if key.purpose is Purpose.BINDING and key.retired_at is not None:
        return int(transaction.read(_STOPPED_BY, before=key.retired_at + SPREAD, at=at)[0][0])
    if key.purpose is Purpose.LOOKUP:
        return int(transaction.read(_HASHED_WITH[key.slot], key=key.key_id)[0][0])
    return 0


def _alarm(purpose: Purpose) -> Mapping[str, str]:
    return {"reason": "key_moved_alone", "purpose": purpose.value}
