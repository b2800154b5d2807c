"""A source that demands more than the login gave: the app hears so, and which login would do (rule 1, RFC 9470)."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.backroom import Backroom
from tests.support.person import Person, tokens
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.web.oidc.inside import SOURCE, SOUTH

HIGH = "http://eidas.europa.eu/LoA/high"
SCOPE = "openid 48"
LEVELS = {"substantieel": 25, "hoog": 30}
Demand = Callable[[str], None]


@pytest.fixture
def demand(backroom: Backroom) -> Iterator[Demand]:
    """Give a way to register what the source demands, until the test is over."""

    def register(level: str) -> None:
        statement = "UPDATE resource_servers SET minimum_level = %s WHERE identifier = %s"
        backroom.ask(statement, LEVELS[level], SOURCE)
        backroom.ask("UPDATE configuration_version SET version = version + 1")

    yield register
    register("substantieel")


def test_a_demand_that_was_raised(rp: RelyingParty, person: Person, backroom: Backroom, demand: Demand) -> None:
    """Exchange and refresh say which level, use nothing up and leave an event; a login at that level mends it."""
    held = tokens(rp, person, (SOURCE, SOUTH), SCOPE)
    assert rp.exchange(held["access_token"], SOURCE).status_code == 200
    demand("hoog")
    refusals = [rp.exchange(held["access_token"], SOURCE), rp.refresh(held["refresh_token"], resource=SOURCE)]
    for refusal in refusals:
        body = refusal.json()
        assert (refusal.status_code, body["error"]) == (400, "insufficient_user_authentication")
        assert body["acr_values"] == HIGH
        assert body["error_description"].endswith(f"acr_values={HIGH}")
        assert body.keys() == {"error", "error_description", "acr_values"}
    assert [event["reason"] for event in backroom.events("token.refused")] == ["LOA", "LOA"]
    # The neighbour demands what it did, and the refresh token was not used up.
    assert rp.exchange(held["access_token"], SOUTH).status_code == 200
    assert rp.refresh(held["refresh_token"]).status_code == 200

    asked = rp.ask(resources=(SOURCE,), scope=SCOPE, acr_values=refusals[0].json()["acr_values"])
    stronger = rp.redeem(asked, person.authorize(asked, level="hoog")).json()["access_token"]
    answer = rp.exchange(stronger, SOURCE)
    assert answer.status_code == 200, answer.text
    assert claims_of(answer.json()["access_token"])["acr"] == HIGH


def test_what_was_given_before_counts_no_more(
    rp: RelyingParty, source: RelyingParty, person: Person, demand: Demand
) -> None:
    """Asked about a token from before the demand, VAD says that it does not hold."""
    held = tokens(rp, person, (SOURCE,), SCOPE)
    token = rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    assert source.introspect(token).json()["active"]
    demand("hoog")
    assert source.introspect(token).json() == {"active": False}


def test_a_session_that_is_too_weak_for_a_source(rp: RelyingParty, person: Person, demand: Demand) -> None:
    """Rules 1, 35 and 36: a source that demands Hoog asks for another login, at Hoog, in the same session."""
    held = tokens(rp, person, (SOURCE, SOUTH), SCOPE)
    demand("hoog")
    assert rp.exchange(held["access_token"], SOURCE).json()["error"] == "insufficient_user_authentication"
    person.open(rp.ask(resources=(SOURCE,), scope=SCOPE, prompt="none").url)
    assert person.answer is not None
    assert person.answer["error"] == "login_required"
    asked = rp.ask(resources=(SOURCE,), scope=SCOPE)
    stronger = rp.redeem(asked, person.authorize(asked, level="hoog")).json()
    before, after = claims_of(held["id_token"]), claims_of(stronger["id_token"])
    assert (after["acr"], after["sid"]) == (HIGH, before["sid"])
    assert claims_of(rp.exchange(stronger["access_token"], SOURCE).json()["access_token"])["acr"] == HIGH
    assert rp.refresh(held["refresh_token"]).status_code == 200


def test_a_login_too_weak_for_a_source_gives_nothing(rp: RelyingParty, person: Person, demand: Demand) -> None:
    """Rule 35: the level that came back counts; a visit to DigiD that ends below the demand is no login."""
    demand("hoog")
    person.open(rp.ask(resources=(SOURCE,), scope=SCOPE).url)
    person.log_in(level="substantieel", outcome="too_low")
    assert "niet veilig genoeg voor zorggegevens" in person.page.text
    assert "vad_session" not in person.cookies
