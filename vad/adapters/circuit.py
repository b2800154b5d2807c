"""A circuit breaker: a server that keeps failing is left alone for a while instead of being stormed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from threading import Lock

from vad.domain.errors import OutOfTimeError

_REMEMBERED = 300.0
"""Seconds that it counts as open without another call. Whether the server is well again, only a call can tell."""


class Circuit:
    """Opens after `failures` failures in a row; from `seconds` later on one call at a time probes the server.

    A call that hangs, `slow` seconds old, counts as a failure for whether another may begin: a server that hangs must
    not take up every thread before the first of them gives up. Safe to share among threads. `refusal` makes the error
    for a call that is not made, of a text that says why. `monotonic` tells seconds that never jump.
    """

    def __init__(
        self,
        refusal: Callable[[str], Exception],
        *,
        failures: int = 5,
        seconds: float = 10.0,
        slow: float = 2.5,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._refusal = refusal
        self._limit = failures
        self._seconds = seconds
        self._monotonic = monotonic
        self._lock = Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._slow = slow
        self._under_way: dict[object, float] = {}
        """When each began, the oldest first."""

    @property
    def open(self) -> bool:
        """Whether calls were refused of late, but for probes. What nobody has called since then is forgotten."""
        opened_at = self._opened_at
        return opened_at is not None and self._monotonic() < opened_at + _REMEMBERED

    def trip(self) -> None:
        """Open it now: somebody knows from elsewhere that calls would fail."""
        with self._lock:
            self._failures = max(self._failures, self._limit)
            self._opened_at = self._monotonic()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """One call: an exception inside is a failure. Raises a refusal at once while it is open.

        `OutOfTimeError` is neither failure nor success: the caller had too little time to tell.
        """
        call = object()
        probe = self._admit(call)
        try:
            yield
        except OutOfTimeError:
            self._given_up(call, probe=probe)
            raise
        except BaseException:
            self._failed(call, probe=probe)
            raise
        self._succeeded(call, probe=probe)

    def _admit(self, call: object) -> bool:
        with self._lock:
            now = self._monotonic()
            if self._opened_at is None:
                if self._hangs(now):
                    raise self._refusal("too many calls hang")
            elif self._probing or now < self._opened_at + self._seconds:
                raise self._refusal("the circuit is open")
            self._under_way[call] = now
            self._probing = self._opened_at is not None
            return self._probing

    def _hangs(self, now: float) -> bool:
        """Whether failures in a row, and calls that hang and will probably fail, are together enough to open it."""
        lacking = max(self._limit - self._failures, 1)
        return next(islice(self._under_way.values(), lacking - 1, None), now) < now - self._slow

    def _failed(self, call: object, *, probe: bool) -> None:
        with self._lock:
            del self._under_way[call]
            self._failures += 1
            # A call that began before the circuit opened says nothing new: only a probe starts the waiting again.
            if probe or (self._opened_at is None and self._failures >= self._limit):
                self._opened_at = self._monotonic()
            if probe:
                self._probing = False

    def _given_up(self, call: object, *, probe: bool) -> None:
        with self._lock:
            del self._under_way[call]
            if probe:
                self._probing = False

    def _succeeded(self, call: object, *, probe: bool) -> None:
        with self._lock:
            del self._under_way[call]
            if self._opened_at is None or probe:
                self._failures, self._opened_at = 0, None
            if probe:
                self._probing = False
