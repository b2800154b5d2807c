"""`authorization_details` over HTTP (RFC 9396): the type `nl.vad.representation` asked for, narrowed, and told."""

import json
from typing import Any

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.person import IRIS, Person
from tests.support.relying_party_client import ASSERTION_TYPE, RelyingParty, answer_of, claims_of
from tests.web.oidc.inside import SOURCE, SOUTH, visit

TYPE = "nl.vad.representation"
PARENT = "urn:nl-eid-gdi:1.1:RT:Zorg_Volledig_Gezag_Kind"
UNKNOWN = json.dumps([{"type": "payment_initiation"}])


def details(**members: Any) -> str:
    """One object of the type."""
    return json.dumps([{"type": TYPE, **members}])


def test_what_was_granted_is_told(rp: RelyingParty, person: Person) -> None:
    """Sections 6 and 7: locations instead of `resource`; each answer says what its token is good for, and why."""
    asked = rp.ask(scope="openid 48", authorization_details=details(locations=[SOURCE, SOUTH], basis="self"))
    held = rp.redeem(asked, person.authorize(asked)).json()
    own = {"type": TYPE, "basis": "self", "locations": [SOURCE, SOUTH]}
    assert held["authorization_details"] == [own]
    at_source = rp.exchange(held["access_token"], SOURCE).json()
    assert at_source["authorization_details"] == [{**own, "locations": [SOURCE]}]
    assert claims_of(at_source["access_token"])["authorization_details"] == at_source["authorization_details"]
    narrowed = rp.refresh(held["refresh_token"], authorization_details=details(locations=[SOUTH])).json()
    assert narrowed["authorization_details"] == [{**own, "locations": [SOUTH]}]
    assert claims_of(narrowed["access_token"])["aud"] == SOUTH


def test_another_ground_gives_no_token(rp: RelyingParty, person: Person) -> None:
    """What is refused uses no refresh token up; a source that was not agreed to stays closed, however it is named."""
    asked = rp.ask(scope="openid 48", resources=(SOURCE,))
    held = rp.redeem(asked, person.authorize(asked)).json()
    for members in ({"basis": PARENT}, {"locations": [SOUTH]}, {"extra": 1}):
        refused = rp.refresh(held["refresh_token"], resource=SOURCE, authorization_details=details(**members))
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_authorization_details"), members
    elsewhere = rp.refresh(held["refresh_token"], authorization_details=details(locations=[SOUTH]))
    assert elsewhere.json()["error"] == "invalid_target"
    exchanged = rp.exchange(held["access_token"], SOURCE, authorization_details=details(basis=PARENT))
    assert exchanged.json()["error"] == "invalid_authorization_details"
    assert rp.refresh(held["refresh_token"], authorization_details=details(basis="self")).status_code == 200


@pytest.mark.parametrize("value", [UNKNOWN, "{", details(locations=[SOUTH])])
def test_what_is_not_of_the_type_is_refused(rp: RelyingParty, value: str) -> None:
    """Section 5, at the authorization endpoint and pushed."""
    asked = rp.ask(scope="openid 48", resources=(SOURCE,), authorization_details=value)
    assert answer_of(visit(asked).headers["Location"])["error"] == "invalid_authorization_details"
    proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": rp.assertion()}
    pushed = requests.post(f"{rp.issuer}/par", {**dict(asked.parameters), **proof}, timeout=20)
    assert (pushed.status_code, pushed.json()["error"]) == (400, "invalid_authorization_details")


def test_an_app_that_wants_a_ground_gets_that_one_alone(acting_rp: RelyingParty, person: Person) -> None:
    """With `self` nobody is asked for whom; with a parent's ground, one's own data are refused."""
    own = acting_rp.ask(scope="openid 48", authorization_details=details(locations=[SOURCE], basis="self"))
    person.open(own.url)
    person.log_in(IRIS)
    assert "consent-give" in person.page.elements, f"the person is at {person.page}"
    wanted = acting_rp.ask(scope="openid 48", authorization_details=details(locations=[SOURCE], basis=PARENT))
    person.open(wanted.url)
    person.act_for("Sem Bos")
    person.consent()
    assert person.answer is not None
    told = acting_rp.redeem(wanted, person.answer["code"]).json()["authorization_details"]
    assert told[0]["basis"] == PARENT


def test_the_ground_that_was_asked_for_holds_for_all_that_comes_of_it(
    acting_rp: RelyingParty, person: Person, backroom: Backroom
) -> None:
    """Sections 6.1, 7 and 9.2: kept in the grant; where another ground is all that is left, nothing comes of it."""
    wanted = acting_rp.ask(scope="openid 48", authorization_details=details(locations=[SOURCE], basis=PARENT))
    person.open(wanted.url)
    person.log_in(IRIS)
    person.act_for("Sem Bos")
    person.consent()
    assert person.answer is not None
    held = acting_rp.redeem(wanted, person.answer["code"]).json()
    told = [{"type": TYPE, "basis": PARENT, "locations": [SOURCE]}]
    for token in (held["access_token"], held["refresh_token"]):
        assert acting_rp.introspect(token).json()["authorization_details"] == told
    refused = acting_rp.refresh(held["refresh_token"], authorization_details=details(basis="self"))
    assert refused.json()["error"] == "invalid_authorization_details"
    at_source = acting_rp.exchange(held["access_token"], SOURCE).json()
    assert at_source["authorization_details"] == told
    [(basis,)] = backroom.ask("SELECT basis FROM grants ORDER BY created_at DESC LIMIT 1")
    assert basis == "parental_authority"
    # As if it had been asked for on a ground that holds no more, while this one does.
    backroom.ask("UPDATE grants SET basis = 'mandate' WHERE basis = %s", basis)
    for token in (held["access_token"], held["refresh_token"], at_source["access_token"]):
        assert acting_rp.introspect(token).json() == {"active": False}
    assert acting_rp.userinfo(held["access_token"]).status_code == 401
    for answer in (acting_rp.refresh(held["refresh_token"]), acting_rp.exchange(held["access_token"], SOURCE)):
        assert answer.json()["error"] == "invalid_grant"
    backroom.ask("UPDATE grants SET basis = NULL WHERE basis = 'mandate'")
    assert acting_rp.refresh(held["refresh_token"]).json()["authorization_details"] == told
