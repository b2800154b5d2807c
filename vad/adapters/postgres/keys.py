"""The keys of the vault at rest. The service reads them (`key_ring`); only the migrating role makes new ones."""

from collections.abc import Sequence
from datetime import datetime

from psycopg2.extras import Json
from sqlalchemy import ColumnClause, bindparam, func, insert, literal_column, select, update

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.registration_queries import VERSION
from vad.adapters.postgres.registration_rows import KeyRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.generation import create_ahead, create_missing
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.keys import Key, KeyState, Purpose, StoredKey
from vad.adapters.vault.master_key import MasterKey
from vad.domain.audit_keys import KeysCreated

_KEYS = table(KeyRow)
_C = _KEYS.c
_COLUMNS = (_C.key_id, _C.purpose, _C.algorithm, _C.state, _C.sealed, _C.public_jwk)
_REST = (_C.created_at, _C.activated_at, _C.retired_at, _C.slot, _C.certificates, _C.certified_at)

_ALL = Query(select(*_COLUMNS, *_REST).order_by(_C.created_at, _C.key_id))
_ADD = Query(insert(_KEYS).values({column.name: bindparam(column.name) for column in (*_COLUMNS, *_REST)}))
_BUMP = Query(update(VERSION).values(version=VERSION.c.version + literal_column("1")))
_LOCK = Query(select(VERSION.c.version).with_for_update())
_LOOKUP: ColumnClause[int] = literal_column(str(0x_7661_6420_6C6B))
"""The advisory lock that the trigger `admit_person` shares for as long as a person is being added."""
_LOOKUP_ALONE = Query(select(func.pg_advisory_xact_lock(_LOOKUP)))
_LOOKUP_SHARED = Query(select(func.pg_advisory_xact_lock_shared(_LOOKUP)))


class PostgresKeys:
    """The table `keys`. Raises `StoreUnavailableError`, `StoreFaultError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self) -> tuple[StoredKey, ...]:
        """Return every key, still wrapped."""
        with Transaction(self._database) as transaction:
            return stored_keys(transaction)

    def add_missing(self, master: MasterKey, at: datetime, *, ahead: bool = False) -> tuple[StoredKey, ...]:
        """Make, store and log the keys that are lacking; return them. Two at once make each key once.

        `ahead`: a next signing key for each algorithm is lacking as well. Raises `SealBrokenError` for a master key
        that is not the one of the keys there.
        """
        with Transaction(self._database) as transaction:
            lock_keys(transaction)
            stored = stored_keys(transaction)
            KeyRing(master, stored)
            made = (*create_missing(master, stored, at), *(create_ahead(master, stored, at) if ahead else ()))
            if made:
                add_keys(transaction, made)
                tell_processes(transaction)
                log = PostgresAuditLog(transaction)
                log.append(KeysCreated(evidence={"keys": [named(key) for key in made]}), at=at)
                log.commit()
            return made


def stored_keys(transaction: Transaction) -> tuple[StoredKey, ...]:
    """Return every key, still wrapped, in the order they were made."""
    return tuple(map(_stored, transaction.read(_ALL)))


def lock_keys(transaction: Transaction) -> None:
    """Let nobody else change keys or registrations until this transaction ends."""
    transaction.change(_LOCK)


def hold_lookup_alone(transaction: Transaction) -> None:
    """Let nobody add persons until this transaction ends; whoever is adding one ends first."""
    transaction.change(_LOOKUP_ALONE)


def hold_lookup(transaction: Transaction) -> None:
    """Let nobody change look-up keys until this transaction ends."""
    transaction.change(_LOOKUP_SHARED)


def tell_processes(transaction: Transaction) -> None:
    """Make every process read the keys with its next trip."""
    transaction.change(_BUMP)


def add_keys(transaction: Transaction, keys: Sequence[StoredKey]) -> None:
    """Store new keys."""
    for key in keys:
        transaction.change(
            _ADD,
            key_id=key.key_id,
            purpose=key.purpose.value,
            algorithm=key.algorithm,
            state=key.state.value,
            sealed=key.sealed,
            public_jwk=Json(dict(key.public_jwk)) if key.public_jwk is not None else None,
            created_at=key.created_at,
            activated_at=key.activated_at,
            retired_at=key.retired_at,
            slot=key.slot,
            certificates=list(key.certificates),
            certified_at=key.certified_at,
        )


def named(key: StoredKey | Key) -> dict[str, str]:
    """Return what a log may say of a key."""
    return {"key_id": key.key_id, "purpose": key.purpose.value, "algorithm": key.algorithm}


def _stored(row: Row) -> StoredKey:
    key_id, purpose, algorithm, state, sealed, public_jwk, created, activated, retired, slot, chain, certified = row
    return StoredKey(
        key_id,
        Purpose(purpose),
        algorithm,
        KeyState(state),
        bytes(sealed),
        public_jwk,
        created,
        activated,
        retired,
        slot,
        tuple(map(bytes, chain)),
        certified,
    )
