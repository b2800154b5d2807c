"""The stores on a database of the module's own, with keys of their own."""

import os
from collections.abc import Iterator

import pytest

from tests.adapters.postgres.mandate_records import people
from tests.adapters.postgres.postgres_records import AT, make_known
from tests.support.database import FreshDatabase, database, migrated_template
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.generation import create_secret
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.sealing import Sealer

__all__ = ["database", "migrated_template", "people"]


@pytest.fixture(scope="session")
def keyring() -> KeyRing:
    """Give the keys that the stores need."""
    master = MasterKey(os.urandom(32))
    purposes = (Purpose.SEAL, Purpose.LOOKUP)
    return KeyRing(master, [create_secret(master, purpose, KeyState.ACTIVE, AT) for purpose in purposes])


@pytest.fixture(scope="module")
def app(database: FreshDatabase) -> Iterator[Database]:
    """Give the connections of the service's role."""
    opened = Database(database.app_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def owner(database: FreshDatabase) -> Iterator[Database]:
    """Give the connections of the migrating role; making RSA keys takes seconds where the machine is busy."""
    opened = Database(database.migrate_url, Limits(lock=60_000))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def worker_work(database: FreshDatabase, keyring: KeyRing) -> Iterator[PostgresWork]:
    """Give units of work as the worker makes them."""
    make_known(database.migrate_url, keyring)
    opened = Database(database.worker_url)
    yield PostgresWork(opened, Sealer(keyring), BsnLookup(keyring))
    opened.close()


@pytest.fixture(scope="module")
def work(app: Database, database: FreshDatabase, keyring: KeyRing) -> PostgresWork:
    """Give units of work as the service makes them."""
    make_known(database.migrate_url, keyring)
    return PostgresWork(app, Sealer(keyring), BsnLookup(keyring))
