"""`POST /api/v1/clients-updated`: heard, limited, and no more than a reason to read the list again."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from pydantic import SecretStr

from tests.adapters.http.self_signed import self_signed
from tests.adapters.http.wild_server import fixed, wild_server
from tests.support.backroom import Backroom
from tests.support.client_list import ClientListServer, listed
from tests.support.ministry import DvpProxy
from tests.support.person import Person
from tests.support.town import Town
from tests.web.oidc.inside import SOURCE
from vad.bootstrap import web
from vad.bootstrap.client_list import client_list_sync
from vad.bootstrap.foundation import lay_foundation
from vad.domain.errors import RegisterUnavailableError
from vad.domain.security_event import SecurityEvent
from vad.services.client_list import CLIENT_LIST, ClientListSync
from vad.services.upkeep import Upkeep
from vad.settings import Settings

HOOK = "/api/v1/clients-updated"
REDIRECT = "https://rp.example/oidc/callback"
HEARING = "UPDATE resource_servers SET security_events_uri = %s WHERE identifier = %s"


@pytest.fixture
def server() -> Iterator[ClientListServer]:
    """Give the place of the list."""
    with ClientListServer() as running:
        yield running


def with_list(town: Town, server: ClientListServer, **changes: object) -> Settings:
    """The town's settings, with that list."""
    ministry = town.settings.ministry.model_copy(update={"clients_url": server.address, **changes})
    return town.settings.model_copy(update={"ministry": ministry})


@pytest.fixture
def sync(vad_town: Town, server: ClientListServer) -> ClientListSync:
    """Give what the worker runs."""
    made = client_list_sync(lay_foundation(with_list(vad_town, server), "worker", vad_town.database.worker_url))
    assert made is not None
    return made


def test_a_change_is_heard_and_followed(
    vad_town: Town, server: ClientListServer, sync: ClientListSync, person: Person, backroom: Backroom
) -> None:
    """202 without a body; the worker then reads the list, and an app of it is served while the list has it active.

    Then all that it was given ends, and the sources that admit it hear so.
    """
    client = web.create_app(with_list(vad_town, server)).test_client()
    answer = client.post(HOOK)
    assert (answer.status_code, answer.data) == (202, b"")
    assert server.asked == []
    server.says(listed("listed", redirect_uris=[REDIRECT]))
    upkeep = Upkeep(backroom.worker.work, {CLIENT_LIST: sync}, time.monotonic)
    # Other tests may have left messages of their own.
    assert not upkeep.deliver(datetime.now(UTC)).defects
    assert set(server.asked) == {"/api/clients"}
    known = vad_town.app.extensions["vad.services"].registrations
    known.check()
    proxy = DvpProxy(vad_town.issuer, "listed")
    assert proxy.log_in(person)["token_type"] == "Bearer"
    # No source admits such an app by the list; staff may.
    backroom.ask("INSERT INTO admissions VALUES ('listed', %s, '48')", SOURCE)
    backroom.ask(HEARING, "https://source.example/events", SOURCE)
    server.says(listed("listed", redirect_uris=[REDIRECT], active=False))
    sync.run(datetime.now(UTC))
    backroom.ask("DELETE FROM admissions WHERE client_id = 'listed'")
    backroom.ask(HEARING, "", SOURCE)
    assert backroom.ask("SELECT state FROM grants WHERE client_id = 'listed'") == [("ended",)]
    queued = "DELETE FROM outbox WHERE kind = 'security-event' AND payload ->> 'client_id' = 'listed' RETURNING payload"
    [(told,)] = backroom.ask(queued)
    assert (told["resource"], told["event"]) == (SOURCE, SecurityEvent.CLIENT_STOPPED)
    [event] = [each for each in backroom.events("registrations.applied") if each["evidence"].get("ended")]
    assert event["evidence"]["ended"] == {"listed": {"grants": 1, "sources_told": 1}}
    known.check()
    refused = requests.get(proxy.ask().url, headers={"Accept": "application/json"}, timeout=20)
    assert (refused.status_code, refused.json()["error"]) == (400, "unauthorized_client")


def test_it_is_had_with_the_authorities_of_the_operator(
    vad_town: Town, server: ClientListServer, tmp_path: Path
) -> None:
    """`outgoing.ca_file`, as for every register; and its calls are counted as theirs are."""
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    body = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    with wild_server(fixed(body), context) as url:
        for ca_file, fault in ((certificate, "client list: clients: missing"), (None, "client_list: SSLError")):
            known = with_list(vad_town, server, clients_url=url)
            known = known.model_copy(update={"outgoing": known.outgoing.model_copy(update={"ca_file": ca_file})})
            foundation = lay_foundation(known, "worker", vad_town.database.worker_url)
            made = client_list_sync(foundation)
            assert made is not None
            with pytest.raises(RegisterUnavailableError, match=fault):
                made.run(datetime.now(UTC))
            assert b'register="client_list"' in foundation.metrics.exposition()


def test_many_callers_have_it_read_twice_at_most(vad_town: Town, server: ClientListServer, backroom: Backroom) -> None:
    """From however many addresses: one reading may have begun, and another follows the last of them."""
    client = web.create_app(with_list(vad_town, server)).test_client()
    backroom.ask("DELETE FROM outbox WHERE kind = %s", CLIENT_LIST)
    for last in range(5):
        answer = client.post(HOOK, environ_overrides={"REMOTE_ADDR": f"198.51.100.{last}"})
        assert answer.status_code == 202
    assert backroom.ask("SELECT count(*) FROM outbox WHERE kind = %s", CLIENT_LIST) == [(2,)]
    backroom.ask("DELETE FROM outbox WHERE kind = %s", CLIENT_LIST)


def test_it_is_limited_and_may_ask_for_a_token(vad_town: Town, server: ClientListServer, backroom: Backroom) -> None:
    """429 with the words that the manager knows, for that address alone.

    Where a token is set, nothing without it; without a list, nothing.
    """
    few = with_list(vad_town, server, notify_token=SecretStr("shown"))
    few = few.model_copy(update={"limits": few.limits.model_copy(update={"clients_updated": 1})})
    client = web.create_app(few).test_client()
    for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "shown"}):
        refused = client.post(HOOK, headers=headers)
        assert (refused.status_code, refused.json) == (401, {"detail": "Unauthorized"})
    answers = [client.post(HOOK, headers={"Authorization": "Bearer shown"}) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert answers[-1].json == {"detail": "Too many requests"}
    elsewhere = {"REMOTE_ADDR": "192.0.2.77"}
    assert client.post(HOOK, headers={"Authorization": "Bearer shown"}, environ_overrides=elsewhere).status_code == 202
    assert vad_town.app.test_client().post(HOOK).status_code == 404
    backroom.ask("DELETE FROM outbox WHERE kind = %s", CLIENT_LIST)
