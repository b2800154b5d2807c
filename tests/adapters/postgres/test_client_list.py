"""The ministry's list of clients: taken entry by entry by the worker's role, and no other client with it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg2
import pytest
from structlog.testing import capture_logs

from tests.adapters.jose.tokens_under_test import keyring
from tests.adapters.postgres.postgres_records import AT, a_client, a_source
from tests.support.client_list import ClientListServer, listed
from tests.support.database import FreshDatabase, ask
from vad.adapters import client_list_log
from vad.adapters.configuration.client_list import HttpClientList
from vad.adapters.http.caller import HttpCaller, Limits
from vad.adapters.jose.pairwise import HmacPairwise
from vad.adapters.postgres.client_list import PostgresClientList
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.registration_writer import PostgresRegistrationWriter, RegistrationError
from vad.adapters.postgres.registrations import PostgresRegistrations
from vad.adapters.vault.randomness import SystemRandomness
from vad.domain.client import Client
from vad.domain.errors import RegisterUnavailableError
from vad.domain.profile import ClientAuthentication, Profile
from vad.services.client_list import ClientListSync
from vad.services.client_stop import ClientStop
from vad.services.security_events import SecurityEvents

pytestmark = pytest.mark.slow

SECRET = "2f1c7f6e-6c0f-4a57-9c7b-2a4d1c7c9f10"
"""As the manager makes them: a UUID."""


@pytest.fixture
def server() -> Iterator[ClientListServer]:
    """Give the place of the list."""
    with ClientListServer() as running:
        yield running


@pytest.fixture
def sync(database: FreshDatabase, server: ClientListServer) -> Iterator[ClientListSync]:
    """Give what the worker runs, under its own role. A list that fails is asked again at once here."""
    ask(database.superuser_url, "DELETE FROM clients WHERE owner = 'list'")
    opened = Database(database.worker_url)
    caller = HttpCaller("client_list", limits=Limits(rest=0))
    stop = ClientStop(SecurityEvents(PostgresRegistrations(opened), HmacPairwise(keyring()), SystemRandomness()))
    yield ClientListSync(HttpClientList(server.address, caller), PostgresClientList(opened, stop), client_list_log)
    opened.close()


def known(app: Database, name: str) -> Client:
    """This client, as every process sees it."""
    found = PostgresRegistrations(app).client(name)
    assert found is not None
    return found


def test_the_list_is_taken(
    app: Database, server: ClientListServer, sync: ClientListSync, database: FreshDatabase
) -> None:
    """All are of profile `ministry` with the code grant alone; a secret is kept as its hash; changes are events."""
    server.says(
        listed("open"),
        listed("posts", token_endpoint_auth_method="client_secret_post", client_secret=SECRET),
        listed("off", active=False),
    )
    assert sync.run(AT) == {"changed": ["off", "open", "posts"], "deactivated": [], "left_alone": []}
    assert server.asked == ["/api/clients"]
    posts = known(app, "posts")
    assert (posts.profile, *posts.grant_types) == (Profile.MINISTRY, "authorization_code")
    assert posts.token_endpoint_auth_method is ClientAuthentication.CLIENT_SECRET_POST
    assert posts.client_secret_sha256 == (hashlib.sha256(SECRET.encode()).hexdigest(),)
    assert (posts.name, posts.sector, posts.representation) == ("app.example", "posts", False)
    assert not known(app, "open").proves_itself
    assert [known(app, name).active for name in ("open", "posts", "off")] == [True, True, False]
    assert not any(sync.run(AT).values())
    server.says(listed("open", redirect_uris=["https://app.example/elsewhere"], active=False))
    assert sync.run(AT) == {"changed": [], "deactivated": ["open", "posts"], "left_alone": []}
    assert known(app, "open").redirect_uris == ("https://app.example/elsewhere",)
    assert not known(app, "open").active
    assert not known(app, "posts").active
    statement = "SELECT evidence FROM audit_events WHERE type = 'registrations.applied' ORDER BY txid::text::bigint"
    evidence = [row[0] for row in ask(database.superuser_url, statement)]
    events = [each["client_list"] for each in evidence if "client_list" in each]
    assert [event["deactivated"] for event in events[-2:]] == [[], ["open", "posts"]]
    assert SECRET not in json.dumps(events)


@pytest.mark.parametrize(
    "answer",
    [
        (500, "application/json", b'{"error": "Internal Server Error"}'),
        (200, "text/html", b"<html>"),
        (200, "application/json", b"[]"),
        (200, "application/json", b'{"clients": []}'),
        (200, "application/json", b'{"clients": {}}'),
        (200, "application/json", b'{"clients": [5]}'),
        (302, "application/json", b""),
    ],
)
def test_what_is_no_list_changes_nothing(
    app: Database, server: ClientListServer, sync: ClientListSync, answer: tuple[int, str, bytes]
) -> None:
    """The last known list stays, whole: nobody is added, changed or ended, by an empty one either."""
    server.says(listed("open"), listed("other"))
    sync.run(AT)
    before = PostgresRegistrations(app).clients()
    server.answer = answer
    with pytest.raises(RegisterUnavailableError):
        sync.run(AT)
    assert sync.chore(AT) == 0
    assert PostgresRegistrations(app).clients() == before


def test_one_wrong_entry_holds_up_no_other(app: Database, server: ClientListServer, sync: ClientListSync) -> None:
    """Its client stays, unless it says that it is not active; who is missing ends where each entry names somebody."""
    good = [listed(name) for name in ("wrong", "open", "missing")]
    short: dict[str, Any] = {"token_endpoint_auth_method": "client_secret_post", "client_secret": "hidden-one"}
    faults: tuple[dict[str, Any], ...] = (
        {"redirect_uris": []},
        {"redirect_uris": ["https://app.example/*"]},
        {"redirect_uris": ["http://app.example/"]},
        {"active": "yes"},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "client_secret_post"},
        short,
    )
    for number, said in enumerate(faults):
        server.says(*good)
        sync.run(AT)
        before = known(app, "wrong")
        wrong = listed("wrong", **said)
        server.says(wrong, listed("open", active=False), listed(f"new-{number}"))
        with capture_logs() as logs:
            assert sync.run(AT)["deactivated"] == ["missing", "open"], said
        [kept] = [each["reason"] for each in logs if each["event"] == "client_list_kept"]
        assert kept.startswith("client list: clients.0: ")
        assert "hidden-one" not in str(logs)
        assert (known(app, "wrong"), known(app, f"new-{number}").active) == (before, True)
    server.says(*good)
    sync.run(AT)
    server.says(listed("wrong", **short, active=False), {**listed("x"), "id": "two words"}, {"active": False})
    assert sync.run(AT)["deactivated"] == ["wrong"], "an entry that names nobody may be anybody's"
    assert known(app, "missing").active
    server.says(*good, listed("open", active=False))
    assert sync.run(AT) == {"changed": ["wrong"], "deactivated": ["open"], "left_alone": []}, "twice: not served"


def test_nobody_elses_clients_are_touched(
    app: Database, owner: Database, server: ClientListServer, sync: ClientListSync
) -> None:
    """Neither those of the files nor data sources, whatever the list says; and the files leave the list's alone."""
    files, source = a_client("theirs"), replace(a_source("https://taken.example"), admitted={})
    writer = PostgresRegistrationWriter(owner)
    writer.apply([files], [source], [], AT)
    server.says(listed("theirs", active=False), listed("https://taken.example"), listed("wanted"))
    assert sync.run(AT)["left_alone"] == ["https://taken.example", "theirs"]
    assert known(app, "theirs") == files
    assert PostgresRegistrations(app).client("https://taken.example") is None
    assert not writer.apply([files], [source], [], AT)
    assert known(app, "wanted").active
    # A file that names it too does not get it by itself; an operator may say so.
    mine = a_client("wanted")
    assert writer.apply([files, mine], [source], [], AT).left_alone == ("wanted",)
    writer.apply([files, mine], [source], [], AT, reclaimed=["wanted"])
    assert known(app, "wanted") == mine
    assert sync.run(AT)["left_alone"] == ["https://taken.example", "theirs", "wanted"]
    with pytest.raises(RegistrationError):
        writer.apply([files, mine], [source], [], AT, reclaimed=["wanted"])


@pytest.mark.parametrize("entry", [{"profile": "nlgov"}, {"grant_types": ["refresh_token"]}, {"owner": "file"}])
def test_the_role_of_the_worker_makes_clients_of_one_kind(database: FreshDatabase, entry: dict[str, Any]) -> None:
    """The function takes no profile, no grant and no owner of its caller; and the tables themselves are shut."""
    whole = {
        "client_id": "x",
        "name": "x",
        "organisation": "x",
        "redirect_uris": [],
        "method": "none",
        "secrets": [],
        "active": True,
        **entry,
    }
    ask(database.worker_url, "SELECT * FROM take_client_list(%s, now())", (json.dumps([whole]),))
    [made] = ask(database.superuser_url, "SELECT profile, grant_types, owner FROM clients WHERE client_id = 'x'")
    assert made == ("ministry", ["authorization_code"], "list")
    for statement in ("UPDATE clients SET active = true", "UPDATE configuration_version SET version = 1"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(database.worker_url, statement)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(database.app_url, "SELECT * FROM take_client_list('[]', now())")
