"""Whether VAD can do its work, as those ask who ran the ministry's own proof of concept."""

from flask import Blueprint, Response, jsonify

from vad.web.support.services import basics

blueprint = Blueprint("ministry_health", __name__)

_CALLED = {"redis": "keydb"}
"""What those who ask know a part by, where that is another name than ours."""


@blueprint.get("/health")
def health() -> Response:
    """Each part that must answer, and all of them together; 503 when one does not."""
    parts = basics().health.ready()
    results = [{"healthy": ok, "service": _CALLED.get(name, name)} for name, ok in parts.items()]
    healthy = all(parts.values()) and not basics().health.stopping()
    response = jsonify(healthy=healthy, results=results)
    response.status_code = 200 if healthy else 503
    response.headers["Cache-Control"] = "no-store"
    return response
