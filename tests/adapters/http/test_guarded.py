"""Calling an address that somebody else chose: never into our own network, and never without an end."""

import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.adapters.http.failing_calls import failure
from tests.adapters.http.self_signed import self_signed
from tests.adapters.http.wild_server import Answer, dripping, fixed, flooding, silent, wild_server
from vad.adapters.http import guarded
from vad.adapters.http.caller import HttpCaller, Limits
from vad.adapters.http.deadline import DeadlineAdapter
from vad.adapters.http.guarded import GuardedAdapter, GuardedCallers, Lookup, look_up
from vad.adapters.http.public_addresses import address_in, public

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GOOD = fixed(HEAD + b"Content-Length: 2\r\n\r\n{}")
QUICK = Limits(connect=0.3, total=0.5)
INSIDE = "keys: an address that is not the internet's"


def answering(*answers: Sequence[str]) -> tuple[Lookup, list[str]]:
    """Give a name server that gives these answers in turn, and the names that it was asked for."""
    asked: list[str] = []

    def lookup(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return lookup, asked


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """Give what a server at `localhost` proves itself with, and the file to trust."""
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, str(certificate)


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),  # noqa: S104
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "fec0::1", "ff02::1", "2001:db8::1"),
        *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::808:808"),
        *("2002:a00:1::1", "2002:808:808::1", "2001:0:808:808::1", "100::1", "no address"),
    ],
)
def test_addresses_that_are_not_the_internets(text: str) -> None:
    """Nor what is one in another spelling, or leads to one."""
    found = address_in(text)
    assert found is None or not public(found)


