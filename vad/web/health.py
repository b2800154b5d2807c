"""For those who run VAD: whether it runs, whether it can work, and its figures."""

import hmac

from flask import Blueprint, Response, abort, jsonify, request

from vad.web.support.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process runs and answers."""
    return _answer({}, (), ok=True)


@blueprint.get("/readyz")
def readyz() -> Response:
    """It can do its work; 503 while it can't. Registers that keep failing are named, and are no reason to stop."""
    health = services().health
    parts = health.ready()
    return _answer(dict(parts), health.degraded(), ok=all(parts.values()))


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus, for whoever shows the token of the settings. Without one there is no such page."""
    known = services().metrics
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


def _answer(parts: dict[str, bool], degraded: tuple[str, ...], *, ok: bool) -> Response:
    told = {"parts": parts, "degraded": list(degraded)} if parts else {}
    response = jsonify(status="ok" if ok else "unavailable", **told)
    response.status_code = 200 if ok else 503
    response.headers["Cache-Control"] = "no-store"
    return response
