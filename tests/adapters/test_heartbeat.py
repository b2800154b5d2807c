"""The worker's own door: it answers from another thread, and says when the loop should have been back."""

import http.client
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from structlog.testing import capture_logs

from vad.adapters.heartbeat import PATH, Heartbeat, open_door
from vad.sandbox.ports import free_port


@dataclass
class Clock:
    """A clock that stands still until somebody moves it."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def ask(bind: str, path: str) -> tuple[int, str]:
    """What the door answers."""
    connection = http.client.HTTPConnection(bind, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    told = answer.status, answer.read().decode()
    connection.close()
    return told


def test_a_loop_that_is_not_back_in_time_hangs(capfd: pytest.CaptureFixture[str]) -> None:
    """A pause that it told of is none of it; once it goes round again all is well; figures are told all the while."""
    clock, registry, bind = Clock(), CollectorRegistry(), f"127.0.0.1:{free_port()}"
    Counter("told", "Something.", registry=registry).inc()
    heartbeat = Heartbeat(10.0, clock)
    with open_door(bind, heartbeat, registry):
        assert ask(bind, PATH)[0] == 200
        clock.now += 10.1
        assert ask(bind, PATH) == (503, "the worker hangs\n")
        assert "told_total 1.0" in ask(bind, "/metrics")[1]
        heartbeat.beat()
        assert ask(bind, PATH)[0] == 200
        heartbeat.beat(pause=60.0)
        clock.now += 69.9
        assert ask(bind, PATH)[0] == 200
        clock.now += 0.2
        assert ask(bind, PATH)[0] == 503
    assert capfd.readouterr() == ("", "")


def test_who_says_nothing_holds_up_nobody() -> None:
    """An open connection without a question, and one with half of it: the next one is answered at once."""
    bind = f"127.0.0.1:{free_port()}"
    host, _, port = bind.partition(":")
    with (
        open_door(bind, Heartbeat(10.0), CollectorRegistry()),
        socket.create_connection((host, int(port))),
        socket.create_connection((host, int(port))) as half,
    ):
        half.sendall(b"GET /healthz HT")
        assert ask(bind, PATH)[0] == 200


def test_without_an_address_there_is_no_door() -> None:
    """Nobody asked for one."""
    with open_door(None, Heartbeat(10.0), CollectorRegistry()):
        pass


class Broken(Collector):
    """Figures that can't be told."""

    def describe(self) -> Iterator[Metric]:
        """Nothing yet."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Nothing at all."""
        raise ZeroDivisionError("secret")


def test_figures_that_break_say_nothing_of_why() -> None:
    """500 to who asks and one line in the log, by its class; the loop's own answer is none the worse."""
    registry, bind = CollectorRegistry(), f"127.0.0.1:{free_port()}"
    registry.register(Broken())
    with capture_logs() as said, open_door(bind, Heartbeat(10.0), registry):
        assert ask(bind, "/metrics") == (500, "")
        assert ask(bind, PATH)[0] == 200
    (line,) = said
    assert (line["event"], line["exception_class"]) == ("figures_fault", "builtins.ZeroDivisionError")
    assert "secret" not in str(line)


def test_an_address_that_is_taken_is_told() -> None:
    """The worker makes one plain line of it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(OSError, match="in use"), open_door(bind, Heartbeat(10.0), CollectorRegistry()):
            pass
