"""What an app is called that registers itself and gives no name (RFC 7591 section 2)."""

from typing import Any

import pytest

from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from tests.web.oidc.registering import Issue, call, error_of, issued, key, metadata

__all__ = ["issued", "key"]


def test_an_app_without_a_name_is_called_by_its_host(vad_town: Town, issued: Issue, key: dict[str, Any]) -> None:
    """RFC 7591 section 2: a name is optional. People then read where they are sent back to, and the app is told so."""
    nameless = metadata(key, client_name=None, redirect_uris=[REDIRECT, "https://rp.example:8443/other"])
    made = call(vad_town, "POST", issued(), nameless).json()
    assert made["client_name"] == "rp.example"
    name, token = made["client_id"], made["registration_access_token"]
    named = {**nameless, "client_id": name, "client_name": "Anders"}
    assert call(vad_town, "PUT", token, named, name).json()["client_name"] == "Anders"
    assert call(vad_town, "PUT", token, {**nameless, "client_id": name}, name).json()["client_name"] == "rp.example"


@pytest.mark.parametrize(
    ("addresses", "error"),
    [
        (None, "invalid_redirect_uri"),
        ([], "invalid_redirect_uri"),
        (["urn:app"], "invalid_redirect_uri"),
        ([f"https://{'a' * 60}.{'b' * 60}.example/"], "invalid_client_metadata"),
    ],
)
def test_where_no_host_can_be_its_name(
    vad_town: Town, issued: Issue, key: dict[str, Any], addresses: list[str] | None, error: str
) -> None:
    """There is none, or it is longer than a name may be: cut off it could be read as another's."""
    assert error_of(call(vad_town, "POST", issued(), metadata(key, client_name=None, redirect_uris=addresses))) == error
