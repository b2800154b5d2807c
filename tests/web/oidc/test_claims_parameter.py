"""The `claims` parameter at the authorization endpoint (OIDC Core section 5.5): who must log in, and how strongly."""

import json
from collections.abc import Callable

import pytest

from tests.support.person import PIETER, Person
from tests.support.relying_party_client import Asked, RelyingParty, answer_of, claims_of
from tests.web.oidc.inside import visit
from tests.web.oidc.test_authorize_hint import id_token_of
from tests.web.oidc.test_authorize_prompt import HIGH, SUBSTANTIAL, asking, stands_at, told


def wanting(rp: RelyingParty, more: dict[str, str] | None = None, **claims: object) -> Asked:
    """A request that asks this of the claims of the ID token."""
    return asking(rp, claims=json.dumps({"id_token": claims}), **(more or {}))


def test_what_there_is_not_is_not_given(rp: RelyingParty, person: Person) -> None:
    """Asking for more is no error, and brings nothing: no name, no BSN, no `amr` in the ID token (section 5.5.1)."""
    bare = rp.ask(claims=json.dumps({"id_token": {"bsn": {"essential": True}, "name": None, "amr": None}, "x": 1}))
    claims = claims_of(rp.redeem(bare, person.authorize(bare)).json()["id_token"])
    assert not {"bsn", "name", "amr"} & claims.keys()


HALF = r'{"id_token": {"sub": {"value": "\ud800"}}}'
"""Half a character: text that JSON has, and no encoding does."""


@pytest.mark.parametrize("claims", ["{", "[]", '{"id_token": {"sub": 1}}', HALF])
def test_malformed_is_refused(rp: RelyingParty, claims: str) -> None:
    """The app hears it at once, in its own answer."""
    assert answer_of(visit(rp.ask(claims=claims)).headers["Location"])["error"] == "invalid_request"


def test_nobody_but_the_one_who_is_named(rp: RelyingParty, new_person: Callable[[], Person]) -> None:
    """Section 5.5.1: no answer about anybody else, whoever is logged in or logs in."""
    pieter = claims_of(id_token_of(rp, new_person(), PIETER))["sub"]
    person = new_person()
    own = id_token_of(rp, person)
    assert "code" in told(person, wanting(rp, {"prompt": "none"}, sub={"value": claims_of(own)["sub"]}))
    assert told(person, wanting(rp, {"prompt": "none"}, sub={"value": pieter}))["error"] == "login_required"
    both = wanting(rp, {"id_token_hint": own}, sub={"value": pieter})
    assert told(person, both)["error"] == "invalid_request"
    stands_at(person, wanting(rp, sub={"value": pieter}), "login-submit")
    person.log_in()
    assert (person.answer or {})["error"] == "login_required"


def test_a_level_that_is_demanded(rp: RelyingParty, person: Person) -> None:
    """Section 5.5.1.1: that `acr` or none; a stronger login is another one, and a failed try is told as such."""
    id_token_of(rp, person)
    acr = {"essential": True, "value": HIGH}
    assert told(person, wanting(rp, {"prompt": "none"}, acr=acr))["error"] == "login_required"
    again = wanting(rp, acr=acr)
    claims = claims_of(rp.redeem(again, person.authorize(again, level="hoog")).json()["id_token"])
    assert claims["acr"] == HIGH
    stands_at(person, wanting(rp, acr={"essential": True, "value": SUBSTANTIAL}), "login-submit")
    person.log_in(level="hoog")
    assert (person.answer or {})["error"] == "unmet_authentication_requirements"
    # What nobody can have is said before anybody logs in.
    person.log_out()
    for value in ("urn:none", "http://eidas.europa.eu/LoA/low"):
        refused = told(person, wanting(rp, acr={"essential": True, "value": value}))
        assert refused["error"] == "unmet_authentication_requirements"
