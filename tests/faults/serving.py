"""A real `vad serve` with two processes, and clients that ask it things without end."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from tests.support.process_tree import children_of
from vad.sandbox.child import Child

_PATIENCE = 60.0
_CLIENTS = 6
_BETWEEN = 0.1
"""Seconds that each waits before it asks again: what they test is a moment, which comes all the more quickly if they
leave the machine to it."""
Start = Callable[..., "Served"]
UNLIMITED = {"VAD__LIMITS__LOGIN_PER_ADDRESS": "1000000"}


@dataclass
class Served:
    """A running `vad serve`."""

    address: str
    child: Child

    def workers(self) -> set[int]:
        """The processes that answer."""
        return set(children_of(self.child.pid))

    def ready(self) -> int | None:
        """What `/readyz` says, to somebody without a connection."""
        try:
            return requests.get(f"{self.address}/readyz", timeout=10).status_code
        except requests.RequestException:
            return None

    def until(self, true: Callable[[], bool], patience: float = _PATIENCE) -> None:
        """Wait for it; the server must live meanwhile."""
        deadline = time.monotonic() + patience
        while not true():
            assert not self.child.wait(0.1), self.child.last_words()
            assert time.monotonic() < deadline, self.child.last_words(20)


@dataclass
class Load:
    """Clients that each keep one connection open, and all that they were answered."""

    address: str
    over: threading.Event = field(default_factory=threading.Event)
    answers: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def _go(self, number: int) -> None:
        with requests.Session() as session:
            while not self.over.wait(_BETWEEN):
                try:
                    if number % 2:
                        answer = session.post(f"{self.address}/token", data={"grant_type": "none"}, timeout=30)
                    else:
                        answer = session.get(f"{self.address}/jwks", timeout=30)
                    said = str(answer.status_code)
                except requests.RequestException as error:
                    said = type(error).__name__
                with self.lock:
                    self.answers[said] += 1

    @contextmanager
    def running(self) -> Iterator["Load"]:
        """Ask on and on inside the block."""
        clients = [threading.Thread(target=self._go, args=(number,)) for number in range(_CLIENTS)]
        for client in clients:
            client.start()
        try:
            yield self
        finally:
            self.over.set()
            for client in clients:
                client.join()

    def many(self, more: int = 60) -> Callable[[], bool]:
        """Whether so many more were answered from now on."""
        enough = self.answers.total() + more
        return lambda: self.answers.total() >= enough
