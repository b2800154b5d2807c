"""The stores on a database of the module's own, with keys of their own."""

import os
from collections.abc import Iterator

import pytest

from tests.adapters.postgres.postgres_records import AT
from tests.support.database import FreshDatabase, database, migrated_template
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.generation import create_secret
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.sealing import Sealer

__all__ = ["database", "migrated_template"]


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
    """Give the connections of the migrating role."""
    opened = Database(database.migrate_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def work(app: Database, keyring: KeyRing) -> PostgresWork:
    """Give units of work as the service makes them."""
    return PostgresWork(app, Sealer(keyring), BsnLookup(keyring))
