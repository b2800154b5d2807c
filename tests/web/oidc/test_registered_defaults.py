"""What an app registers for requests that say nothing of it (OIDC Dynamic Client Registration section 2)."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.backroom import Backroom
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from tests.web.oidc.registering import Issue, call, error_of, issued, key, metadata, registered
from vad.domain.assurance import LevelOfAssurance

__all__ = ["issued", "key"]

HIGH, SUBSTANTIAL = LevelOfAssurance.HOOG.uri, LevelOfAssurance.SUBSTANTIEEL.uri


def answered(person: Person, address: str) -> dict[str, str]:
    """What the app is told at once; nothing where the person, who is logged in, stands at a page."""
    person.answer = None
    person.open(address)
    return {**(person.answer or {})}


def error(person: Person, rp: RelyingParty, **parameters: Any) -> str:
    """What the app is told of a request without pages."""
    return answered(person, rp.ask(prompt="none", **parameters).url).get("error", "")


def test_how_old_a_login_may_be(
    vad_town: Town, issued: Issue, key: dict[str, Any], person: Person, backroom: Backroom
) -> None:
    """A request that says nothing has the registered `max_age`; what it says itself counts alone."""
    made = registered(vad_town, issued, key, default_max_age=600, require_auth_time=False)
    assert (made["default_max_age"], made["require_auth_time"]) == (600, True)
    rp = RelyingParty(vad_town.issuer, made["client_id"], REDIRECT, key)
    person.authorize(rp.ask(), duration="until_stopped")
    assert error(person, rp) == ""
    long_ago = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=11)
    backroom.change_session(person.cookies["vad_session"], auth_time=long_ago)
    assert error(person, rp) == "login_required"
    assert error(person, rp, max_age="3600") == ""
    assert error(person, rp, max_age="60") == "login_required"
    assert "code" in answered(person, rp.ask(max_age="3600").url)
    again = rp.ask()
    assert (answered(person, again.url), "login-submit" in person.page.elements) == ({}, True)
    person.log_in()
    assert person.answer is not None
    claims = claims_of(rp.redeem(again, person.answer["code"]).json()["id_token"])
    assert claims["auth_time"] > time.time() - 600


def test_which_level_a_login_has(
    vad_town: Town, issued: Issue, key: dict[str, Any], new_person: Callable[[], Person]
) -> None:
    """The registered levels count for a request that names none, in either way; a level that is none is passed over."""
    made = registered(vad_town, issued, key, default_acr_values=["urn:example:gold", HIGH])
    assert made["default_acr_values"] == [HIGH]
    rp, person = RelyingParty(vad_town.issuer, made["client_id"], REDIRECT, key), new_person()
    person.authorize(rp.ask(acr_values=SUBSTANTIAL), duration="until_stopped")
    assert error(person, rp) == "login_required"
    assert error(person, rp, acr_values=SUBSTANTIAL) == ""
    assert error(person, rp, acr_values="urn:example:gold") == ""
    assert error(person, rp, claims=f'{{"id_token": {{"acr": {{"value": "{SUBSTANTIAL}"}}}}}}') == ""
    assert (answered(person, rp.ask().url), "login-submit" in person.page.elements) == ({}, True)


def test_an_app_changes_them(vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom) -> None:
    """RFC 7592 section 2.2: what is left out, or null, is there no more; nought seconds are something."""
    made = registered(vad_town, issued, key, default_max_age=0, default_acr_values=[HIGH])
    name, token = made["client_id"], made["registration_access_token"]
    assert call(vad_town, "GET", token, client_id=name).json() == made
    columns = "SELECT default_max_age, default_acr_values FROM clients WHERE client_id = %s"
    assert backroom.ask(columns, name) == [(0, [HIGH])]
    nothing = {"default_max_age": None, "default_acr_values": None, "response_types": None, "subject_type": None}
    changed = call(vad_town, "PUT", token, metadata(key, client_id=name) | nothing, name)
    assert changed.status_code == 200, changed.text
    assert not {"default_max_age", "default_acr_values"} & changed.json().keys()
    assert backroom.ask(columns, name) == [(None, [])]
    [event] = backroom.events("registration.changed")
    assert event["evidence"]["members"] == ["default_acr_values", "default_max_age"]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("default_max_age", -1),
        ("default_max_age", 10_000_001),
        ("default_max_age", 1.5),
        ("default_max_age", "soon"),
        ("default_max_age", "600"),
        ("default_max_age", True),
        ("require_signed_request_object", "false"),
        ("dpop_bound_access_tokens", 1),
        ("default_acr_values", HIGH),
        ("default_acr_values", [HIGH] * 4),
    ],
)
def test_what_is_no_default(vad_town: Town, issued: Issue, key: dict[str, Any], member: str, value: object) -> None:
    """As in a request: seconds, no more than are taken there; and a list. Nothing is guessed from another kind."""
    refused = call(vad_town, "POST", issued(), metadata(key, **{member: value}))
    assert error_of(refused) == "invalid_client_metadata"
    assert refused.json()["error_description"].startswith(f"{member}: ")


PASSED_OVER: dict[str, Any] = {
    "application_type": "web",
    "client_name#en": "Registered by itself",
    "client_uri": "https://app.example/",
    "contacts": ["beheer@app.example"],
    "frontchannel_logout_uri": "https://app.example/out",
    "initiate_login_uri": "https://app.example/begin",
    "logo_uri": "https://app.example/logo.png",
    "scope": "openid 48",
    "software_id": "4NRB1-0XZABZI9E6-5SM3R",
    "software_version": "1",
    "software_statement": None,
    "x_unknown": {"a": [1, {"b": None}]},
}


def test_what_vad_does_not_know_is_passed_over(
    vad_town: Town, issued: Issue, key: dict[str, Any], person: Person
) -> None:
    """RFC 7591 section 2: it must not fail; the answer tells what was registered, and nothing else is kept."""
    made = call(vad_town, "POST", issued(), metadata(key) | PASSED_OVER).json()
    assert not PASSED_OVER.keys() & made.keys()
    assert made.keys() == {
        *("client_id", "client_id_issued_at", "registration_access_token", "registration_client_uri"),
        *("client_name", "redirect_uris", "jwks", "grant_types", "response_types", "subject_type"),
        *("token_endpoint_auth_method", "id_token_signed_response_alg", "require_auth_time"),
        "introspection_signed_response_alg",
    }
    rp = RelyingParty(vad_town.issuer, made["client_id"], REDIRECT, key)
    asked = rp.ask()
    assert "auth_time" in claims_of(rp.redeem(asked, person.authorize(asked)).json()["id_token"])
