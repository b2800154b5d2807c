"""A running process takes up keys that changed: with a trip it makes anyway, by itself, or when it meets a stranger."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.adapters.postgres.postgres_records import AT, a_person
from tests.support.database import FreshDatabase, ask, database
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.key_ring import OLDEST_SECONDS, LiveKeyRing
from vad.adapters.postgres.key_rotation import PostgresKeyRotation
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.postgres.registrations import PostgresRegistrations
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.errors import SealBrokenError
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.sealing import Sealer

__all__ = ["database"]

MATERIAL = os.urandom(32)
MASTER = MasterKey(MATERIAL)


@dataclass
class Clock:
    """A clock that stands still until somebody moves it."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands still."""
    return Clock()


@pytest.fixture
def live(owner: Database, app: Database, clock: Clock) -> LiveKeyRing:
    """Give the ring of a process that runs."""
    PostgresKeys(owner).add_missing(MASTER, AT)
    return LiveKeyRing(app, lambda: MASTER, clock)


@dataclass
class Masters:
    """What stands in the file with the master keys."""

    now: MasterKey = MASTER

    def __call__(self) -> MasterKey:
        return self.now


@pytest.fixture
def change(database: FreshDatabase, owner: Database) -> Iterator[Callable[[], None]]:
    """Give a function with which an operator replaces the key of the caches."""

    def replace() -> None:
        ask(database.migrate_url, "UPDATE keys SET state = 'retired' WHERE purpose = 'cache' AND state = 'active'")
        assert PostgresKeys(owner).add_missing(MASTER, AT)

    yield replace
    ask(database.migrate_url, "DELETE FROM keys WHERE purpose = 'cache' AND state = 'retired'")


def cache_key(ring: KeyRing) -> str:
    """The id of the key that seals caches."""
    return ring.active(Purpose.CACHE).key_id


def test_a_trip_that_is_made_anyway_brings_new_keys(
    live: LiveKeyRing, app: Database, change: Callable[[], None]
) -> None:
    """Whoever reads a person has the keys of that moment; a trip that brings no news leaves the very same ring."""
    registrations = PostgresRegistrations(app, beside=live.refresh_if)
    work = PostgresWork(app, Sealer(live), BsnLookup(live), registrations.refresh_if)
    a_person(work)
    before = live.current
    a_person(work)
    assert live.current is before
    change()
    assert live.current is before
    a_person(work)
    assert cache_key(live.current) != cache_key(before)
    assert live.current.get(cache_key(before)).state == "retired"


def test_what_was_open_is_not_opened_again(live: LiveKeyRing, clock: Clock, change: Callable[[], None]) -> None:
    """A new ring takes over the key objects of the one before it: an RSA key takes tens of milliseconds to parse."""
    before = live.current
    change()
    clock.now += 1
    after = live.newer(before)
    assert after is not None
    signing = before.active(Purpose.SIGNING, "RS256")
    assert after.active(Purpose.SIGNING, "RS256").private is signing.private


def test_a_process_without_trips_looks_by_itself(live: LiveKeyRing, clock: Clock, change: Callable[[], None]) -> None:
    """No process is behind for longer than `OLDEST_SECONDS`."""
    before = live.current
    change()
    clock.now += OLDEST_SECONDS - 0.1
    assert live.current is before
    clock.now += 0.1
    assert live.current is not before


def test_a_stranger_is_looked_up_before_it_is_refused(
    live: LiveKeyRing, app: Database, clock: Clock, change: Callable[[], None]
) -> None:
    """What another process sealed with a key that this one has not heard of is opened all the same."""
    sealer = Sealer(live, Purpose.CACHE)
    place = {"table": "t", "column": "c", "row": "r"}
    change()
    sealed = Sealer(LiveKeyRing(app, lambda: MASTER), Purpose.CACHE).seal(b"x", **place)
    clock.now += 1
    assert sealer.open(sealed, **place) == b"x"
    assert live.newer(live.current) is None


def test_keys_that_can_not_be_opened_stop_nothing(
    live: LiveKeyRing, database: FreshDatabase, clock: Clock, change: Callable[[], None]
) -> None:
    """A row that somebody spoilt is told to the log; the keys in memory go on."""
    before = live.current
    change()
    ask(database.migrate_url, "UPDATE keys SET sealed = sealed || '\\x00' WHERE purpose = 'cache' AND state = 'active'")
    clock.now += 1
    assert live.newer(before) is None
    assert live.current is before
    ask(database.migrate_url, "DELETE FROM keys WHERE purpose = 'cache'")
    ask(database.migrate_url, "UPDATE configuration_version SET version = version + 1")


def test_keys_under_another_master_key_are_taken_up(owner: Database, app: Database, clock: Clock) -> None:
    """Wrapped anew while a process runs on the old master key: it reads the master keys again, and never stands still.

    One whose file lacks the new master key goes on with what it has, and tries again until the file has it.
    """
    PostgresKeys(owner).add_missing(MASTER, AT)
    masters = Masters()
    ring = LiveKeyRing(app, masters, clock)
    before, material = ring.current, os.urandom(32)
    new, both = MasterKey(material), MasterKey(material, older=[MASTER])
    rotation = PostgresKeyRotation(owner)
    wrapped = rotation.rewrap(both, AT)
    assert {key.key_id for key in wrapped} == {key.key_id for key in before}
    clock.now += OLDEST_SECONDS
    assert ring.current is before
    masters.now = both
    assert ring.current is before
    clock.now += OLDEST_SECONDS
    after = ring.current
    assert after is not before
    assert cache_key(after) == cache_key(before)
    assert rotation.rewrap(both, AT) == ()
    masters.now = new
    assert len(list(LiveKeyRing(app, masters, clock).current)) == len(wrapped)
    with pytest.raises(SealBrokenError):
        rotation.rotate(MASTER, Purpose.CACHE, None, AT, at_once=False)
    with pytest.raises(SealBrokenError):
        PostgresKeys(owner).add_missing(MASTER, AT)
    assert rotation.rewrap(MasterKey(MATERIAL, older=[new]), AT)
