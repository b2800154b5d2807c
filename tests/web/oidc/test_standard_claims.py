"""Claims about the person at userinfo and in ID tokens: agreed to one by one, or not given."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.basic_client import BasicClient
from tests.support.backroom import Backroom
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty, answer_of, claims_of, header_of
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT, SECRETS
from tests.web.oidc.inside import visit
from vad.adapters.configuration.standard_claims_section import StandardClaims
from vad.bootstrap import web

VALUES = ("frouke@frouke.example", "+31 6 00000000", "Kerkstraat")


@pytest.fixture(autouse=True)
def _nobody_agreed(backroom: Backroom) -> Iterator[None]:
    """Begin and end with nobody having agreed to anything."""
    backroom.forget_consents()
    yield
    backroom.forget_consents()


@pytest.fixture
def app(vad_town: Town) -> BasicClient:
    """Give an app of profile `basic`."""
    return BasicClient(vad_town.issuer, next(iter(SECRETS)))


def agree(app: BasicClient, person: Person, *boxes: str, **asked: str) -> dict[str, Any]:
    """The whole way, with these boxes of the consent page ticked."""
    person.answer = None
    person.open(app.ask(**asked).url)
    if "login-submit" in person.page.elements:
        person.log_in()
    if "continue" in person.page.elements:
        person.press("continue")
    assert not any(field.ticked for form in person.page.forms for field in form.fields)
    held = {field.value: field.identifier for form in person.page.forms for field in form.fields}
    person.press("consent-give", {**{held[box]: True for box in boxes}, "duration-until-stopped": True})
    return dict(app.redeem(app.answered(person)["code"]).json())


def register(backroom: Backroom, name: str, algorithm: str) -> None:
    """Have userinfo signed for this app, or not."""
    backroom.ask("UPDATE clients SET userinfo_signed_response_alg = %s WHERE client_id = %s", algorithm, name)
    backroom.ask("UPDATE configuration_version SET version = version + 1")


def test_the_person_chooses(app: BasicClient, person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    """The page names every claim; what is ticked is given, and no more; no value of any stands in the log."""
    held = agree(app, person, "email", scope="openid profile email phone")
    shown = next(page.text for page in reversed(person.seen) if "consent-give" in page.text)
    told = app.userinfo(held["access_token"]).json()
    logged = capsys.readouterr().out
    for words in ("Wat mag Test rp-secret-basic nog meer van u weten?", "uw geboortedatum", "uw telefoonnummer"):
        assert words in shown
    assert not [value for value in VALUES if value in shown]
    assert (held["scope"], told["email"]) == ("openid email", VALUES[0])
    assert told.keys() == {"sub", "sub_id_type", "person", "email", "email_verified"}
    assert "userinfo.userinfo" in logged
    assert not [value for value in VALUES if value in logged]
    person.open(f"{app.issuer}/mijn/toestemmingen")
    assert "Uw e-mailadres, of uw e-mailadres is gecontroleerd" in person.page.text
    # What was left out is asked again, by an app that must show no page as an error.
    again = app.answer(person, app.ask(scope="openid email", prompt="none"))
    assert "code" in again
    assert app.answer(person, app.ask(scope="openid phone", prompt="none"))["error"] == "consent_required"


def test_in_the_id_token_where_it_is_asked(app: BasicClient, person: Person, backroom: Backroom) -> None:
    """OIDC Core 5.5: by name, for that place; never in the place of a claim of VAD's; the log has names, no values."""
    wanted = {"id_token": {"email": None, "sub": None, "address": None}, "userinfo": {"phone_number": None}}
    boxes = ("claim:email", "claim:phone_number")
    held = agree(app, person, *boxes, claims=json.dumps(wanted))
    claims, told = claims_of(held["id_token"]), app.userinfo(held["access_token"]).json()
    assert (claims["email"], claims["aud"]) == (VALUES[0], app.name)
    assert not {"address", "phone_number", "email_verified"} & claims.keys()
    assert (told["phone_number"], "address" in told, held["scope"]) == (VALUES[1], False, "openid")
    again = app.token(grant_type="refresh_token", refresh_token=held["refresh_token"]).json()
    assert app.userinfo(again["access_token"]).json() == told
    narrow = app.token(grant_type="refresh_token", refresh_token=again["refresh_token"], scope="openid").json()
    assert "phone_number" not in app.userinfo(narrow["access_token"]).json()
    log = json.dumps(backroom.events("consent.given", "token.issued", "authorization.granted", "grant.created"))
    assert "claim:email" in log
    assert not [value for value in VALUES if value in log]


def test_a_stop_counts_at_once(app: BasicClient, person: Person, backroom: Backroom) -> None:
    """Rule 3: decided anew at each call; signed where the app is registered so."""
    held = agree(app, person, "email", "address", scope="openid email address")
    register(backroom, app.name, "RS256")
    signed = app.userinfo(held["access_token"])
    register(backroom, app.name, "")
    assert (signed.headers["Content-Type"], header_of(signed.text)["alg"]) == ("application/jwt", "RS256")
    assert claims_of(signed.text)["address"]["locality"] == "Zeist"
    backroom.ask("UPDATE consents SET data_services = '{email}' WHERE client_id = %s", app.name)
    assert app.userinfo(held["access_token"]).status_code == 401
    again = app.token(grant_type="refresh_token", refresh_token=held["refresh_token"]).json()
    assert (again["scope"], "address" in app.userinfo(again["access_token"]).json()) == ("openid email", False)


def test_nobody_else_gets_them(vad_town: Town, app: BasicClient, rp: RelyingParty, person: Person) -> None:
    """Not another profile, nor by a scope that only `claims` asks for, nor where the installation has none."""
    for each in (rp, app):
        asked = each.ask(scope="openid claim:name")
        assert answer_of(visit(asked).headers["Location"])["error"] == "invalid_scope"
    asked = rp.ask(scope="openid profile email", claims=json.dumps({"userinfo": {"name": {"essential": True}}}))
    held = rp.redeem(asked, person.authorize(asked)).json()
    assert held["scope"] == "openid"
    assert rp.userinfo(held["access_token"]).json().keys() == {"sub", "sub_id_type", "person"}
    held = agree(app, person, "email", scope="openid email")
    without = web.create_app(vad_town.settings.model_copy(update={"standard_claims": StandardClaims()})).test_client()
    bearer = {"Authorization": f"Bearer {held['access_token']}"}
    assert json.loads(without.get("/userinfo", headers=bearer).data).keys() == {"sub", "sub_id_type", "person"}
    known = json.loads(without.get("/.well-known/openid-configuration").data)
    assert not {"profile", "email", "address", "phone"} & set(known["scopes_supported"])
    assert not {"name", "email", "address"} & set(known["claims_supported"])
    # Passed over, as in OIDC Core 3.1.2.1: no error, and a login.
    sent = without.get("/authorize", query_string=dict(app.ask(scope="phone address email profile openid").parameters))
    assert "error" not in sent.headers["Location"]
    assert not sent.headers["Location"].startswith(REDIRECT)
