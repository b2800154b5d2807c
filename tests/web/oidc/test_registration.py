"""Apps that register themselves (RFC 7591) and look after that (RFC 7592): by a token, and within what it allows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty, answer_of, claims_of, public
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from tests.web.oidc.inside import SOURCE, visit
from tests.web.oidc.registering import ORGANISATION, Issue, call, error_of, issued, key, metadata, registered
from vad.bootstrap import web
from vad.domain.errors import ProtocolError
from vad.domain.security_event import SecurityEvent

__all__ = ["issued", "key"]


def test_from_registration_to_a_login(
    vad_town: Town, issued: Issue, key: dict[str, Any], person: Person, backroom: Backroom
) -> None:
    """RFC 7591 section 3.2.1: served at once, under the organisation of the token; admitted to no source."""
    made = registered(vad_town, issued, key, grant_types=["authorization_code", "refresh_token"], scope="openid")
    assert made.keys() >= {"client_id", "client_id_issued_at", "registration_access_token", "registration_client_uri"}
    assert (made["token_endpoint_auth_method"], made["response_types"]) == ("private_key_jwt", ["code"])
    assert made["grant_types"] == ["authorization_code", "refresh_token"]
    assert made["jwks"]["keys"][0]["kid"] == "itself"
    assert not {"client_secret", "scope"} & made.keys()
    rp = RelyingParty(vad_town.issuer, made["client_id"], REDIRECT, key)
    asked = rp.ask()
    held = rp.redeem(asked, person.authorize(asked)).json()
    assert claims_of(held["id_token"])["aud"] == made["client_id"]
    assert "Zelf B.V." in "".join(page.text for page in person.seen)
    refused = visit(rp.ask(scope="openid 48", resources=(SOURCE,)))
    assert answer_of(refused.headers["Location"])["error"] == "invalid_target"
    [event] = backroom.events("registration.made")
    assert event["client_id"] == made["client_id"]
    known = requests.get(f"{vad_town.issuer}/.well-known/openid-configuration", timeout=20).json()
    assert known["registration_endpoint"] == f"{vad_town.issuer}/register"


UNSEEN = {
    "nl": "De app heeft zelf een naam gekozen. VAD heeft de app niet gecontroleerd.",
    "en": "The app chose its own name. VAD did not check the app.",
}
SEEN = {
    "nl": "Daarna heeft een medewerker van VAD de app bekeken.",
    "en": "After that someone who works for VAD looked at the app.",
}


def test_people_read_that_it_registered_itself(
    vad_town: Town,
    issued: Issue,
    key: dict[str, Any],
    new_person: Callable[[], Person],
    backroom: Backroom,
    rp: RelyingParty,
) -> None:
    """NL GOV OAuth, Client Approval: where they log in, go on or agree, and whether staff looked at it since."""
    made = registered(vad_town, issued, key, grant_types=["authorization_code"])
    itself = RelyingParty(vad_town.issuer, made["client_id"], REDIRECT, key)

    def notes(of: RelyingParty, after: RelyingParty, language: str) -> list[tuple[bool, bool]]:
        who, other = new_person(), new_person()
        pages = [who.open(of.ask(ui_locales=language).url), who.log_in()]
        assert "consent-give" in pages[1].elements
        other.authorize(after.ask())
        pages.append(other.open(of.ask(ui_locales=language).url))
        assert "not-me" in pages[2].elements
        noted = [page.text for page in pages if "registered-itself" in page.elements]
        return [(UNSEEN[language] in text, SEEN[language] in text) for text in noted]

    for language in UNSEEN:
        assert notes(itself, rp, language) == [(True, False)] * 3
    backroom.ask("UPDATE clients SET owner = 'pages' WHERE client_id = %s", made["client_id"])
    backroom.ask("UPDATE configuration_version SET version = version + 1")
    backroom.town.app.extensions["vad.services"].registrations.check()
    for language in SEEN:
        assert notes(itself, rp, language) == [(False, True)] * 3
    assert notes(rp, itself, "nl") == []


def test_an_app_has_no_say_in_what_it_is_allowed(
    vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom
) -> None:
    """Profile, organisation, level, sector, acting for others and the API are not its to say, whatever it sends."""
    wished = {
        "client_id": "rp-one",
        "organisation": "Ministerie",
        "profile": "basic",
        "representation": True,
        "api_scopes": ["mandates"],
        "minimum_level": "midden",
        "sector": "rp-one",
        "active": True,
        "admitted": {SOURCE: ["48"]},
    }
    made = call(vad_town, "POST", issued(), metadata(key, **wished)).json()
    assert not (wished.keys() - {"client_id"}) & made.keys()
    columns = "organisation, profile, representation, api_scopes, minimum_level, sector = client_id, owner"
    [row] = backroom.ask(f"SELECT {columns} FROM clients WHERE client_id = %s", made["client_id"])  # noqa: S608
    assert row == (ORGANISATION, "nlgov", False, [], 25, True, "itself")
    assert made["client_id"] != "rp-one"
    changed = call(vad_town, "PUT", made["registration_access_token"], metadata(key, **wished), made["client_id"])
    assert error_of(changed) == "invalid_client_metadata"
    wished["client_id"] = made["client_id"]
    changed = call(vad_town, "PUT", made["registration_access_token"], metadata(key, **wished), made["client_id"])
    assert changed.status_code == 200
    assert backroom.ask(f"SELECT {columns} FROM clients WHERE client_id = %s", made["client_id"]) == [row]  # noqa: S608
    assert backroom.ask("SELECT count(*) FROM admissions WHERE client_id = %s", made["client_id"]) == [(0,)]


def test_nobody_registers_without_a_token(vad_town: Town, issued: Issue, key: dict[str, Any]) -> None:
    """None, made up, over, used up, one that manages an app; and of many at once with one use, one wins."""
    made, over = registered(vad_town, issued, key), issued(minutes=-1)
    for token in ("", "x", "x" * 3000, over, made["registration_access_token"]):
        answer = call(vad_town, "POST", token, metadata(key))
        assert error_of(answer, 401) == "invalid_token"
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    once = issued()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: call(vad_town, "POST", once, metadata(key)).status_code, range(6)))
    assert sorted(answers) == [201, *[401] * 5]
    twice = issued(uses=2)
    assert [call(vad_town, "POST", twice, metadata(key)).status_code for _ in range(3)] == [201, 201, 401]


def test_what_is_refused_uses_no_token_up(vad_town: Town, issued: Issue, key: dict[str, Any]) -> None:
    """RFC 7591 section 3.2.2: each fault by its own error, by the checks of the files."""
    token, both = issued(), {"jwks": {"keys": [public(key)]}, "jwks_uri": "https://app.example/keys"}
    for changes, error in (
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://app.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.example/#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://*.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.example/\x00"]}, "invalid_client_metadata"),
        ({"redirect_uris": ["https://app.example/\n"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.example/"] * 21}, "invalid_redirect_uri"),
        ({"jwks": {"keys": [public(key)] * 17}}, "invalid_client_metadata"),
        ({"client_name": ""}, "invalid_client_metadata"),
        ({"client_name": "DigiD\u202e"}, "invalid_client_metadata"),
        ({"client_name": "x" * 101}, "invalid_client_metadata"),
        ({"jwks": None}, "invalid_client_metadata"),
        (both, "invalid_client_metadata"),
        ({"jwks": {"keys": [key]}}, "invalid_client_metadata"),
        ({"response_types": ["code", "token"]}, "invalid_client_metadata"),
        ({"response_types": ["id_token"]}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"subject_type": "public"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "client_secret_basic"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "none"}, "invalid_client_metadata"),
        ({"id_token_signed_response_alg": "none"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_signing_alg": "none"}, "invalid_client_metadata"),
        ({"default_max_age": -1}, "invalid_client_metadata"),
        ({"default_max_age": "soon"}, "invalid_client_metadata"),
        ({"default_acr_values": "http://eidas.europa.eu/LoA/high"}, "invalid_client_metadata"),
        ({"authorization_details_types": ["payment_initiation"]}, "invalid_client_metadata"),
        ({"authorization_details_types": [{}]}, "invalid_client_metadata"),
        ({"authorization_details_types": "nl.vad.representation"}, "invalid_client_metadata"),
        ({"id_token_encrypted_response_alg": "RSA-OAEP-256"}, "invalid_client_metadata"),
        ({"sector_identifier_uri": "https://127.0.0.1:1/"}, "invalid_client_metadata"),
        ({"backchannel_logout_uri": "http://169.254.169.254/"}, "invalid_client_metadata"),
        ({"software_statement": "x.y.z"}, "unapproved_software_statement"),
    ):
        assert error_of(call(vad_town, "POST", token, metadata(key, **changes))) == error, changes
    taken = call(vad_town, "POST", token, metadata(key, sector_identifier_uri="https://rp-one/uris"))
    assert taken.json()["error_description"] == "sector_identifier_uri: this sector is another's"
    bodies: list[Any] = [[], "text", 1]
    for body in bodies:
        assert error_of(call(vad_town, "POST", token, body)) == "invalid_client_metadata"
    plain = requests.post(f"{vad_town.issuer}/register", "{}", headers={"Authorization": f"Bearer {token}"}, timeout=20)
    assert error_of(plain) == "invalid_client_metadata"
    assert call(vad_town, "POST", token, metadata(key)).status_code == 201


def test_an_app_looks_after_itself(vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom) -> None:
    """RFC 7592: it reads and replaces what is registered. Its token stays: no answer that is lost locks it out."""
    made = registered(vad_town, issued, key, post_logout_redirect_uris=["https://rp.example/out"])
    name, first = made["client_id"], made["registration_access_token"]
    read = call(vad_town, "GET", first, client_id=name)
    assert read.json() == made
    wanted = metadata(key, client_id=name, client_name="Anders", redirect_uris=[REDIRECT, f"{REDIRECT}?x=1"])
    changed = call(vad_town, "PUT", first, wanted, name).json()
    assert (changed["client_name"], changed["redirect_uris"]) == ("Anders", wanted["redirect_uris"])
    assert "post_logout_redirect_uris" not in changed
    assert changed["registration_access_token"] == first
    [event] = backroom.events("registration.changed")
    assert event["evidence"]["members"] == ["client_name", "post_logout_redirect_uris", "redirect_uris"]
    another: list[dict[str, Any]] = [
        {"client_id": "rp-one"},
        {"client_id": None},
        {"registration_access_token": first},
        {"client_secret": "x"},
        {"redirect_uris": ["http://app.example/"]},
    ]
    for wrong in another:
        assert error_of(call(vad_town, "PUT", first, {**wanted, **wrong}, name)).startswith("invalid_"), wrong
    nothing = {"registration_access_token": None, "client_secret": None}
    assert call(vad_town, "PUT", first, {**wanted, **nothing}, name).json()["client_name"] == "Anders"


def test_one_app_is_nothing_to_another(vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom) -> None:
    """Its token opens its own registration alone; not one of a file, and none that staff switched off.

    What can be no name is nobody's either, before PostgreSQL has to say so.
    """
    one, other = registered(vad_town, issued, key), registered(vad_town, issued, key)
    for name in (other["client_id"], "rp-one", "nobody", "%00", "a%00b", "%0d%0a", "%ff"):
        for method in ("GET", "PUT", "DELETE"):
            body = metadata(key, client_id=name)
            assert (
                error_of(call(vad_town, method, one["registration_access_token"], body, name), 401) == "invalid_token"
            )
    backroom.ask("UPDATE clients SET active = false WHERE client_id = %s", one["client_id"])
    refused = call(vad_town, "GET", one["registration_access_token"], client_id=one["client_id"])
    assert error_of(refused, 401) == "invalid_token"


def test_it_ends_itself(vad_town: Town, issued: Issue, key: dict[str, Any], person: Person, backroom: Backroom) -> None:
    """RFC 7592 section 2.3: no login any more, what was given is over, and the sources that admit it hear that."""
    made = registered(vad_town, issued, key, grant_types=["authorization_code", "refresh_token"], admits=True)
    hearing = "UPDATE resource_servers SET security_events_uri = %s WHERE identifier = %s"
    backroom.ask(hearing, "https://source.example/events", SOURCE)
    rp = RelyingParty(vad_town.issuer, made["client_id"], REDIRECT, key)
    asked = rp.ask()
    held = rp.redeem(asked, person.authorize(asked)).json()
    token, name = made["registration_access_token"], made["client_id"]
    ended = call(vad_town, "DELETE", token, client_id=name)
    backroom.ask(hearing, "", SOURCE)
    assert (ended.status_code, ended.content) == (204, b"")
    assert error_of(call(vad_town, "GET", token, client_id=name), 401) == "invalid_token"
    assert rp.refresh(held["refresh_token"]).json()["error"] == "invalid_client"
    assert visit(rp.ask()).status_code == 400
    assert backroom.ask("SELECT state FROM grants WHERE client_id = %s", name) == [("ended",)]
    [event] = backroom.events("registration.ended")
    queued = "DELETE FROM outbox WHERE kind = 'security-event' AND payload ->> 'client_id' = %s RETURNING payload"
    told = [payload for (payload,) in backroom.ask(queued, name)]
    assert SOURCE in {each["resource"] for each in told if each["event"] == SecurityEvent.CLIENT_STOPPED}
    assert event["evidence"] == {"grants": 1, "sources_told": len(told)}


def test_what_an_app_publishes_tells_nothing_of_the_network(vad_town: Town, issued: Issue, key: dict[str, Any]) -> None:
    """Nobody there, inside our network, no such name: one text. Outside a sandbox one port; and so many tries."""
    token, listed = issued(), "sector_identifier_uri"
    addresses = ("https://127.0.0.1:1/", "https://10.0.0.1/", "https://127.0.0.1/", "https://nobody.invalid/")
    refused = [call(vad_town, "POST", token, metadata(key, **{listed: each})) for each in addresses]
    assert {(each.status_code, each.text) for each in refused} == {(400, refused[0].text)}
    assert "can't be read, or does not fit" in refused[0].json()["error_description"]
    inside = vad_town.app.extensions["vad.services"].registration
    production, at = replace(inside, any_port=False), datetime.now(UTC)
    for port in ("8443", "22"):
        with pytest.raises(ProtocolError, match="port 443 alone"):
            production.register(token, metadata(key, **{listed: f"https://app.example:{port}/"}), at)
    few = vad_town.settings.model_copy(
        update={"limits": vad_town.settings.limits.model_copy(update={"registration_per_token": 2})}
    )
    client = web.create_app(few).test_client()
    headers = {"Authorization": f"Bearer {issued()}"}
    answers = [client.post("/register", json={}, headers=headers).status_code for _ in range(4)]
    assert (answers[0], answers[-1]) == (400, 429)
    other = {"Authorization": f"Bearer {issued()}"}
    assert client.post("/register", json={}, headers=other).status_code == 400


def test_an_app_with_a_secret(vad_town: Town, issued: Issue, person: Person) -> None:
    """Profile `basic`: the secret is told once, works, and stays through a change."""
    made = registered(vad_town, issued, None, profile="basic")
    assert (made["token_endpoint_auth_method"], made["client_secret_expires_at"]) == ("client_secret_basic", 0)
    rp = RelyingParty(vad_town.issuer, made["client_id"], REDIRECT, {})
    asked = rp.ask()
    form = {
        "grant_type": "authorization_code",
        "code": person.authorize(asked),
        "redirect_uri": REDIRECT,
        "code_verifier": asked.code_verifier,
    }
    proof = (made["client_id"], made["client_secret"])
    assert requests.post(f"{vad_town.issuer}/token", form, auth=proof, timeout=20).status_code == 200
    wanted = metadata(client_id=made["client_id"], client_secret=made["client_secret"])
    changed = call(vad_town, "PUT", made["registration_access_token"], wanted, made["client_id"]).json()
    assert "client_secret" not in changed
    again = requests.post(f"{vad_town.issuer}/token", form, auth=proof, timeout=20)
    assert again.json()["error"] == "invalid_grant"


def test_a_sandbox_may_admit_at_once(vad_town: Town, issued: Issue, key: dict[str, Any]) -> None:
    """Only by a token that says so."""
    made = registered(vad_town, issued, key, admits=True)
    rp = RelyingParty(vad_town.issuer, made["client_id"], REDIRECT, key)
    assert "error" not in visit(rp.ask(scope="openid 48", resources=(SOURCE,))).headers["Location"]
