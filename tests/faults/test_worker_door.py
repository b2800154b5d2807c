"""What `vad worker` says of itself while it hangs, or can't open its door."""

import re

import pytest
import requests

from tests.faults.test_worker import Start, empty_outbox, fill, held_after_delivery, start, wait, waiting
from tests.support.backroom import Backroom
from vad.sandbox.ports import free_port

__all__ = ["empty_outbox", "start"]
pytestmark = pytest.mark.slow


class Door:
    """Where a worker is asked."""

    def __init__(self) -> None:
        self.bind = f"127.0.0.1:{free_port()}"

    def healthy(self) -> int | None:
        """What `/healthz` says; None while nobody listens."""
        try:
            return requests.get(f"http://{self.bind}/healthz", timeout=10).status_code
        except requests.ConnectionError:
            return None

    def faults(self, event: str) -> float:
        """How many of these its figures tell."""
        text = requests.get(f"http://{self.bind}/metrics", timeout=10).text
        (value,) = re.findall(rf'^vad_faults_total{{event="{event}"}} (\S+)$', text, re.MULTILINE)
        return float(value)


def test_a_worker_that_hangs_says_so(start: Start, backroom: Backroom) -> None:
    """A round that takes longer than it may: 503, so that it is started anew. When it goes on, it says that as well.

    A second worker at the same address ends with one plain line that says which setting is to blame.
    """
    door = Door()
    settings = {"VAD__METRICS__WORKER_BIND": door.bind, "VAD__METRICS__WORKER_STUCK_AFTER": "1.2"}
    worker = start(**settings)
    wait(worker, lambda: door.healthy() == 200)
    second = start(**settings)
    assert second.wait(30.0)
    second.stop()
    assert second.status == 1
    assert second.last_words() == ["Error: metrics.worker_bind: Address already in use"]
    with held_after_delivery(backroom):
        fill(backroom, 1)
        wait(worker, lambda: door.healthy() == 503)
    wait(worker, lambda: door.healthy() == 200)
    wait(worker, lambda: waiting(backroom) == 0)
