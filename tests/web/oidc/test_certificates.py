"""Apps that prove themselves by a certificate, and tokens that are bound to it (RFC 8705)."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from flask import Flask

from tests.support.backroom import Backroom
from tests.support.certificate_holder import (
    BY_ITSELF,
    BY_KEY,
    BY_NAME,
    ELSEWHERE,
    FAPI2,
    ORIGIN,
    Certificates,
    Certified,
    der,
    passed_on,
    session,
    thumbprint,
)
from tests.support.consent_page import LAB
from tests.support.key_holder import Holder
from tests.support.person import Person
from tests.support.relying_party_client import Asked, RelyingParty, claims_of, public
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from tests.web.test_client_administration import wait_until
from vad.sandbox.serving import serve
from vad.sandbox.tls.authority import Authority


@pytest.fixture
def by_name(the_town: Town, certificates: Certificates, rp_keys: Mapping[str, Mapping[str, object]]) -> Certified:
    """Give the app whose certificate an authority vouches for."""
    shown = session(passed_on(certificates.file(BY_NAME)))
    return Certified(the_town.issuer, BY_NAME, REDIRECT, rp_keys["rp-one"], http=shown)


@pytest.fixture
def by_key(the_town: Town, certificates: Certificates, rp_keys: Mapping[str, Mapping[str, object]]) -> RelyingParty:
    """Give the app that signs assertions, over a connection with a certificate."""
    shown = session(passed_on(certificates.file(BY_KEY)))
    return RelyingParty(the_town.issuer, BY_KEY, REDIRECT, rp_keys["rp-one"], http=shown)


def others(certificates: Certificates, folder: Path) -> dict[str, requests.Session]:
    """Everything but the certificate of `BY_NAME`, by way of its proxy."""
    own = passed_on(certificates.file(BY_NAME))
    foreign = Authority.kept(folder, "foreign", of_localhost=False).client(folder, BY_NAME)
    ended = certificates.authority.client(folder, "ended", ends_in=timedelta(minutes=-1))
    server = certificates.authority.server(folder, [BY_NAME])
    return {
        "none": session(None),
        "its own, past the proxy": session(own, ELSEWHERE),
        "of another client": session(passed_on(certificates.file(BY_KEY))),
        "of another authority, for the same name": session(passed_on(foreign.certificate)),
        "over": session(passed_on(ended.certificate)),
        "of a server": session(passed_on(server.certificate)),
        "two": session(f"{own}, {own}"),
        "no certificate": session(f":{base64.b64encode(b'x' * 100).decode()}:"),
        "no base64": session(":é:".encode().decode("latin-1")),
        "too long": session(f":{'A' * 20000}:"),
    }


def folder(path: Path) -> Path:
    """Make it."""
    path.mkdir()
    return path


def granted(rp: RelyingParty, person: Person, **asking: Any) -> dict[str, Any]:
    """What it gets for a code."""
    asked = rp.ask(**asking)
    answer = rp.redeem(asked, person.authorize(asked))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_way_of_a_certificate(by_name: Certified, certificates: Certificates, person: Person) -> None:
    """Sections 2.1 and 3: it opens every endpoint, and each token names it."""
    bound = {"x5t#S256": thumbprint(certificates.file(BY_NAME))}
    pushed = by_name._post("par", dict(by_name.ask().parameters), {})  # noqa: SLF001 - what it does everywhere else
    assert pushed.status_code == 201, pushed.text
    held = granted(by_name, person)
    assert (held["token_type"], claims_of(held["access_token"])["cnf"]) == ("Bearer", bound)
    assert by_name.userinfo(held["access_token"]).json()["sub"] == claims_of(held["id_token"])["sub"]
    told = by_name.introspect(held["access_token"]).json()
    assert (told["active"], told["cnf"]) == (True, bound)
    refreshed = by_name.refresh(held["refresh_token"]).json()
    assert claims_of(refreshed["access_token"])["cnf"] == bound
    # Exchanged, it is bound to the same; this app is admitted nowhere, which it hears only once it was let in.
    assert by_name.exchange(refreshed["access_token"], LAB).json()["error"] == "invalid_target"
    assert by_name.revoke(refreshed["access_token"]).status_code == 200
    assert by_name.userinfo(refreshed["access_token"]).status_code == 401


def test_nothing_but_that_certificate(
    by_name: Certified, certificates: Certificates, person: Person, tmp_path: Path
) -> None:
    """Neither another nor none proves the app or opens what is bound; nor its own, from anybody but the proxy."""
    held = granted(by_name, person)
    right = by_name.http
    for what, wrong in others(certificates, tmp_path).items():
        by_name.http = wrong
        calls = (
            by_name.refresh(held["refresh_token"]),
            by_name.introspect(held["access_token"]),
            by_name.revoke(held["access_token"]),
            by_name._post("par", dict(by_name.ask().parameters), {}),  # noqa: SLF001
        )
        assert {(each.status_code, each.json()["error"]) for each in calls} == {(401, "invalid_client")}, what
        refused = by_name.userinfo(held["access_token"])
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token"), what
    by_name.http = right
    # An assertion beside it, or a secret, is another way, and not this app's.
    assert by_name.refresh(held["refresh_token"], client_secret="x").json()["error"] == "invalid_client"
    as_signed = RelyingParty(by_name.issuer, BY_NAME, REDIRECT, by_name.key, http=right)
    assert as_signed.refresh(held["refresh_token"]).json()["error"] == "invalid_client"
    assert by_name.refresh(held["refresh_token"]).status_code == 200


def test_a_certificate_that_signs_itself(
    the_town: Town, certificates: Certificates, by_name: Certified, person: Person, tmp_path: Path
) -> None:
    """Section 2.2: the one that is registered, whoever vouches for it; another with the same names is none."""
    shown = session(passed_on(certificates.file(BY_ITSELF)))
    rp = Certified(the_town.issuer, BY_ITSELF, REDIRECT, by_name.key, http=shown)
    held = granted(rp, person)
    assert claims_of(held["access_token"])["cnf"] == {"x5t#S256": thumbprint(certificates.file(BY_ITSELF))}
    another = certificates.authority.client(tmp_path, BY_ITSELF)
    rp.http = session(passed_on(another.certificate))
    assert rp.refresh(held["refresh_token"]).json()["error"] == "invalid_client"
    # Nor is one that is registered at one app the proof of another.
    rp.http = by_name.http
    assert rp.refresh(held["refresh_token"]).json()["error"] == "invalid_client"


def test_a_certificate_that_the_app_publishes(
    the_town: Town, certificates: Certificates, by_name: Certified, person: Person, tmp_path: Path, backroom: Backroom
) -> None:
    """Section 2.2.2: the app changes it by itself. An attacker's of the same names and authority is none."""
    places = (folder(tmp_path / name) for name in ("another", "foreign"))
    another, foreign = (certificates.authority.client(place, BY_ITSELF) for place in places)
    keys: dict[str, Any] = {}
    read: list[bool] = []
    app = Flask("app")

    @app.get("/keys")
    def published() -> Any:
        read.append(True)
        return keys

    def publish(file: Path) -> None:
        keys["keys"] = [{**public(by_name.key), "kid": "own", "x5c": [base64.b64encode(der(file)).decode()]}]

    statement = "UPDATE clients SET jwks = %s::jsonb, jwks_uri = %s WHERE client_id = %s"
    [(jwks,)] = backroom.ask("SELECT jwks::text FROM clients WHERE client_id = %s", BY_ITSELF)
    rp = Certified(the_town.issuer, BY_ITSELF, REDIRECT, by_name.key)

    def answer(file: Path) -> str:
        rp.http = session(passed_on(file))
        return str(rp.refresh("nothing").json()["error"])

    with serve(app) as address:
        publish(certificates.file(BY_ITSELF))
        backroom.ask(statement, "[]", f"{address}/keys", BY_ITSELF)
        backroom.ask("UPDATE configuration_version SET version = version + 1")
        try:
            wait_until(lambda: answer(certificates.file(BY_ITSELF)) == "invalid_grant" and bool(read))
            rp.http = session(passed_on(certificates.file(BY_ITSELF)))
            held = granted(rp, person)
            assert claims_of(held["access_token"])["cnf"] == {"x5t#S256": thumbprint(certificates.file(BY_ITSELF))}
            publish(another.certificate)
            assert answer(another.certificate) == "invalid_grant", "proved; what it brought is no token"
            assert answer(certificates.file(BY_ITSELF)) == "invalid_client"
            assert answer(foreign.certificate) == "invalid_client"
            assert rp.userinfo(held["access_token"]).status_code == 401
        finally:
            backroom.ask(statement, jwks, "", BY_ITSELF)
            backroom.ask("UPDATE configuration_version SET version = version + 1")


