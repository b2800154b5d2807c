"""Who asks too often is told to wait."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.backroom import Backroom
from tests.support.certificate_holder import BY_ITSELF, HEADER, Certificates, passed_on
from tests.support.ministry import OPEN, REDIRECT
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.adapters.configuration.limits_section import Limits
from vad.bootstrap import web
from vad.bootstrap.admin import create_admin_app
from vad.settings import Settings


def strict_app(town: Town) -> Flask:
    """VAD as in the town, but patient with nobody."""
    limits = Limits(authorize_per_address=2, login_per_address=2, token_per_client=2, introspection_per_source=2)
    return web.create_app(town.settings.model_copy(update={"limits": limits}))


def test_too_many_authorization_requests(vad_town: Town) -> None:
    """The third of two in a minute gets a 429 page that says when to come back; another address gets on."""
    client = strict_app(vad_town).test_client()
    here, there = {"REMOTE_ADDR": "192.0.2.31"}, {"REMOTE_ADDR": "192.0.2.32"}
    statuses = [client.get("/authorize", environ_overrides=here).status_code for _ in range(3)]
    assert statuses == [400, 400, 429]
    refused = client.get("/authorize", environ_overrides=here)
    assert int(refused.headers["Retry-After"]) > 0
    assert "Te veel pogingen" in refused.text
    assert client.get("/authorize", environ_overrides=there).status_code == 400


def test_addresses_of_one_home_count_together(vad_town: Town) -> None:
    """IPv6 hands out addresses by the billion: the network of 64 bits counts."""
    client = strict_app(vad_town).test_client()
    statuses = [
        client.get("/authorize", environ_overrides={"REMOTE_ADDR": f"2001:db8:7:1::{last}"}).status_code
        for last in range(1, 4)
    ]
    assert statuses == [400, 400, 429]


def test_one_address_of_ipv4_is_not_all_of_it(vad_town: Town) -> None:
    """A server that listens for both families is told of IPv4 as IPv6; nobody wears a limit out for the others."""
    client = strict_app(vad_town).test_client()
    told = ("::ffff:192.0.2.91", "192.0.2.91", "::ffff:192.0.2.91", "::ffff:192.0.2.92")
    answers = [client.get("/authorize", environ_overrides={"REMOTE_ADDR": each}) for each in told]
    assert [answer.status_code for answer in answers] == [400, 400, 429, 400]


def test_nobody_fills_the_log_by_asking(vad_town: Town, bare_rp: RelyingParty, backroom: Backroom) -> None:
    """ADR 0004: refused requests of strangers are events, as many as one address may ask, however they are refused."""
    client, refused = strict_app(vad_town).test_client(), "authorization.refused"
    unqualified = bare_rp.ask(scope="openid 48", resources=(vad_town.address("hospital"),))
    for number, asked in enumerate((unqualified, bare_rp.ask(prompt="none")), start=93):
        query, where = dict(asked.parameters), {"REMOTE_ADDR": f"192.0.2.{number}"}
        before = len(backroom.events(refused))
        answers = [client.get("/authorize", query_string=query, environ_overrides=where) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [303, 303, 429, 429]
        # Where it was kept for its browser it is answered once, however often that comes.
        for answer in answers[:2] * 3:
            if "/authorize/resume" in answer.headers["Location"]:
                client.get(answer.headers["Location"], environ_overrides=where)
        assert len(backroom.events(refused)) == before + 2, asked


def test_too_many_visits_to_digid(vad_town: Town) -> None:
    """The third of two in a minute stays here, on a page; another address goes on to DigiD."""
    strict = strict_app(vad_town)
    here, there = {"REMOTE_ADDR": "192.0.2.41"}, {"REMOTE_ADDR": "192.0.2.42"}
    answers = [visit(strict.test_client(), here) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert visit(strict.test_client(), there).status_code == 303


def test_too_many_proofs(vad_town: Town) -> None:
    """Whoever tries papers one after the other is stopped, before anything is looked up."""
    limits = Limits(proof_per_address=2)
    client = web.create_app(vad_town.settings.model_copy(update={"limits": limits})).test_client()
    assert [client.get(f"/bewijs/{'A' * 42}{n}").status_code for n in range(3)] == [404, 404, 429]


def visit(client: FlaskClient, where: dict[str, str]) -> TestResponse:
    """Press the button that leads to DigiD."""
    page = client.get("/inloggen", environ_overrides=where).get_data(as_text=True)
    (token, *_) = re.findall(r'name="csrf_token" value="([^"]+)"', page)
    form = {"csrf_token": token, "action": "login"}
    return client.post("/inloggen", data=form, environ_overrides=where)


def test_too_many_token_requests(vad_town: Town, other_rp: RelyingParty) -> None:
    """What an app asks at all endpoints for tokens counts together, and only once it has proved itself."""
    client = strict_app(vad_town).test_client()
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    for _ in range(3):
        assert client.post("/token", data=form | {"client_id": other_rp.client_id}).status_code == 401
    answers = [
        client.post(path, data=form | {"token": "x"} | proof(other_rp)) for path in ("/token", "/revoke", "/token")
    ]
    assert [answer.status_code for answer in answers] == [400, 200, 429]
    must_wait(answers[-1])
    must_wait(client.post("/introspect", data={"token": "x"} | proof(other_rp)))


def test_a_name_that_proves_nothing_is_used_up_by_nobody(vad_town: Town) -> None:
    """An app registered without proof is counted by address: a stranger in its name locks out nobody but themself."""
    client = strict_app(vad_town).test_client()
    here, there = {"REMOTE_ADDR": "192.0.2.71"}, {"REMOTE_ADDR": "192.0.2.72"}
    form = {"grant_type": "authorization_code", "client_id": OPEN, "code": "x", "code_verifier": "v" * 43}
    form |= {"redirect_uri": REDIRECT}
    answers = [client.post("/token", data=form, environ_overrides=here) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]
    must_wait(answers[-1])
    assert client.post("/token", data=form, environ_overrides=there).status_code == 400


def test_too_many_questions_of_a_source(vad_town: Town, source: RelyingParty) -> None:
    """A data source has a limit of its own at introspection."""
    client = strict_app(vad_town).test_client()
    answers = [client.post("/introspect", data={"token": "x"} | proof(source)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    must_wait(answers[-1])


def test_too_many_that_prove_nothing(vad_town: Town, other_rp: RelyingParty) -> None:
    """The sixth of five failures in a minute, at whichever endpoints, is told to wait, and so is all from that address.

    The client that they named gets on from its own address: a name locks nobody out.
    """
    limits = Limits(unproved_per_address=5)
    client = web.create_app(vad_town.settings.model_copy(update={"limits": limits})).test_client()
    here, there = {"REMOTE_ADDR": "192.0.2.51"}, {"REMOTE_ADDR": "192.0.2.52"}
    form = {"grant_type": "refresh_token", "refresh_token": "x", "token": "x"}
    forged = form | proof(other_rp) | {"client_assertion": other_rp.assertion(exp=1)}
    paths = ("/token", "/introspect", "/revoke", "/token", "/introspect", "/revoke")
    answers = [client.post(path, data=forged, environ_overrides=here) for path in paths]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    must_wait(answers[-1])
    for path in ("/token", "/introspect", "/revoke"):
        must_wait(client.post(path, data=form | proof(other_rp), environ_overrides=here))
    answer = client.post("/revoke", data=form | proof(other_rp), environ_overrides=there)
    assert answer.status_code == 200


@pytest.mark.parametrize("by", ["assertion", "certificate"])
def test_an_app_whose_keys_can_not_be_had_is_not_named_without_end(
    vad_town: Town, bare_rp: RelyingParty, certificates: Certificates, backroom: Backroom, by: str
) -> None:
    """Nobody is proved then, by whichever name: each try counts, so that no address holds all threads with them."""
    elsewhere = "UPDATE clients SET jwks_uri = %s WHERE client_id = %s"
    name = bare_rp.client_id if by == "assertion" else BY_ITSELF
    shown, proxy = {HEADER: passed_on(certificates.file(BY_ITSELF))}, "198.51.100.0/24"
    known = vad_town.settings
    changes = {
        "limits": Limits(unproved_per_address=3),
        "proxy": known.proxy.model_copy(update={"trusted": proxy}),
    }
    client = web.create_app(known.model_copy(update=changes)).test_client()
    form = {"grant_type": "refresh_token", "refresh_token": "x", "token": "x"}
    here, there = (f"198.51.100.{len(by) + last}" for last in (0, 100))

    def ask(path: str, address: str) -> TestResponse:
        proved = proof(bare_rp) if by == "assertion" else {"client_id": BY_ITSELF}
        return client.post(path, data=form | proved, headers=shown, environ_overrides={"REMOTE_ADDR": address})

    backroom.ask(elsewhere, "https://127.0.0.1:9/keys", name)
    try:
        answers = [ask(path, here) for path in ("/token", "/introspect", "/revoke", "/token", "/introspect")]
        answers.append(ask("/token", there))
    finally:
        backroom.ask(elsewhere, "", name)
    assert [answer.status_code for answer in answers] == [503, 503, 503, 429, 429, 503]
    must_wait(answers[3])


@pytest.mark.parametrize(("create", "path"), [(web.create_app, "/v1/mandates"), (create_admin_app, "/v1/audit/events")])
def test_tokens_that_are_none_at_an_api(vad_town: Town, create: Callable[[Settings], Flask], path: str) -> None:
    """No token and a bad one count alike, at each API; then nothing of that address is looked at for a while."""
    limits = Limits(unproved_per_address=3)
    client = create(vad_town.settings.model_copy(update={"limits": limits})).test_client()
    here, there = ({"REMOTE_ADDR": f"192.0.2.{last}{len(path)}"} for last in (1, 2))
    tried = [None, "Bearer x", "Basic x", "Bearer y", "Bearer y"]
    answers = [
        client.get(path, headers={"Authorization": each} if each else {}, environ_overrides=here) for each in tried
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert answers[-1].mimetype == "application/problem+json"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert client.get(path, environ_overrides=there).status_code == 401


def test_whoever_copies_the_log_waits(vad_town: Town) -> None:
    """Checkpoint and tiles count together, whether or not they are there; a program is told in JSON."""
    limits = Limits(log_per_address=2)
    client = web.create_app(vad_town.settings.model_copy(update={"limits": limits})).test_client()
    where = {"REMOTE_ADDR": "192.0.2.61"}
    client.get("/log/checkpoint", environ_overrides=where)
    assert client.get("/log/tile/63/000", environ_overrides=where).status_code == 404
    for path in ("/log/checkpoint", "/log/tile/0/000"):
        answer = client.get(path, environ_overrides=where)
        assert (answer.status_code, answer.mimetype) == (429, "application/json"), path
        assert 0 < int(answer.headers["Retry-After"]) <= 60


def proof(who: RelyingParty) -> dict[str, str]:
    """Who asks, with a new assertion."""
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {"client_id": who.client_id, "client_assertion_type": kind, "client_assertion": who.assertion()}


def must_wait(answer: TestResponse) -> None:
    """A program is told in JSON, and when to come back."""
    assert answer.status_code == 429
    assert answer.mimetype == "application/json"
    assert answer.get_json()["error"]
    assert 0 < int(answer.headers["Retry-After"]) <= 60
