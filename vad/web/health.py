"""For those who run VAD: whether it runs, whether it can work, and its figures."""

import hmac

from flask import Blueprint, Response, abort, jsonify, request

from vad.web.support.services import basics

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process runs and answers."""
    return _told(200, status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """It can do its work and goes on doing so; 503 if not. Registers that keep failing are named, and no reason."""
    health = basics().health
    if health.stopping():
        return _told(503, status="stopping")
    parts = health.ready()
    ok = all(parts.values())
    status = "ok" if ok else "unavailable"
    return _told(200 if ok else 503, status=status, parts=dict(parts), degraded=list(health.degraded()))


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus, for whoever shows the token of the settings. Without one there is no such page."""
    known = basics().metrics
    if not known.token:
        abort(404)
    shown = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(shown, b"Bearer " + known.token.encode()):
        response = jsonify(error="invalid_token")
        response.status_code = 401
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    response = Response(known.exposition(), content_type=known.content_type)
    response.headers["Cache-Control"] = "no-store"
    return response


def _told(status_code: int, **content: object) -> Response:
    response = jsonify(**content)
    response.status_code = status_code
    response.headers["Cache-Control"] = "no-store"
    return response
