"""Keys at rest: made once, logged, and of no use without the master key."""

import os

import psycopg2
import pytest

from tests.adapters.postgres.postgres_records import AT, all_at_once
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.vault.errors import SealBrokenError
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.adapters.vault.master_key import MasterKey


def test_missing_keys_are_made_once_and_logged(database: FreshDatabase, owner: Database, app: Database) -> None:
    """Two operators at once make each key once; the event names the keys; another master key opens none of them."""
    master = MasterKey(os.urandom(32))
    made = [key for keys in all_at_once(2, lambda: PostgresKeys(owner).add_missing(master, AT)) for key in keys]
    stored = PostgresKeys(app).load()
    assert sorted(made, key=lambda key: key.key_id) == sorted(stored, key=lambda key: key.key_id)
    assert PostgresKeys(owner).add_missing(master, AT) == ()
    ring = KeyRing(master, stored)
    assert {purpose for purpose in Purpose if ring.all(purpose)} == set(Purpose)
    (event,) = ask(database.app_url, "SELECT evidence->'keys' FROM audit_events WHERE type = 'keys.created'")
    assert {key["key_id"] for key in event[0]} == {key.key_id for key in stored}
    with pytest.raises(SealBrokenError):
        KeyRing(MasterKey(os.urandom(32)), stored)


def test_the_service_makes_no_keys(database: FreshDatabase) -> None:
    """The role of the service reads keys and can't add any."""
    statement = """INSERT INTO keys (key_id, purpose, algorithm, state, sealed, created_at)
                   VALUES ('k', 'signing', 'ES256', 'next', '', now())"""
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(database.app_url, statement)
