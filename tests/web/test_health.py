"""/healthz says that the process runs, /readyz that its stores answer."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import make_url

from tests.support.town import Town
from vad.bootstrap import web
from vad.domain.errors import RegisterUnavailableError, StoreUnavailableError
from vad.domain.identifiers import Bsn
from vad.sandbox.ports import free_port
from vad.web.support.services import services

PARTS = {"postgresql": True, "schema": True, "keys": True, "redis": True}
TOKEN = "a token for whoever scrapes"


@pytest.fixture
def without_redis(vad_town: Town) -> Flask:
    """Give VAD over a Redis that is not there."""
    redis = vad_town.settings.redis.model_copy(update={"url": SecretStr(f"redis://127.0.0.1:{free_port()}/0")})
    return web.create_app(vad_town.settings.model_copy(update={"redis": redis}))


def test_healthy(vad_town: Town) -> None:
    """Both say ok, as JSON that nobody caches."""
    client = vad_town.app.test_client()
    health = client.get("/healthz")
    assert (health.status_code, health.json) == (200, {"status": "ok"})
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (200, {"status": "ok", "parts": PARTS, "degraded": []})
    for answer in (health, ready):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


def test_a_store_away_is_named(without_redis: Flask) -> None:
    """503 and which part it is, without an address; the process itself is still healthy."""
    client = without_redis.test_client()
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json == {"status": "unavailable", "parts": PARTS | {"redis": False}, "degraded": []}
    assert client.get("/healthz").status_code == 200


def test_the_ministrys_monitoring_hears_of_it(without_redis: Flask) -> None:
    """`/health` of profile `ministry`: 503, not healthy, and which part it is by the name that is known there."""
    answer = without_redis.test_client().get("/health")
    results = [{"healthy": ok, "service": part} for part, ok in {**PARTS, "redis": False}.items()]
    results[-1]["service"] = "keydb"
    assert (answer.status_code, answer.json) == (503, {"healthy": False, "results": results})
    assert answer.headers["Cache-Control"] == "no-store"


def test_vad_does_not_start_without_its_keys(vad_town: Town) -> None:
    """Without PostgreSQL at the start there is nothing to work with: an error that names no password."""
    url = make_url(vad_town.settings.database.url.get_secret_value())
    away = url.set(port=free_port()).render_as_string(hide_password=False)
    database = vad_town.settings.database.model_copy(update={"url": SecretStr(away)})
    with pytest.raises(StoreUnavailableError) as caught:
        web.create_app(vad_town.settings.model_copy(update={"database": database}))
    assert str(url.password) not in str(caught.value)


def test_a_register_that_keeps_failing_is_no_reason_to_stop(vad_town: Town) -> None:
    """It is named, once its circuit is open, and VAD stays ready."""
    brp = vad_town.settings.brp.model_copy(update={"base_url": f"http://127.0.0.1:{free_port()}"})
    app = web.create_app(vad_town.settings.model_copy(update={"brp": brp}))
    with app.app_context():
        for _ in range(5):
            with pytest.raises(RegisterUnavailableError):
                services().login.register.look_up(Bsn("999991772"), datetime.now(UTC))
    ready = app.test_client().get("/readyz")
    assert (ready.status_code, ready.json) == (200, {"status": "ok", "parts": PARTS, "degraded": ["brp"]})


@pytest.fixture
def counting(vad_town: Town) -> Flask:
    """Give VAD with a token for its figures."""
    metrics = vad_town.settings.metrics.model_copy(update={"token": SecretStr(TOKEN)})
    return web.create_app(vad_town.settings.model_copy(update={"metrics": metrics}))


def test_figures_are_told_to_whoever_shows_the_token(counting: Flask, vad_town: Town) -> None:
    """Requests by the name of their route, events by type; nothing without the token, and no page without a setting."""
    client = counting.test_client()
    client.get("/jwks?code=secret")
    client.post("/token", data={"grant_type": "x"})
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": TOKEN}, {"Authorization": "Bearer é"}):
        assert client.get("/metrics", headers=headers).status_code == 401
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    told = answer.get_data(as_text=True)
    assert 'vad_http_request_seconds_count{endpoint="metadata.jwks",method="GET",status="200"} 1.0' in told
    assert 'endpoint="token.token",method="POST",status="400"' in told
    assert "secret" not in told
    assert vad_town.app.test_client().get("/metrics").status_code == 404


def test_figures_count_events_and_calls(counting: Flask) -> None:
    """What commits is counted by its type, and a call to a register by how it ended."""
    client = counting.test_client()
    page = client.get("/inloggen").get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    gone = client.post("/inloggen", data={"csrf_token": token, "action": "login"}).headers["Location"]
    state = dict(parse_qsl(urlsplit(gone).query))["state"]
    client.get(f"/digid/callback?state={state}&error=access_denied&iss=x")
    told = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).get_data(as_text=True)
    assert 'vad_audit_events_total{reason="' in told
    assert 'type="login.failed"} 1.0' in told
    assert 'vad_register_call_seconds_count{outcome="answered",register="digid"}' in told


def test_where_to_report_a_security_problem(vad_town: Town) -> None:
    """RFC 9116: a contact, and an end within a year."""
    answer = vad_town.app.test_client().get("/.well-known/security.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.get_data(as_text=True).splitlines())
    assert fields["Contact"] == f"mailto:{vad_town.settings.operator.security_email}"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=170) < left < timedelta(days=365)
    assert fields.keys() >= {"Canonical", "Policy", "Preferred-Languages"}