def test_who_signs_assertions_has_bound_tokens_too(
    by_key: RelyingParty, by_name: Certified, certificates: Certificates, person: Person
) -> None:
    """Section 3: proving itself in another way, what was given over one certificate is worth nothing over another."""
    asked = by_key.ask()
    code = person.authorize(asked)
    own = by_key.http
    by_key.http = session(None)
    assert by_key.redeem(asked, code).json()["error"] == "invalid_grant"
    by_key.http = own
    held = granted(by_key, person)
    for http in (session(None), by_name.http, session(passed_on(certificates.file(BY_KEY)), ELSEWHERE)):
        by_key.http = http
        assert by_key.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
        assert by_key.exchange(held["access_token"], LAB).json()["error"] == "invalid_grant"
        assert by_key.userinfo(held["access_token"]).status_code == 401
        # Its own client may ask about it, whatever the connection; a source that gets it looks at `cnf` itself.
        assert by_key.introspect(held["access_token"]).json()["cnf"]
    by_key.http = own
    assert by_key.userinfo(held["access_token"]).status_code == 200


def test_a_key_and_a_certificate(by_key: RelyingParty, person: Person) -> None:
    """Both bind, and each use needs both; the proof is for either of our addresses, with a certificate or without."""
    holder = Holder(by_key)
    asked = by_key.ask()
    form = {"grant_type": "authorization_code", "code": person.authorize(asked), "redirect_uri": REDIRECT}
    form["code_verifier"] = asked.code_verifier
    at_token = {"htu": f"{ORIGIN}/token"}
    held = holder.post("/token", form, **at_token).json()
    assert held["token_type"] == "DPoP"
    assert claims_of(held["access_token"])["cnf"].keys() == {"jkt", "x5t#S256"}
    refresh = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}
    token = held["access_token"]
    assert holder.userinfo(token, htu=f"{ORIGIN}/userinfo").status_code == 200
    assert by_key.userinfo(token).status_code == 401
    assert by_key.token(refresh).json()["error"] == "invalid_request"
    elsewhere = {"htu": "https://elsewhere.example/token"}
    assert holder.post("/token", refresh, **elsewhere).json()["error"] == "invalid_dpop_proof"
    own, by_key.http = by_key.http, session(None)
    assert holder.userinfo(token).status_code == 401
    for address in ({}, at_token):
        assert holder.post("/token", refresh, **address).json()["error"] == "invalid_grant"
    by_key.http = own
    for address in ({}, at_token):
        refreshed = holder.post("/token", refresh, **address)
        assert refreshed.status_code == 200
        refresh["refresh_token"] = refreshed.json()["refresh_token"]


