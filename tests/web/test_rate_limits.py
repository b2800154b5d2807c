"""Who asks too often is told to wait."""

from flask import Flask

from tests.support.town import Town
from vad.adapters.configuration.sections import Limits
from vad.bootstrap import web


def strict_app(town: Town) -> Flask:
    """VAD as in the town, but patient with nobody."""
    limits = Limits(authorize_per_address=2, login_per_address=2, token_per_client=2)
    return web.create_app(town.settings.model_copy(update={"limits": limits}))


def test_too_many_authorization_requests(vad_town: Town) -> None:
    """The third of two in a minute gets a 429 page that says when to come back; another address gets on."""
    client = strict_app(vad_town).test_client()
    here, there = {"REMOTE_ADDR": "192.0.2.31"}, {"REMOTE_ADDR": "192.0.2.32"}
    statuses = [client.get("/authorize", environ_overrides=here).status_code for _ in range(3)]
    assert statuses == [400, 400, 429]
    refused = client.get("/authorize", environ_overrides=here)
    assert int(refused.headers["Retry-After"]) > 0
    assert "Te veel pogingen" in refused.text
    assert client.get("/authorize", environ_overrides=there).status_code == 400


def test_addresses_of_one_home_count_together(vad_town: Town) -> None:
    """IPv6 hands out addresses by the billion: the network of 64 bits counts."""
    client = strict_app(vad_town).test_client()
    statuses = [
        client.get("/authorize", environ_overrides={"REMOTE_ADDR": f"2001:db8:7:1::{last}"}).status_code
        for last in range(1, 4)
    ]
    assert statuses == [400, 400, 429]
