"""Keys move and are destroyed in one transaction with their event; persons are sealed anew."""

import os
from contextlib import closing
from datetime import timedelta

import psycopg2
import pytest

from tests.adapters.postgres.mandate_records import an_offer
from tests.adapters.postgres.postgres_records import AT, a_grant, a_person, make
from tests.adapters.postgres.test_notices import a_contact
from tests.adapters.postgres.test_persons import EVIDENCE
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.key_ring import LiveKeyRing
from vad.adapters.postgres.key_rotation import PostgresKeyRotation
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.postgres.person_keys import PostgresPersonKeys
from vad.adapters.postgres.registrations import PostgresRegistrations
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.errors import RotationRefusedError, UnknownKeyError
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.adapters.vault.keys import KeyState
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.rotation import OUTLIVES, PUBLISHED_AHEAD, SPREAD
from vad.adapters.vault.sealing import Sealer
from vad.domain.errors import StoreUnavailableError
from vad.domain.identifiers import Bsn

MATERIAL = os.urandom(32)
MASTER = MasterKey(MATERIAL)
BSNS = ("999991103", "999990457", "999990664", "999991772")


@pytest.fixture
def rotation(owner: Database) -> PostgresKeyRotation:
    """Give the rotation of an installation that has its keys."""
    PostgresKeys(owner).add_missing(MASTER, AT)
    return PostgresKeyRotation(owner)


def test_a_signing_key_lives_and_dies(rotation: PostgresKeyRotation, owner: Database, database: FreshDatabase) -> None:
    """Next, active, retired, gone: each step at its time, each in the log."""
    store = PostgresKeys(owner)
    old = KeyRing(MASTER, store.load()).active(Purpose.SIGNING, "ES256").key_id
    (coming,) = rotation.rotate(MASTER, Purpose.SIGNING, "ES256", AT, at_once=False)
    assert coming.state is KeyState.NEXT
    with pytest.raises(RotationRefusedError):
        rotation.rotate(MASTER, Purpose.SIGNING, "ES256", AT + timedelta(minutes=1), at_once=False)
    later = AT + PUBLISHED_AHEAD
    rotation.rotate(MASTER, Purpose.SIGNING, "ES256", later, at_once=False)
    ring = KeyRing(MASTER, store.load())
    assert ring.active(Purpose.SIGNING, "ES256").key_id == coming.key_id
    assert {jwk["kid"] for jwk in ring.public_jwks(Purpose.SIGNING)} >= {old, coming.key_id}
    with pytest.raises(RotationRefusedError):
        rotation.destroy(old, later)
    rotation.destroy(old, later + OUTLIVES)
    with pytest.raises(UnknownKeyError):
        rotation.destroy(old, later + OUTLIVES)
    named = """
        SELECT type FROM audit_events WHERE evidence::text LIKE %s AND type IN ('keys.rotated', 'key.retired')
        ORDER BY recorded_at
    """
    assert ask(database.app_url, named, (f"%{old}%",)) == [("keys.rotated",), ("key.retired",)]
    assert ask(database.app_url, named, (f"%{coming.key_id}%",)) == [("keys.rotated",), ("keys.rotated",)]


def test_everything_that_is_sealed_is_sealed_anew(
    rotation: PostgresKeyRotation, owner: Database, app: Database
) -> None:
    """A retired sealing key can be destroyed when no row needs it, in whatever table; all of it is the same after."""
    live = LiveKeyRing(app, lambda: MASTER)
    registrations = PostgresRegistrations(app, beside=live.refresh_if)
    work = PostgresWork(app, Sealer(live), BsnLookup(live), registrations.refresh_if)
    persons = {a_person(work, Bsn(digits)): digits for digits in BSNS}
    known = next(iter(persons))
    with work() as tx:
        tx.persons.keep_evidence(known, EVIDENCE)
        tx.contacts.ask(contact := a_contact(known))
        tx.mandates.add(offer := an_offer([known]), os.urandom(32))
        tx.commit()
    old = live.current.active(Purpose.SEAL).key_id
    rotation.rotate(MASTER, Purpose.SEAL, None, AT, at_once=True)
    with pytest.raises(RotationRefusedError, match="needed by 6 rows"):
        rotation.destroy(old, AT + SPREAD)
    assert sum(PostgresPersonKeys(owner, MASTER).seal_anew()) == 4
    assert sum(PostgresPersonKeys(owner, MASTER).seal_anew()) == 0
    with pytest.raises(RotationRefusedError, match="needed by 2 rows"):
        rotation.destroy(old, AT + SPREAD)
    assert sum(PostgresPersonKeys(owner, MASTER).seal_others_anew()) == 2
    rotation.destroy(old, AT + SPREAD)
    for person_id, digits in persons.items():
        with work() as tx:
            person = tx.persons.get(person_id)
            assert person is not None
            assert (person.bsn.reveal(), person.evidence is not None) == (digits, person_id == known)
    with work() as tx:
        assert tx.contacts.pending(known) == contact
        assert tx.mandates.get(offer.mandate_id) == offer
    with pytest.raises(UnknownKeyError):
        live.current.get(old)


def test_a_key_that_named_a_living_grant_stays(rotation: PostgresKeyRotation, owner: Database, app: Database) -> None:
    """Refresh tokens live as long as the session that they rest on."""
    ring = KeyRing(MASTER, PostgresKeys(owner).load())
    work = PostgresWork(app, Sealer(ring), BsnLookup(ring))
    grant = make(work, a_grant(a_person(work, Bsn(BSNS[0]))))
    old = ring.active(Purpose.HANDLES).key_id
    rotation.rotate(MASTER, Purpose.HANDLES, None, grant.created_at, at_once=True)
    with pytest.raises(RotationRefusedError, match="needed by 1 rows"):
        rotation.destroy(old, grant.session_ends_at - timedelta(seconds=1))
    assert rotation.destroy(old, grant.session_ends_at + SPREAD).key_id == old


def test_wrapping_anew_is_all_or_nothing(
    rotation: PostgresKeyRotation, owner: Database, database: FreshDatabase
) -> None:
    """Interrupted at any key: every key is as it was, and doing it again does all of it."""
    store, both = PostgresKeys(owner), MasterKey(os.urandom(32), older=[MASTER])
    before = store.load()
    with closing(psycopg2.connect(database.migrate_url.replace("+psycopg2", "", 1))) as other:
        with other.cursor() as cursor:
            cursor.execute("SELECT FROM keys WHERE key_id = %s FOR UPDATE", (before[-1].key_id,))
        with (
            closing(Database(database.migrate_url, Limits(lock=300))) as hurried,
            pytest.raises(StoreUnavailableError),
        ):
            PostgresKeyRotation(hurried).rewrap(both, AT)
    assert store.load() == before
    assert len(rotation.rewrap(both, AT)) == len(before)
    assert all(both.wraps(key.sealed, key.key_id) for key in store.load())
    rotation.rewrap(MasterKey(MATERIAL, older=[both]), AT)