def test_profile_fapi2_is_content_with_a_certificate(
    the_town: Town, certificates: Certificates, by_name: Certified, person: Person
) -> None:
    """FAPI 2.0 Security Profile section 5.3.2.1: it proves the app and binds its tokens; no other key is needed."""
    shown = session(passed_on(certificates.file(FAPI2)))
    rp = Certified(the_town.issuer, FAPI2, REDIRECT, by_name.key, http=shown)
    asked = rp.ask()
    pushed = rp._post("par", dict(asked.parameters), {}).json()  # noqa: SLF001
    pairs = [("client_id", FAPI2), ("request_uri", pushed["request_uri"])]
    brought = Asked(pairs, asked.code_verifier, f"{rp.issuer}/authorize?{urlencode(pairs)}")
    code = person.authorize(brought)
    rp.http = by_name.http
    assert rp.redeem(brought, code).json()["error"] == "invalid_client"
    rp.http = shown
    held = rp.redeem(brought, code).json()
    assert (held["token_type"], set(claims_of(held["access_token"])["cnf"])) == ("Bearer", {"x5t#S256"})
    again = rp.refresh(held["refresh_token"]).json()
    assert again["refresh_token"] == held["refresh_token"], "bound as it is, it need not change (section 5.3.2.1)"
    rp.http = by_name.http
    assert rp.refresh(held["refresh_token"]).json()["error"] == "invalid_client"
    assert rp.userinfo(again["access_token"]).status_code == 401


def test_it_is_told_where_certificates_are_shown(the_town: Town) -> None:
    """Sections 3.3 and 5; and the endpoints are those that exist."""
    told = requests.get(f"{the_town.issuer}/.well-known/oauth-authorization-server", timeout=20).json()
    assert told["tls_client_certificate_bound_access_tokens"] is True
    assert {"tls_client_auth", "self_signed_tls_client_auth"} <= set(told["token_endpoint_auth_methods_supported"])
    for name, alias in told["mtls_endpoint_aliases"].items():
        assert alias == told[name].replace(the_town.issuer, ORIGIN)
    assert {"token_endpoint", "pushed_authorization_request_endpoint"} <= told["mtls_endpoint_aliases"].keys()


def test_a_token_that_is_not_bound_needs_none(rp: RelyingParty, by_name: Certified, person: Person) -> None:
    """A certificate on the way says nothing of it; it is the connection's."""
    asked: Asked = rp.ask()
    held = rp.redeem(asked, person.authorize(asked)).json()
    assert "cnf" not in claims_of(held["access_token"])
    assert by_name.userinfo(held["access_token"]).status_code == 200
