"""The table of persons admits nobody whom the living look-up keys do not find."""

import os
from contextlib import closing

import psycopg2
import pytest

from tests.adapters.postgres.lookup_under_test import MASTER, Operator, database, operator
from tests.adapters.postgres.postgres_records import AT, a_person
from tests.support.bsns import bsns
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.key_rotation import PostgresKeyRotation
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.adapters.vault.keys import KeyState
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.sealing import Sealer
from vad.domain.errors import StoreUnavailableError

__all__ = ["database", "operator"]


def test_the_table_admits_nobody_by_other_keys(operator: Operator, database: FreshDatabase) -> None:
    """Not by a key that it does not know, not by fewer than live, not by a retired one, and not in another slot."""

    def admitted(first: str | None, second: str | None) -> bool:
        return bool(
            ask(
                database.app_url,
                """
                INSERT INTO persons (person_id, bsn_lookup, bsn_lookup_key_id, bsn_lookup_next, bsn_lookup_next_key_id,
                    bsn_sealed, bsn_key_id, created_at)
                VALUES (gen_random_uuid(), %s, %s, %s, %s, '', '', now()) RETURNING person_id
                """,
                (os.urandom(32) if first else None, first, os.urandom(32) if second else None, second),
            )
        )

    (active,) = operator.keys(KeyState.ACTIVE)
    assert admitted(active.key_id, None), "as a release adds persons that knows no slots"
    assert not admitted("unknown", None)
    assert not admitted(None, active.key_id)
    assert not admitted(active.key_id, "unknown")
    ask(database.migrate_url, "DELETE FROM persons")
    operator.takes("publish")
    (coming,) = operator.keys(KeyState.NEXT)
    assert admitted(active.key_id, coming.key_id)
    assert not admitted(active.key_id, None)
    assert not admitted(None, coming.key_id)
    assert not admitted(coming.key_id, active.key_id)
    operator.takes("activate")
    assert admitted(None, coming.key_id)
    assert not admitted(active.key_id, coming.key_id)
    with pytest.raises(psycopg2.errors.CheckViolation):
        ask(database.migrate_url, "UPDATE persons SET bsn_lookup_next = NULL, bsn_lookup_next_key_id = NULL")


def test_the_keys_change_when_nobody_is_halfway(operator: Operator, database: FreshDatabase) -> None:
    """Somebody who is being added holds the change up; whoever comes during the change waits, and sees the new keys."""
    (active,) = operator.keys(KeyState.ACTIVE)
    patient = Database(database.migrate_url, Limits(lock=50))
    insert = """
        INSERT INTO persons (person_id, bsn_lookup, bsn_lookup_key_id, bsn_sealed, bsn_key_id, created_at)
        VALUES (gen_random_uuid(), %s, %s, '', '', now())
    """
    with closing(patient), closing(psycopg2.connect(database.app_url.replace("+psycopg2", "", 1))) as adding:
        with adding.cursor() as cursor:
            cursor.execute(insert, (os.urandom(32), active.key_id))
            with pytest.raises(StoreUnavailableError):
                PostgresKeyRotation(patient).rotate(MASTER, Purpose.LOOKUP, None, AT, at_once=False)
        adding.commit()
        PostgresKeyRotation(patient).rotate(MASTER, Purpose.LOOKUP, None, AT, at_once=False)


def test_a_process_that_can_not_read_the_keys_adds_nobody(operator: Operator, database: FreshDatabase) -> None:
    """It says that it is unavailable; it does not guess. Who is known still logs in there."""
    people = bsns()
    known = next(people)
    with closing(Database(database.app_url)) as opened:
        ring = KeyRing(MASTER, PostgresKeys(opened).load())
        behind = PostgresWork(opened, Sealer(ring), BsnLookup(ring))
        person = a_person(behind, known)
        operator.takes("publish")
        with pytest.raises(StoreUnavailableError, match="look-up keys"):
            a_person(behind, next(people))
        assert a_person(behind, known) == person
    assert ask(database.app_url, "SELECT count(*) FROM persons") == [(1,)]
