"""Whether VAD runs, and whether it can work."""

from flask import Blueprint, Response, jsonify

from vad.web.support.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process runs and answers."""
    return _answer({}, ok=True)


@blueprint.get("/readyz")
def readyz() -> Response:
    """Its stores answer too; 503 while one does not."""
    parts = services().health.ready()
    return _answer(dict(parts), ok=all(parts.values()))


def _answer(parts: dict[str, bool], *, ok: bool) -> Response:
    response = jsonify(status="ok" if ok else "unavailable", **({"parts": parts} if parts else {}))
    response.status_code = 200 if ok else 503
    response.headers["Cache-Control"] = "no-store"
    return response
