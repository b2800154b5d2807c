"""What was read from elsewhere, kept for a while, and read again sparingly."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import Generic, TypeVar

from vad.domain.errors import RegisterUnavailableError

T = TypeVar("T")

FRESH = 600.0
"""Seconds after which it is read again before use."""
USABLE = 3600.0
"""Seconds for which it still serves when reading it again fails: a key that was withdrawn must die out."""
AFTER_FAILURE = 2.0
"""Seconds after a failed reading in which nobody tries again: callers that wait must not queue up to fail in turn."""
BETWEEN = 60.0
"""Seconds between two readings that somebody else's made-up value can bring about."""
_FAILED = "reading it failed a moment ago"


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    read_at: float
    doubted: bool = False


class Remembered(Generic[T]):
    """One value behind `read`, which raises `RegisterUnavailableError` when it can't be had. Safe among threads.

    `wait`: for how many seconds after a reading began others wait for it, each with a thread. Who comes later is told
    at once: what takes that long hangs. None: as long as it takes.
    """

    def __init__(
        self,
        read: Callable[[], T],
        monotonic: Callable[[], float] = time.monotonic,
        *,
        wait: float | None = None,
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._wait = wait
        self._lock = Lock()
        self._began: float | None = None
        """When somebody took the lock to read."""
        self._kept: _Kept[T] | None = None
        self._not_before = float("-inf")
        self._replaced_at = float("-inf")

    def get(self) -> T:
        """The value, at most `USABLE` old. While one caller reads it again, the others go on with the old one."""
        kept = self._kept
        if kept is not None and self._fresh(kept):
            return kept.value
        if kept is None or not self._usable(kept):
            self._reach()
        elif not self._lock.acquire(blocking=False):
            return kept.value
        with self._reached():
            return self._renewed()

    def doubt(self) -> None:
        """Read it again before the next use, because acting on it failed."""
        with self._lock:
            if self._kept is not None:
                self._kept = replace(self._kept, doubted=True)

    def newer_than(self, value: T) -> T | None:
        """Another value than this one, read again if need be; None where it was looked at less than a minute ago.

        Raises `RegisterUnavailableError` where it could not be looked at: that says nothing against what is sought.
        """
        self._reach()
        with self._reached():
            if self._kept is not None and self._kept.value is not value:
                return self._kept.value
            now = self._monotonic()
            if now < self._replaced_at + BETWEEN:
                return None
            if now < self._not_before:
                raise RegisterUnavailableError(_FAILED)
            newer = self._read_now()
            self._replaced_at = self._monotonic()
            return newer

    def _reach(self) -> None:
        """Take the lock. Raises `RegisterUnavailableError` once somebody else reads for longer than one waits."""
        if self._lock.acquire(blocking=False):
            return
        began, left = self._began, -1.0
        if self._wait is not None:
            # Not known yet of who took the lock this moment, or only looks.
            left = self._wait if began is None else max(0.0, began + self._wait - self._monotonic())
        if not self._lock.acquire(timeout=left):
            raise RegisterUnavailableError("somebody else is still reading it")

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """What is done with the lock, which was taken; it is let go of afterwards."""
        self._began = self._monotonic()
        try:
            yield
        finally:
            self._began = None
            self._lock.release()

    def _renewed(self) -> T:
        kept = self._kept
        if kept is not None and self._fresh(kept):
            return kept.value
        usable = kept is not None and self._usable(kept)
        if self._monotonic() >= self._not_before:
            try:
                return self._read_now()
            except RegisterUnavailableError:
                if not usable:
                    raise
        if kept is None or not usable:
            raise RegisterUnavailableError(_FAILED)
        return kept.value

    def _read_now(self) -> T:
        try:
            value = self._read()
        except RegisterUnavailableError:
            self._not_before = self._monotonic() + AFTER_FAILURE
            raise
        self._kept = _Kept(value, self._monotonic())
        return value

    def _fresh(self, kept: _Kept[T]) -> bool:
        return not kept.doubted and self._monotonic() < kept.read_at + FRESH

    def _usable(self, kept: _Kept[T]) -> bool:
        return self._monotonic() < kept.read_at + USABLE
