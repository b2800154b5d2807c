"""Registers that misbehave below HTTP: slow, endless, garbled, or not who they say they are."""

import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from tests.adapters.http.failing_calls import ask, failure
from tests.adapters.http.self_signed import self_signed
from tests.adapters.http.wild_server import Answer, dripping, fixed, flooding, silent, wild_server
from vad.adapters.http.caller import HttpCaller, Limits

pytestmark = pytest.mark.slow

QUICK = Limits(connect=0.5, total=0.4)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        silent,
        dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
        dripping(b"HTTP/1.1 ", b"2"),
        dripping(HEAD + b"Content-Length: 60000\r\n\r\n", b" "),
        dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silent", "headers", "status", "body", "chunks", "continue"],
)
def test_time_is_limited_as_a_whole(answer: Answer) -> None:
    """A server that is never silent for long can't hold its caller longer than the whole call may take."""
    with wild_server(answer) as url:
        began = time.monotonic()
        failure(ask(HttpCaller("register", limits=QUICK), url))
        assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(fixed(b""), id="closed"),
        pytest.param(fixed(b"\x00\xff nonsense\r\n\r\n"), id="garbage"),
        pytest.param(fixed(HEAD + b"Content-Length: 100\r\n\r\n{}"), id="cut off"),
        pytest.param(fixed(HEAD + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n"), id="bad chunk"),
        pytest.param(flooding(HEAD + b"\r\n", b" " * 65_536), id="endless body"),
        pytest.param(flooding(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * 65_536), id="endless chunk line"),
        pytest.param(flooding(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 60_000 + b"\r\n"), id="endless headers"),
        pytest.param(fixed(HEAD + b"\r\n" + b"[" * 60_000), id="very deep"),
        pytest.param(fixed(HEAD + b"\r\n" + b"[" * 21 + b"]" * 21), id="too deep"),
    ],
)
def test_nonsense_on_the_wire_is_a_failure(answer: Answer) -> None:
    """Whatever comes, it costs bounded memory and ends as the one error that connectors know."""
    with wild_server(answer) as url:
        failure(ask(HttpCaller("register"), url))


def test_connections_are_used_again() -> None:
    """A register that keeps its connection open is not connected to anew for the next call."""
    connections = []

    def twice(connection: socket.socket, _stopped: threading.Event) -> None:
        connections.append(connection)
        connection.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
        connection.recv(64 * 1024)
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")

    with wild_server(twice) as url:
        caller = HttpCaller("register")
        for _ in range(2):
            assert caller.get(url).json == {}
    assert len(connections) == 1


def test_no_more_calls_than_allowed_are_under_way() -> None:
    """When all connections are taken, a further caller gives up in the same time as everybody else."""
    with wild_server(silent) as url:
        caller = HttpCaller("register", limits=Limits(total=0.2, connections=1))
        caller._free.acquire()  # noqa: SLF001 - as if another thread were calling
        assert failure(ask(caller, url)) == "register: too many calls under way"
        caller._free.release()  # noqa: SLF001
        assert failure(ask(caller, url)) == "register: ReadTimeout"


def test_tls_is_verified(tmp_path: Path) -> None:
    """A certificate that nobody we trust has signed ends the call; the operator's own roots can be named."""
    certificate, key = self_signed(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with wild_server(fixed(HEAD + b"Content-Length: 2\r\n\r\n{}"), tls) as url:
        assert failure(ask(HttpCaller("register"), url)) == "register: SSLError"
        trusting = HttpCaller("register", ca_bundle=str(certificate))
        assert trusting.get(url).json == {}
        assert failure(ask(trusting, url.replace("localhost", "127.0.0.1"))) == "register: SSLError"
    with wild_server(dripping(HEAD, b"X-More: 1\r\n"), tls) as url:
        began = time.monotonic()
        failure(ask(HttpCaller("register", limits=QUICK, ca_bundle=str(certificate)), url))
        assert time.monotonic() - began < 1.5
