"""`vad doctor` on the keys that apps publish."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask

from tests.support.backroom import Backroom
from vad.adapters.postgres.database import Database
from vad.cli.doctor_apps import published_keys
from vad.cli.findings import Finding, Level
from vad.sandbox.serving import serve
from vad.settings import Settings

_SET = "UPDATE clients SET jwks_uri = %s WHERE client_id = 'rp-one'"


@pytest.fixture
def app(backroom: Backroom) -> Iterator[str]:
    """Give the address of an app that publishes one key."""
    app = Flask("app")
    key = {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}
    app.add_url_rule("/keys", view_func=lambda: {"keys": [key]})
    with serve(app) as address:
        yield address
    backroom.ask(_SET, "")


def look(backroom: Backroom, known: Settings) -> list[Finding]:
    """Run it."""
    with closing(Database(known.database.url.get_secret_value())) as database:
        return list(published_keys(known, database))


def test_keys_that_can_not_be_had_are_named(backroom: Backroom, app: str) -> None:
    """As the service would get them, through the same guard; the app has to mend it, so it is a warning."""
    known = backroom.town.settings
    assert look(backroom, known) == []
    backroom.ask(_SET, f"{app}/keys")
    assert look(backroom, known) == [Finding("keys of rp-one", Level.OK, "public keys that it publishes: 1")]
    backroom.ask(_SET, f"{app}/gone")
    assert look(backroom, known) == [Finding("keys of rp-one", Level.WARN, "keys of rp-one: status 404")]
    closed = known.model_copy(update={"outgoing": known.outgoing.model_copy(update={"loopback": False})})
    backroom.ask(_SET, app.replace("http", "https"))
    [inside] = look(backroom, closed)
    assert (inside.level, inside.text) == (Level.WARN, "keys of rp-one: an address that is not the internet's")
