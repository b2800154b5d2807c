"""A circuit breaker: a register that keeps failing is left alone for a while instead of being stormed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from vad.domain.errors import RegisterUnavailableError


class Circuit:
    """Opens after `failures` failures in a row; from `seconds` later on one call at a time probes the register.

    Safe to share among threads. `monotonic` tells seconds that never jump.
    """

    def __init__(
        self, *, failures: int = 5, seconds: float = 10.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._seconds = seconds
        self._monotonic = monotonic
        self._lock = Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    @property
    def open(self) -> bool:
        """Whether calls are refused now, but for a probe."""
        return self._opened_at is not None

    def trip(self) -> None:
        """Open it now: somebody knows from elsewhere that calls would fail."""
        with self._lock:
            self._failures = max(self._failures, self._limit)
            self._opened_at = self._monotonic()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """One call: an exception inside is a failure. Raises `RegisterUnavailableError` at once while it is open."""
        probe = self._admit()
        try:
            yield
        except BaseException:
            self._failed(probe=probe)
            raise
        self._succeeded(probe=probe)

    def _admit(self) -> bool:
        with self._lock:
            if self._opened_at is None:
                return False
            if self._probing or self._monotonic() < self._opened_at + self._seconds:
                raise RegisterUnavailableError("the circuit is open")
            self._probing = True
            return True

    def _failed(self, *, probe: bool) -> None:
        with self._lock:
            self._failures += 1
            # A call that began before the circuit opened says nothing new: only a probe starts the waiting again.
            if probe or (self._opened_at is None and self._failures >= self._limit):
                self._opened_at = self._monotonic()
            if probe:
                self._probing = False

    def _succeeded(self, *, probe: bool) -> None:
        with self._lock:
            if self._opened_at is None or probe:
                self._failures, self._opened_at = 0, None
            if probe:
                self._probing = False
