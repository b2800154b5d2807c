"""Revocation (RFC 7009): giving one token back ends all that the same code gave."""

import pytest
import requests

from tests.support.person import Person, tokens
from tests.support.relying_party_client import RelyingParty
from tests.web.oidc.inside import SOURCE, Inside

SCOPE = "openid 48 51"


@pytest.fixture
def held(rp: RelyingParty, person: Person) -> dict[str, str]:
    """Give the tokens of a fresh login."""
    return tokens(rp, person, (SOURCE,), SCOPE)


def given_back(response: requests.Response) -> bool:
    """Whether the answer is the one answer there is."""
    return (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("which", ["access_token", "refresh_token", "source"])
def test_any_token_takes_the_grant_with_it(rp: RelyingParty, held: dict[str, str], which: str, inside: Inside) -> None:
    """Refresh, exchange, introspection and userinfo refuse at once; the log says who did it, once."""
    held["source"] = rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    assert given_back(rp.revoke(held[which], token_type_hint="whatever"))
    assert rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
    assert rp.exchange(held["access_token"], SOURCE).json()["error"] == "invalid_request"
    assert rp.introspect(held["source"]).json() == {"active": False}
    assert rp.userinfo(held["access_token"]).status_code == 401
    assert given_back(rp.revoke(held[which]))
    statement = "SELECT count(*) FROM audit_events WHERE type = 'grant.given_back' AND grant_id = %s"
    assert inside.ask(statement, inside.grant_id(held["access_token"])) == [(1,)]


def test_another_clients_token(rp: RelyingParty, other_rp: RelyingParty, held: dict[str, str]) -> None:
    """It is answered like an unknown one, and nothing happens to it (RFC 7009 section 2.1)."""
    for name in ("access_token", "refresh_token"):
        assert given_back(other_rp.revoke(held[name]))
    assert rp.userinfo(held["access_token"]).status_code == 200
    assert rp.refresh(held["refresh_token"]).status_code == 200


@pytest.mark.parametrize("token", ["x", "é", "a.b.c", "A" * 48])
def test_an_unknown_token(rp: RelyingParty, token: str) -> None:
    """There is nothing left to do, so it is no error (RFC 7009 section 2.2)."""
    assert given_back(rp.revoke(token))


def test_nobody_gives_back_unproved(rp: RelyingParty, held: dict[str, str]) -> None:
    """Without proof of the client nothing is taken back."""
    assert rp.revoke(held["access_token"], client_assertion=None).status_code == 401
    assert rp.revoke("").json()["error"] == "invalid_request"
    assert rp.userinfo(held["access_token"]).status_code == 200
