"""What was read from elsewhere, kept for a while, and read again sparingly."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock, Semaphore
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


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    read_at: float
    doubted: bool = False


class Remembered(Generic[T]):
    """One value behind `read`, which raises `RegisterUnavailableError` when it can't be had. Safe among threads.

    `wait`: how many seconds a caller waits at most while another reads it; negative: as long as that takes. `waiting`:
    how many wait at most, each with a thread; who comes after them is told at once. None: as many as come.
    """

    def __init__(
        self,
        read: Callable[[], T],
        monotonic: Callable[[], float] = time.monotonic,
        *,
        wait: float = -1,
        waiting: int | None = None,
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._wait = wait
        self._lock = Lock()
        self._room = None if waiting is None else Semaphore(waiting)
        self._kept: _Kept[T] | None = None
        self._not_before = float("-inf")
        self._replaced_at = float("-inf")

    def get(self) -> T:
        """The value, at most `USABLE` old. While one caller reads it again, the others go on with the old one."""
        kept = self._kept
        if kept is not None and self._fresh(kept):
            return kept.value
        if kept is None or not self._usable(kept):
            if not self._reached():
                raise RegisterUnavailableError("somebody else is still reading it")
        elif not self._lock.acquire(blocking=False):
            return kept.value
        try:
            return self._renewed()
        finally:
            self._lock.release()

    def doubt(self) -> None:
        """Read it again before the next use, because acting on it failed."""
        with self._lock:
            if self._kept is not None:
                self._kept = replace(self._kept, doubted=True)

    def newer_than(self, value: T) -> T | None:
        """Another value than this one, read again if need be; None when it can't be read again yet."""
        if not self._reached():
            return None
        try:
            if self._kept is not None and self._kept.value is not value:
                return self._kept.value
            if self._monotonic() < max(self._replaced_at + BETWEEN, self._not_before):
                return None
            newer = self._read_now()
            self._replaced_at = self._monotonic()
            return newer
        finally:
            self._lock.release()

    def _reached(self) -> bool:
        """Take the lock, if nobody else is reading for longer than one may wait."""
        if self._lock.acquire(blocking=False):
            return True
        if self._room is None:
            return self._lock.acquire(timeout=self._wait)
        if not self._room.acquire(blocking=False):
            return False
        try:
            return self._lock.acquire(timeout=self._wait)
        finally:
            self._room.release()

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
            raise RegisterUnavailableError("reading it failed a moment ago")
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
