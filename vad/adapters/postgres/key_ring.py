"""The key ring of a running process: it takes up keys that were made or moved since, without a restart.

Keys are counted by the version of the registrations (`registrations`), which rides on trips that are made anyway: a
process that reads a person or a grant has the keys of that moment. One that makes no such trip looks by itself after
some seconds, and one that meets a key id it does not know looks at once. Whatever reads the ring takes no lock.

Keys may come back wrapped by another master key. What holds the master keys is then read again: it has both by then.
"""

import threading
import time
from collections.abc import Callable

import structlog

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.keys import stored_keys
from vad.adapters.postgres.registration_queries import current_version
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.errors import SealBrokenError, VaultError
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.keys import StoredKey
from vad.adapters.vault.master_key import MasterKey
from vad.domain.errors import UnavailableError

OLDEST_SECONDS = 5.0
"""A process knows the keys as they were this long ago, or knows that PostgreSQL does not answer."""
_BETWEEN_LOOKS = 0.05
"""Seconds. Whoever sends invented key ids makes each process look this often and no more."""


class LiveKeyRing:
    """`vad.adapters.vault.rings.Rings`. Raises what `KeyRing` does when the keys can't be opened to begin with.

    Keys that can't be opened later are told to the log and tried again after some seconds: those in use go on.
    `masters` reads the master key, and raises `MasterKeyError`. `not_taken_up` hears of each time that it happens.
    """

    def __init__(
        self,
        database: Database,
        masters: Callable[[], MasterKey],
        clock: Callable[[], float] = time.monotonic,
        *,
        not_taken_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._masters = masters
        self._master = masters()
        self._clock = clock
        self._not_taken_up = not_taken_up
        self._try_again_at: float | None = None
        self._asking = threading.Lock()
        self._loading = threading.Lock()
        with Transaction(database) as transaction:
            # Before the keys: what changes in between is read again.
            self._version = current_version(transaction)
            self._stored: tuple[StoredKey, ...] = stored_keys(transaction)
        self._ring = KeyRing(self._master, self._stored)
        self._asked_at = clock()

    @property
    def current(self) -> KeyRing:
        """The ring to use now: in nearly all cases the one in memory, without a question to anybody."""
        if self._clock() - self._asked_at >= OLDEST_SECONDS and self._asking.acquire(blocking=False):
            try:  # one thread asks; the others go on with what there is
                self._ask()
            finally:
                self._asking.release()
        return self._ring

    @property
    def stored(self) -> tuple[StoredKey, ...]:
        """The keys as they were last read, sealed."""
        return self._stored

    def newer(self, known: KeyRing) -> KeyRing | None:
        """A ring that came after `known`. The last resort before something is refused, so it waits for the answer."""
        if self._ring is known:
            with self._asking:
                if self._ring is known and self._clock() - self._asked_at >= _BETWEEN_LOOKS:
                    self._ask()
        return None if self._ring is known else self._ring

    def refresh_if(self, version: int, transaction: Transaction) -> None:
        """Read the keys anew, in this transaction, if `version` is news."""
        self._asked_at = self._clock()
        if not self._is_news(version):
            return
        with self._loading:
            if not self._is_news(version):
                return
            stored = stored_keys(transaction)
            if stored == self._stored or self._take_up(stored):
                self._stored, self._try_again_at = stored, None
            else:
                self._try_again_at = self._clock() + OLDEST_SECONDS
            self._version = version

    def _is_news(self, version: int) -> bool:
        again = self._try_again_at
        return version != self._version or (again is not None and self._clock() >= again)

    def _take_up(self, stored: tuple[StoredKey, ...]) -> bool:
        try:
            self._ring = self._opened(stored)
        except VaultError as error:
            structlog.get_logger(__name__).error("keys_not_taken_up", reason=str(error))
            self._not_taken_up()
            return False
        return True

    def _opened(self, stored: tuple[StoredKey, ...]) -> KeyRing:
        try:
            return KeyRing(self._master, stored, self._ring)
        except SealBrokenError:
            master = self._masters()
            ring = KeyRing(master, stored, self._ring)
            self._master = master
            return ring

    def _ask(self) -> None:
        self._asked_at = self._clock()
        try:
            with Transaction(self._database) as transaction:
                self.refresh_if(current_version(transaction), transaction)
        except (UnavailableError, StoreFaultError) as error:
            structlog.get_logger(__name__).warning("keys_not_looked_up", reason=str(error))
