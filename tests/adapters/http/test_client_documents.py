"""What apps publish: what proves a sector, every redirect URI (OIDC Core section 8.1), and requests (RFC 9101)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Semaphore
from typing import Any

import pytest
from flask import Flask, Response, jsonify, redirect

from tests.adapters.jose.tokens_under_test import registered_client
from vad.adapters.http.caller import Limits
from vad.adapters.http.client_documents import GuardedRequests, GuardedSectors
from vad.adapters.http.guarded import GuardedCallers
from vad.adapters.jose.published_keys import PublishedKeys
from vad.domain.client import Client
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import ClientId
from vad.domain.registration_fault import FaultKind
from vad.sandbox.serving import serve
from vad.services.ports.registering import RegistrationFaultError

ONE, TWO = "https://one.example/callback", "https://two.example/callback"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Give an app that publishes lists, good and bad."""
    app = Flask("app")
    answers: dict[str, Any] = {
        "both": lambda: jsonify([ONE, TWO, "https://three.example/"]),
        "one": lambda: jsonify([ONE]),
        "almost": lambda: jsonify([ONE, TWO + "/"]),
        "object": lambda: jsonify({ONE: TWO}),
        "numbers": lambda: jsonify([ONE, TWO, 3]),
        "page": lambda: Response("[]", mimetype="text/html"),
        "moved": lambda: redirect("/both"),
    }
    for name, view in answers.items():
        app.add_url_rule(f"/{name}", name, view)
    with serve(app) as there:
        yield there


def client(address: str = "") -> Client:
    """An app with two redirect URIs, and the list that it says there is."""
    return replace(registered_client(), redirect_uris=(ONE, TWO), sector_identifier_uri=address)


def sectors(*, loopback: bool = True) -> GuardedSectors:
    """Who reads it."""
    return GuardedSectors(GuardedCallers("sector of", Limits(), loopback=loopback))


def test_a_list_of_all(address: str) -> None:
    """More may stand there: other apps of the sector. An app without a list has nothing to prove."""
    sectors().check(client(f"{address}/both"))
    sectors(loopback=False).check(client())


NOTHING_PROVED = {
    **dict.fromkeys(("one", "almost"), FaultKind.NOT_LISTED),
    **dict.fromkeys(("object", "numbers"), FaultKind.NO_LIST),
    **dict.fromkeys(("page", "moved", "gone"), FaultKind.NOT_READ),
}


@pytest.mark.parametrize("name", NOTHING_PROVED)
def test_anything_else_proves_nothing(address: str, name: str) -> None:
    """Nobody joins the sector of another by naming its address; redirects are not followed."""
    with pytest.raises(RegistrationFaultError) as refused:
        sectors().check(client(f"{address}/{name}"))
    [fault] = refused.value.faults
    assert (fault.code, fault.place) == (NOTHING_PROVED[name], "sector_identifier_uri")


INSIDE = (
    "127.0.0.1",
    "2130706433",
    "0x7f.1",
    "localhost",
    "vad.localhost",
    "169.254.169.254",
    "10.0.0.1",
    "100.64.0.1",
)
INSIDE_V6 = ("[::1]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a00:1]", "[fd00::1]", "[fe80::1]")
NOT_THERE = {
    **dict.fromkeys(INSIDE, "not the internet's"),
    **dict.fromkeys(INSIDE_V6, "not the internet's|ConnectionError"),
}
"""Hosts, and what is said of them: an address of IPv6 as a host is not even looked up."""


@pytest.mark.parametrize("host", NOT_THERE)
def test_nothing_inside_our_own_network_is_read(host: str) -> None:
    """The guard of all addresses that somebody else chose, in every spelling, whatever is read there."""
    guarded, there = GuardedCallers("apps", Limits(connect=1, total=1)), f"https://{host}/x"
    with pytest.raises(RegistrationFaultError, match=NOT_THERE[host]):
        GuardedSectors(guarded).check(client(there))
    with pytest.raises(RegisterUnavailableError, match=NOT_THERE[host]):
        GuardedRequests(guarded).read(client(), there)
    with pytest.raises(RegisterUnavailableError, match=NOT_THERE[host]):
        PublishedKeys(guarded).get(replace(client(), jwks_uri=there))


def test_few_requests_are_read_at_a_time() -> None:
    """Two of one app and four of all: nobody holds a thread by waiting for a host that hangs, and then all go on."""
    app, arrived, let_go = Flask("app"), Semaphore(0), Event()

    @app.get("/request")
    def request() -> Response:
        arrived.release()
        let_go.wait(10)
        return Response("a.b.c", mimetype="application/jwt")

    reading = GuardedRequests(GuardedCallers("requests of", Limits(total=10, connections=2), loopback=True))
    with serve(app) as there, ThreadPoolExecutor(4) as pool:

        def read(name: str) -> str:
            return reading.read(replace(registered_client(), client_id=ClientId(name)), f"{there}/request")

        under_way = []
        for name, refused in (("one", "one"), ("two", "three")):
            under_way += [pool.submit(read, name) for _ in range(2)]
            assert all(arrived.acquire(timeout=10) for _ in range(2))
            with pytest.raises(RegisterUnavailableError, match="too many"):
                read(refused)
        let_go.set()
        assert {each.result(10) for each in under_way} == {"a.b.c"} == {read(name) for name in ("one", "three")}
