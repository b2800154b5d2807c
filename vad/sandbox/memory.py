"""Short-lived state of a sandbox program: bounded in number and in time, safe for its threads."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class _Entry(Generic[T]):
    value: T
    until: float


class ShortLived(Generic[T]):
    """A store whose entries end by themselves; a full store refuses new entries instead of forgetting old ones."""

    def __init__(self, now: Callable[[], float], *, most: int = 10_000) -> None:
        self._now = now
        self._most = most
        self._entries: dict[str, _Entry[T]] = {}
        self._lock = Lock()

    def add(self, key: str, value: T, *, seconds: float) -> bool:
        """Keep `value` for `seconds`; False, and nothing kept, when `key` is there already or the store is full."""
        with self._lock:
            now = self._now()
            if len(self._entries) >= self._most:
                self._entries = {k: entry for k, entry in self._entries.items() if entry.until > now}
            entry = self._entries.get(key)
            if (entry is not None and entry.until > now) or len(self._entries) >= self._most:
                return False
            self._entries[key] = _Entry(value, now + seconds)
            return True

    def get(self, key: str) -> T | None:
        """Return what is kept under `key`, or None."""
        with self._lock:
            return self._living(self._entries.get(key))

    def pop(self, key: str) -> T | None:
        """Return what is kept under `key` and forget it, so that one caller only can have it; or None."""
        with self._lock:
            return self._living(self._entries.pop(key, None))

    def forget(self, which: Callable[[T], bool]) -> None:
        """Forget every entry of which this is true."""
        with self._lock:
            self._entries = {key: entry for key, entry in self._entries.items() if not which(entry.value)}

    def _living(self, entry: _Entry[T] | None) -> T | None:
        return entry.value if entry is not None and entry.until > self._now() else None
