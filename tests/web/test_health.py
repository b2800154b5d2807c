"""/healthz says that the process runs, /readyz that its stores answer."""

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import make_url

from tests.support.town import Town
from vad.bootstrap import web
from vad.domain.errors import StoreUnavailableError
from vad.sandbox.ports import free_port


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
    assert (ready.status_code, ready.json) == (200, {"status": "ok", "parts": {"postgresql": True, "redis": True}})
    for answer in (health, ready):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


def test_a_store_away_is_named(without_redis: Flask) -> None:
    """503 and which part it is, without an address; the process itself is still healthy."""
    client = without_redis.test_client()
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json == {"status": "unavailable", "parts": {"postgresql": True, "redis": False}}
    assert client.get("/healthz").status_code == 200


def test_vad_does_not_start_without_its_keys(vad_town: Town) -> None:
    """Without PostgreSQL at the start there is nothing to work with: an error that names no password."""
    url = make_url(vad_town.settings.database.url.get_secret_value())
    away = url.set(port=free_port()).render_as_string(hide_password=False)
    database = vad_town.settings.database.model_copy(update={"url": SecretStr(away)})
    with pytest.raises(StoreUnavailableError) as caught:
        web.create_app(vad_town.settings.model_copy(update={"database": database}))
    assert str(url.password) not in str(caught.value)
