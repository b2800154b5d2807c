"""Security headers on every response."""

import pytest
from flask import Flask, Response, g
from structlog.testing import capture_logs

from tests.web.presentation import presentation_app

CSP = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def app_with_origins(*origins: str) -> Flask:
    """Make an application with a form that may lead to these origins."""
    app = presentation_app()

    @app.get("/form")
    def form() -> str:
        g.form_action_origins = origins
        return "form"

    return app


def test_pages_may_do_as_little_as_they_need() -> None:
    """The headers say: nothing from elsewhere, no frames, no guessing of types, no referrer, no sensors."""
    headers = presentation_app().test_client().get("/hulp").headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_hsts_only_over_https() -> None:
    """A demo on http says nothing about https; an https site insists on it for two years (RFC 6797)."""
    assert "Strict-Transport-Security" not in presentation_app().test_client().get("/hulp").headers
    secure = presentation_app(https=True).test_client().get("/hulp")
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_a_form_may_lead_to_the_origins_its_view_names() -> None:
    """Browsers hold redirects after a form to form-action, so a view names where its form ends; others stay."""
    app = app_with_origins("https://pgo.example", "https://digid.example:8443", "https://pgo.example")
    client = app.test_client()
    policy = client.get("/form").headers["Content-Security-Policy"]
    assert "form-action 'self' https://digid.example:8443 https://pgo.example; frame-ancestors" in policy
    assert client.get("/hulp").headers["Content-Security-Policy"] == CSP


@pytest.mark.parametrize(
    "origin", ["https://a.example; script-src *", "https://a.example *", "https://á.example", "'x'"]
)
def test_an_origin_cannot_write_policy(origin: str) -> None:
    """Something that is no origin is left out and logged: the browser then stops the form, never a weaker policy."""
    with capture_logs() as lines:
        headers = app_with_origins(origin).test_client().get("/form").headers
    assert headers["Content-Security-Policy"] == CSP
    assert [line["event"] for line in lines] == ["form_action_origin_refused"]


def test_a_view_may_be_stricter() -> None:
    """A header that the view set itself stands."""
    app = presentation_app()

    @app.get("/strict")
    def strict() -> Response:
        return Response("strict", headers={"Content-Security-Policy": "default-src 'none'"})

    headers = app.test_client().get("/strict").headers
    assert headers.getlist("Content-Security-Policy") == ["default-src 'none'"]
