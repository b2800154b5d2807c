"""How long a failure is felt: somebody asks for a page all the while, and notes when that went well."""

import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise

import requests

BETWEEN_BEATS = 0.1
PATIENCE = 30.0
"""Seconds."""


@dataclass
class Pulse:
    """Somebody who asks for a page again and again, each time on a new connection."""

    address: str
    over: threading.Event
    asked: list[tuple[float, float, bool]] = field(default_factory=list)
    """When it was asked, when it was answered, and whether well."""

    def beat(self) -> None:
        """Ask until it is over."""
        while not self.over.wait(BETWEEN_BEATS):
            begun = time.monotonic()
            try:
                well = requests.get(self.address, timeout=PATIENCE).status_code == requests.codes.ok
            except requests.RequestException:
                well = False
            self.asked.append((begun, time.monotonic(), well))

    def recoveries(self, killed: list[tuple[float, str]]) -> list[float]:
        """From each kill to the end of the first answer that was asked for after it and that was good.

        Where none came any more, as long as it was looked at.
        """
        last = self.asked[-1][1] if self.asked else 0.0
        good = [(begun, answered) for begun, answered, well in self.asked if well]
        return [next((end for begun, end in good if begun >= at), last) - at for at, _ in killed if at < last]

    def longest_silence(self) -> float:
        """The longest time between two good answers."""
        good = [answered for _, answered, well in self.asked if well]
        return max((later - earlier for earlier, later in pairwise(good)), default=float("inf"))