@pytest.mark.parametrize("text", ["8.8.8.8", "145.21.163.55", "2a02:a20:77::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet(text: str) -> None:
    """Also over IPv6 alone."""
    found = address_in(text)
    assert found is not None
    assert public(found)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_closed(host: str, tls: tuple[ssl.SSLContext, str]) -> None:
    """However it is written: the server is never connected to."""
    connected = threading.Event()
    with wild_server(lambda *_: connected.set(), tls[0]) as url:
        keys = GuardedCallers("keys of", QUICK).to("app")
        told = failure(lambda: keys.get(f"{url.replace('localhost', host)}/"))
        assert told in {INSIDE.replace("keys", "keys of app"), "keys of app: ConnectionError"}
        assert told.endswith("internet's") or host in {"[::1]", "[::ffff:127.0.0.1]"}
    assert not connected.is_set()


@pytest.mark.parametrize("answer", [["8.8.8.8", "10.0.0.1"], ["169.254.169.254"], ["fe80::1%2"], []])
def test_one_address_inside_is_enough_to_refuse(answer: Sequence[str]) -> None:
    """Nothing is tried, not even the addresses that would do."""
    lookup, _ = answering(answer)
    keys = HttpCaller("keys", limits=QUICK, adapter=GuardedAdapter(connections=1, lookup=lookup))
    assert failure(lambda: keys.get("https://keys.example/")) == INSIDE


def test_the_connection_goes_to_what_was_looked_at(tls: tuple[ssl.SSLContext, str]) -> None:
    """The name is looked up once for a connection: what it means a moment later (DNS rebinding) plays no part."""
    lookup, asked = answering(["127.0.0.1"], ["10.0.0.1"])
    adapter = GuardedAdapter(connections=1, loopback=True, lookup=lookup)
    with wild_server(GOOD, tls[0]) as url:
        keys = HttpCaller("keys", limits=QUICK, ca_bundle=tls[1], adapter=adapter)
        assert keys.get(url).json == {}
        assert asked == ["localhost"]
        # That server closes its connections: the next call looks again, and finds the other machine.
        assert failure(lambda: keys.get(url)) == INSIDE
        assert asked == ["localhost"] * 2


def test_another_name_is_not_taken_for_it(tls: tuple[ssl.SSLContext, str]) -> None:
    """The certificate must be of the name that was asked for, not of the address that it has."""
    lookup, _ = answering(["127.0.0.1"])
    adapter = GuardedAdapter(connections=1, loopback=True, lookup=lookup)
    with wild_server(GOOD, tls[0]) as url:
        keys = HttpCaller("keys", limits=QUICK, ca_bundle=tls[1], adapter=adapter)
        assert failure(lambda: keys.get(url.replace("localhost", "keys.example"))) == "keys: SSLError"


def test_a_sandbox_opens_this_machine_and_no_other() -> None:
    """Without TLS too, but only here; and without that opening http goes nowhere."""
    with wild_server(GOOD) as url:
        callers = GuardedCallers("keys of", QUICK, loopback=True)
        assert callers.to("app").get(url).json == {}
        assert callers.to("app") is callers.to("app") is not callers.to("other")
        closed = GuardedCallers("keys of", QUICK).to("app")
        assert failure(lambda: closed.get(url)) == "keys of app: not an https address"
        lookup, _ = answering(["8.8.8.8"])
        outside = HttpCaller("keys", adapter=GuardedAdapter(connections=1, loopback=True, lookup=lookup))
        assert failure(lambda: outside.get("http://keys.example/")) == INSIDE
        inside, _ = answering(["192.168.0.1"])
        network = HttpCaller("keys", adapter=GuardedAdapter(connections=1, loopback=True, lookup=inside))
        assert failure(lambda: network.get("https://keys.example/")) == INSIDE


def test_doors_are_not_kept_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was asked longest ago goes: who tries to register has a new name each time."""
    monkeypatch.setattr(guarded, "MOST_DOORS", 2)
    callers = GuardedCallers("keys of", QUICK)
    one, two = callers.to("one"), callers.to("two")
    assert callers.to("one") is one
    callers.to("three")
    assert callers.to("one") is one
    assert callers.to("two") is not two


def test_more_authorities_are_trusted_by_a_setting_alone(tls: tuple[ssl.SSLContext, str]) -> None:
    """Whoever is called, also at a name under `localhost` that no resolver knows; nothing is trusted without it."""
    trusted = Path(tls[1])
    with wild_server(GOOD, tls[0]) as url:
        for ca_file in (trusted, None):
            app = GuardedCallers("keys of", QUICK, loopback=True, ca_file=ca_file).to("app")
            register = HttpCaller("register", adapter=DeadlineAdapter(connections=1, ca_file=ca_file))
            for caller in (app, register):
                if ca_file is None:
                    assert failure(partial(caller.get, url)).endswith(": SSLError")
                else:
                    assert caller.get(url).json == {}
                    other_name = url.replace("localhost", "vad.localhost")
                    assert failure(partial(caller.get, other_name)).endswith(": SSLError")
        inside = GuardedCallers("keys of", QUICK, ca_file=trusted).to("app")
        assert failure(lambda: inside.get(url.replace("localhost", "vad.localhost"))) == INSIDE.replace(
            "keys", "keys of app"
        )


def test_a_redirect_is_not_followed() -> None:
    """It would lead past the guard; where it leads is not even looked up."""
    lookup, asked = answering(["127.0.0.1"])
    away = fixed(b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n")
    adapter = GuardedAdapter(connections=1, loopback=True, lookup=lookup)
    with wild_server(away) as url:
        keys = HttpCaller("keys", adapter=adapter)
        assert failure(lambda: keys.get(url)) == "keys: status 302"
    assert asked == ["localhost"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (silent, "keys: ReadTimeout"),
        (dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"), "keys: ConnectionError"),
        (flooding(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"2000\r\n" + b" " * 8192 + b"\r\n"), None),
    ],
)
def test_no_answer_is_waited_for_or_read_without_end(answer: Answer, told: str | None) -> None:
    """Silent, slow and huge ones end the call in its time."""
    with wild_server(answer) as url:
        keys = HttpCaller("keys", limits=QUICK, adapter=GuardedAdapter(connections=1, loopback=True))
        began = time.monotonic()
        assert failure(lambda: keys.get(url)) == (told or "keys: too large an answer")
        assert time.monotonic() - began < 1.5


@pytest.fixture
def slow_lookup() -> Iterator[Lookup]:
    """Give a name server that does not answer as long as the test runs."""
    over = threading.Event()

    def lookup(_host: str, _port: int) -> Sequence[str]:
        over.wait(10)
        return []

    yield lookup
    over.set()


def test_a_name_server_that_hangs_holds_nobody(slow_lookup: Lookup) -> None:
    """A lookup counts in the time for a connection, and many addresses share that time."""
    keys = HttpCaller("keys", limits=QUICK, adapter=GuardedAdapter(connections=1, lookup=slow_lookup))
    began = time.monotonic()
    assert failure(lambda: keys.get("https://keys.example/")) == "keys: ConnectTimeout"
    assert time.monotonic() - began < 1
    nowhere = HttpCaller("keys", limits=QUICK, adapter=GuardedAdapter(connections=1))
    assert failure(lambda: nowhere.get("https://nobody.invalid/")) == "keys: ConnectionError"


def test_the_systems_own_lookup() -> None:
    """Each address once."""
    assert "127.0.0.1" in look_up("localhost", 443)
    assert len(look_up("127.0.0.1", 443)) == 1
