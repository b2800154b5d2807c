"""The neighbourhood's programs, served over HTTP for one test."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.sandbox.relying_party import CALLBACK, Clock, RelyingParty, key
from vad.sandbox.digid.app import Config, create_app
from vad.sandbox.persons import Person, load_persons
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve

PERSONS = Path(__file__).parents[2] / "config" / "demo" / "persons.toml"


@pytest.fixture
def persons() -> tuple[Person, ...]:
    """Give the test persons of the demo."""
    return load_persons([PERSONS], date(2026, 11, 21))


@pytest.fixture
def clock() -> Clock:
    """Give the clock of the program under test."""
    return Clock()


@pytest.fixture
def party(persons: tuple[Person, ...], clock: Clock) -> Iterator[RelyingParty]:
    """Give a relying party of a mock DigiD that is being served; its keys are served as well."""
    client = RelyingParty()
    port = free_port()
    client.issuer = f"http://localhost:{port}"
    with serve(client.app()) as base, client.browser:
        config = Config(
            issuer=client.issuer,
            client_id="vad",
            redirect_uris=(CALLBACK,),
            jwks_uri=f"{base}/jwks",
            signing_key=dict(key("digid-1").as_dict(private=True)),
            persons=persons,
        )
        with serve(create_app(config, clock), port):
            yield client
