"""Introspection (RFC 7662): each sees their own tokens alone, and only while all that they rest on holds."""

from collections.abc import Callable

import pytest

from tests.support.person import Person, tokens
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.web.oidc.inside import SOURCE, SOUTH, Inside

SCOPE = "openid 48 51"


@pytest.fixture
def held(rp: RelyingParty, person: Person) -> dict[str, str]:
    """Give the tokens of a fresh login, for two sources."""
    return tokens(rp, person, (SOURCE, SOUTH), SCOPE)


@pytest.fixture
def at_source(rp: RelyingParty, held: dict[str, str]) -> str:
    """Give a token for the tests' own source."""
    return str(rp.exchange(held["access_token"], SOURCE).json()["access_token"])


def inactive(asking: RelyingParty, token: str) -> bool:
    """Whether the answer is no more than that it is not active."""
    response = asking.introspect(token)
    return response.status_code == 200 and response.json() == {"active": False}


def test_a_source_sees_its_own_token(source: RelyingParty, at_source: str) -> None:
    """It hears what the token says, the sealed identifier included, and nothing is kept on the way."""
    response, claims = source.introspect(at_source), claims_of(at_source)
    assert response.headers["Cache-Control"] == "no-store"
    told = response.json()
    assert told.pop("active") is True
    assert told.pop("token_type") == "Bearer"
    names = {"iss", "aud", "client_id", "sub", "scope", "acr", "auth_time", "iat", "nbf", "exp", "jti"}
    assert told == {name: claims[name] for name in names | {"authorization_details", "subject_identifier"}}


def test_a_source_sees_no_other_token(
    rp: RelyingParty, source: RelyingParty, held: dict[str, str], at_source: str
) -> None:
    """A neighbour's token, the issuer's own and a refresh token are nothing to it."""
    assert source.introspect(at_source).json()["active"]
    south = rp.exchange(held["access_token"], SOUTH).json()["access_token"]
    for token in (south, held["access_token"], held["refresh_token"], held["id_token"]):
        assert inactive(source, token)


def test_a_client_sees_its_own_tokens(
    rp: RelyingParty, other_rp: RelyingParty, held: dict[str, str], at_source: str
) -> None:
    """All of them, but not what is sealed to a source; another client sees none of them."""
    for token in (held["access_token"], at_source, held["refresh_token"]):
        told = rp.introspect(token).json()
        assert told["active"]
        assert told["client_id"] == rp.client_id
        assert "subject_identifier" not in told
        assert inactive(other_rp, token)


@pytest.mark.parametrize("token", ["x", "é", "a.b.c", "A" * 48, "A" * 16384])
def test_what_vad_never_made(source: RelyingParty, rp: RelyingParty, token: str) -> None:
    """It is not active, and that is no error (RFC 7662 section 2.2)."""
    assert inactive(source, token)
    assert inactive(rp, token)


def test_a_token_that_is_over(source: RelyingParty, at_source: str, inside: Inside) -> None:
    """An expired token is not active; nor is one with another issuer or without an end."""
    for change in ({"exp": claims_of(at_source)["iat"]}, {"iss": "https://other.example"}, {"exp": None}):
        assert inactive(source, inside.resigned(at_source, **change))


def test_a_rotated_refresh_token(rp: RelyingParty, held: dict[str, str]) -> None:
    """Only the last of its line is active."""
    successor = rp.refresh(held["refresh_token"]).json()["refresh_token"]
    assert inactive(rp, held["refresh_token"])
    assert rp.introspect(successor).json()["active"]


def test_a_stopped_consent(source: RelyingParty, at_source: str, inside: Inside) -> None:
    """Consent for the source withdrawn: not active from then on (rule 3)."""
    inside.ask("UPDATE consents SET withdrawn_at = now() WHERE resource = %s AND withdrawn_at IS NULL", SOURCE)
    assert inactive(source, at_source)


def test_a_login_that_ended(source: RelyingParty, rp: RelyingParty, at_source: str, person: Person) -> None:
    """Logged out: neither the source nor the client sees a live token (rule 2)."""
    person.log_out()
    assert inactive(source, at_source)
    assert inactive(rp, at_source)


def test_an_app_that_was_stopped(source: RelyingParty, at_source: str, inside: Inside) -> None:
    """A client or source that is not active any more has no live tokens (rule 3)."""
    assert source.introspect(at_source).json()["active"]
    statement = "WITH v AS (UPDATE configuration_version SET version = version + 1) UPDATE clients SET active = {}"
    try:
        inside.ask(statement.format("false") + " WHERE client_id = 'rp-one'")
        assert inactive(source, at_source)
    finally:
        inside.ask(statement.format("true") + " WHERE client_id = 'rp-one'")
    assert source.introspect(at_source).json()["active"]


def _unproved(asking: RelyingParty, token: str, **changes: object) -> bool:
    response = asking.introspect(token, **changes)
    assert "WWW-Authenticate" in response.headers
    return (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_nobody_asks_unproved(source: RelyingParty, rp: RelyingParty, at_source: str) -> None:
    """No assertion, another's assertion, a used one and a second method are refused (RFC 7662 section 2.3)."""
    assert _unproved(source, at_source, client_assertion=None)
    assert _unproved(source, at_source, client_assertion_type="other")
    assert _unproved(source, at_source, client_assertion=rp.assertion())
    assert _unproved(source, at_source, client_secret="secret")
    assert _unproved(source, at_source, client_id="https://south.example")
    once = source.assertion()
    assert source.introspect(at_source, client_assertion=once).json()["active"]
    assert _unproved(source, at_source, client_assertion=once)


def test_a_source_without_keys(vad_asking: Callable[[str], RelyingParty], at_source: str) -> None:
    """A source that registered no keys can prove nothing."""
    assert _unproved(vad_asking(SOUTH), at_source)


@pytest.fixture
def vad_asking(source: RelyingParty) -> Callable[[str], RelyingParty]:
    """Give somebody with the source's key under another name."""
    return lambda name: RelyingParty(source.issuer, name, "", source.key)


def test_the_form_of_the_question(source: RelyingParty, at_source: str) -> None:
    """A missing token is `invalid_request`; a source gets no tokens and takes none back."""
    assert source.introspect("").json()["error"] == "invalid_request"
    assert source.revoke(at_source).json()["error"] == "unauthorized_client"
    assert source.introspect(at_source).json()["active"]
    assert source.token({"grant_type": "authorization_code"}).json()["error"] == "invalid_client"
