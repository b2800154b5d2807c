"""What the tests of the look-up key share: processes that know the keys of some moment, and who changes them."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime

import pytest

from tests.adapters.postgres.postgres_records import AT, a_person, all_at_once
from tests.support.database import FreshDatabase, Server, new_database
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.key_ring import LiveKeyRing
from vad.adapters.postgres.key_rotation import PostgresKeyRotation
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.postgres.person_keys import PostgresPersonKeys
from vad.adapters.postgres.registrations import PostgresRegistrations
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.keys import KeyState, StoredKey
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.rotation import SPREAD
from vad.adapters.vault.sealing import Sealer
from vad.domain.identifiers import Bsn, PersonId

MASTER = MasterKey(os.urandom(32))
STAGES = ("publish", "hash anew", "activate", "hash anew", "destroy")


@pytest.fixture
def database(postgres: Server, migrated_template: str) -> Iterator[FreshDatabase]:
    """Give each test a database of its own, with keys."""
    with new_database(postgres, migrated_template) as made, closing(Database(made.migrate_url)) as owner:
        PostgresKeys(owner).add_missing(MASTER, AT)
        yield made


@pytest.fixture
def operator(database: FreshDatabase) -> Iterator["Operator"]:
    """Give who changes keys."""
    with closing(Database(database.migrate_url)) as owner:
        yield Operator(owner)


class Process:
    """One that serves: its clock stands still, so it looks at no key until it has to."""

    def __init__(self, app_url: str) -> None:
        self.database = Database(app_url, Limits(connections=4))
        live = LiveKeyRing(self.database, lambda: MASTER, lambda: 0.0)
        known = PostgresRegistrations(self.database, lambda: 0.0, beside=live.refresh_if)
        self.work = PostgresWork(self.database, Sealer(live), BsnLookup(live), known.refresh_if)
        self.database.close()

    def close(self) -> None:
        """Give its connections back."""
        self.database.close()

    def log_in(self, bsn: Bsn) -> PersonId:
        """The person with this BSN, who may be new."""
        return a_person(self.work, bsn)


def log_in_at_once(processes: list[Process], bsn: Bsn) -> set[PersonId]:
    """Log somebody in at each of these twice, all at one moment; give who that was."""
    arriving = iter(processes * 2)
    return set(all_at_once(len(processes) * 2, lambda: next(arriving).log_in(bsn)))


@pytest.fixture
def start(database: FreshDatabase) -> Iterator[Callable[[], Process]]:
    """Give a function that starts a process."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(Process(database.app_url)))


class Operator:
    """Takes one step of the rotation after the other, at the times when each may be taken."""

    def __init__(self, owner: Database) -> None:
        self.owner = owner
        self.rotation = PostgresKeyRotation(owner)
        self.at = AT

    def keys(self, state: KeyState) -> list[StoredKey]:
        """The look-up keys in this state."""
        return [key for key in PostgresKeys(self.owner).load() if (key.purpose, key.state) == (Purpose.LOOKUP, state)]

    def takes(self, step: str) -> None:
        """Take it, so long after the one before that it may be."""
        self.at += SPREAD
        if step == "destroy":
            (old,) = self.keys(KeyState.RETIRED)
            self.rotation.destroy(old.key_id, self.at)
        elif step == "hash anew":
            self.hashes_anew()
        else:
            self.rotates(self.at)

    def rotates(self, at: datetime, *, at_once: bool = False) -> None:
        """Take the next step of the key itself."""
        self.rotation.rotate(MASTER, Purpose.LOOKUP, None, at, at_once=at_once)

    def hashes_anew(self) -> int:
        """Bring everybody to the look-up keys that live."""
        return sum(PostgresPersonKeys(self.owner, MASTER).hash_anew())
