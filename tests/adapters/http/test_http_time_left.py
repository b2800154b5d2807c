"""A call ends with the time of the request that it is made for, and that says nothing against the register."""

import socket
import threading
import time

from tests.adapters.http.failing_calls import ask, failure
from tests.adapters.http.wild_server import Answer, fixed, silent, wild_server
from vad.adapters.http.caller import HttpCaller, Limits
from vad.services.time_limit import SECONDS, limited

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
LIMITS = Limits(connect=0.5, total=2.0)


def out_of_time(caller: HttpCaller, url: str, left: float) -> float:
    """Give how long it took to hear that a request with so many seconds left has none any more."""
    began = time.monotonic()
    with limited(time.monotonic, since=began - SECONDS + left):
        told = failure(ask(caller, url))
    assert told in {"register: too little time was left to ask", "register: the request has taken as long as it may"}
    return time.monotonic() - began


def once_told(well: threading.Event) -> Answer:
    """Say nothing, to anybody who comes before the register is well."""

    def answer(connection: socket.socket, stopped: threading.Event) -> None:
        if well.is_set():
            fixed(GOOD)(connection, stopped)
        else:
            while connection.recv(1024):
                pass  # until the caller hangs up

    return answer


def test_a_call_takes_no_longer_than_what_is_left() -> None:
    """Its own limit is two seconds; the request has less than one, of which half a second is for what comes after."""
    with wild_server(silent) as url:
        assert 0.2 < out_of_time(HttpCaller("register", limits=LIMITS), url, 0.8) < 1.5


def test_where_nothing_is_left_nobody_is_called() -> None:
    """A register hears nothing that nobody waits for."""
    heard: list[bytes] = []

    def answer(connection: socket.socket, _stopped: threading.Event) -> None:
        heard.append(b"called")
        connection.sendall(GOOD)

    caller = HttpCaller("register", limits=LIMITS)
    with wild_server(answer) as url:
        assert out_of_time(caller, url, 0.4) < 0.2
        assert heard == []
        ask(caller, url)()
        assert heard == [b"called"]


def test_too_little_time_is_not_held_against_the_register() -> None:
    """Six in a row that were cut short open no circuit; six that had their time do."""
    caller = HttpCaller("register", limits=Limits(connect=0.5, total=0.4))
    well = threading.Event()
    with wild_server(once_told(well)) as url:
        for _ in range(6):
            out_of_time(caller, url, 0.6)
        assert not caller.degraded
        well.set()
        ask(caller, url)()
    with wild_server(silent) as url:
        for _ in range(6):
            failure(ask(caller, url))
        assert caller.degraded


def test_a_limit_inside_another_gives_no_more_time() -> None:
    """What the server began counts, not when the application took it up."""
    caller = HttpCaller("register", limits=LIMITS)
    with (
        wild_server(fixed(GOOD)) as url,
        limited(time.monotonic, since=time.monotonic() - SECONDS - 1),
        limited(time.monotonic),
    ):
        failure(ask(caller, url))
