"""Registrations: where people go after logging out, and where an app is told of it."""

from typing import Any

import pytest

from tests.adapters.configuration.test_registered_keys import content
from vad.adapters.configuration import registrations
from vad.adapters.configuration.files import ConfigurationFileError
from vad.domain.client import Client


def registered(**members: Any) -> Client:
    """The client of a configuration with these members."""
    known = content()
    known["clients"][0] |= members
    return registrations.parse(known).clients[0]


def test_nothing_registered_is_nothing_done() -> None:
    """Without these members nobody is sent anywhere, and the app is not told."""
    client = registered()
    assert (client.post_logout_redirect_uris, client.backchannel_logout_uri) == ((), "")
    assert client.backchannel_logout_session_required is False


def test_what_is_registered_is_compared_exactly() -> None:
    """After logging out there is no free port, not even on loopback (OIDC RP-Initiated Logout section 3)."""
    known = ["https://app.example/uit?x=1", "http://127.0.0.1:8200/uit"]
    client = registered(
        post_logout_redirect_uris=known,
        backchannel_logout_uri="https://app.example/sessie-voorbij?tenant=1",
        backchannel_logout_session_required=True,
    )
    assert all(map(client.accepts_post_logout_redirect_uri, known))
    for other in ("https://app.example/uit", "http://127.0.0.1:8201/uit", "https://app.example/uit?x=1&y=2", ""):
        assert not client.accepts_post_logout_redirect_uri(other)
    assert client.backchannel_logout_uri == "https://app.example/sessie-voorbij?tenant=1"
    assert client.backchannel_logout_session_required is True


@pytest.mark.parametrize("member", ["post_logout_redirect_uris", "backchannel_logout_uri"])
@pytest.mark.parametrize(
    "address",
    [
        "",
        "app.example/uit",
        "ftp://app.example/uit",
        "http://app.example/uit",
        "https://app.example/uit#x",
        "https:///x",
    ],
)
def test_an_address_that_will_not_do_is_named(member: str, address: str) -> None:
    """Only https, or http on loopback, without a fragment (OIDC Back-Channel Logout section 2.2)."""
    with pytest.raises(ConfigurationFileError, match=member):
        registered(**{member: [address] if member.endswith("s") else address})


@pytest.mark.parametrize(
    "address", ["https://user:geheim@app.example/x", "https://app.example/a b", "https://a.nl/\x07"]
)
def test_an_address_that_vad_calls_holds_no_secret(address: str) -> None:
    """VAD would write it in its log."""
    with pytest.raises(ConfigurationFileError) as refused:
        registered(backchannel_logout_uri=address)
    assert "geheim" not in str(refused.value)
