"""What a registration allows at the authorization endpoint (RFC 6749 section 4.1.2.1)."""

from dataclasses import replace

import pytest

from tests.domain.domain_examples import client
from tests.support.backroom import Backroom
from tests.support.relying_party_client import RelyingParty
from tests.web.oidc.inside import visit
from vad.web.oidc.registered_client import RegisteredClient


@pytest.mark.parametrize("grant_types", [frozenset(), frozenset({"refresh_token"}), frozenset({"authorization_code"})])
def test_a_code_is_for_who_may_redeem_it(grant_types: frozenset[str]) -> None:
    """Without the grant type `authorization_code` the response type `code` is not the client's."""
    registered = RegisteredClient(replace(client(), grant_types=grant_types))
    assert registered.check_response_type("code") == ("authorization_code" in grant_types)
    assert not registered.check_response_type("token")


def test_the_app_hears_it(bare_rp: RelyingParty, backroom: Backroom) -> None:
    """It is `unauthorized_client`, told to the app before a person is asked anything."""
    _register(backroom, bare_rp.client_id, ["refresh_token"])
    try:
        answer = visit(bare_rp.ask())
    finally:
        _register(backroom, bare_rp.client_id, ["authorization_code"])
    assert "error=unauthorized_client" in answer.headers["Location"]
    assert "error" not in visit(bare_rp.ask()).headers["Location"]


def _register(backroom: Backroom, client_id: str, grant_types: list[str]) -> None:
    backroom.ask("UPDATE clients SET grant_types = %s WHERE client_id = %s", grant_types, client_id)
    backroom.ask("UPDATE configuration_version SET version = version + 1")
    backroom.town.app.extensions["vad.services"].registrations.check()
