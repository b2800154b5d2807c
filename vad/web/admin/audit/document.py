"""The OpenAPI document of the API of the log."""

from typing import Any, Final

from flask import Blueprint, Response

from vad.web.admin.audit.models import DaysQuery, EventsQuery, HelpersQuery, PeriodQuery, PersonAtQuery
from vad.web.admin.support import services
from vad.web.support import api_document

PREFIX: Final = "/v1/audit"
VERSION: Final = "1.1.0"
blueprint = Blueprint("audit_openapi", __name__)

_QUERIES: Final = frozenset(
    {
        DaysQuery.__name__,
        EventsQuery.__name__,
        HelpersQuery.__name__,
        PeriodQuery.__name__,
        PersonAtQuery.__name__,
    }
)
spec = api_document.spec_tree(
    title="VAD: the audit log",
    version=VERSION,
    description="What auditors ask of the log. Every answer is an event of that log itself.",
    queries=_QUERIES,
)
"""Declares each operation where it stands, and checks what comes in."""


@blueprint.get(f"{PREFIX}/openapi.json")
def document() -> Response:
    """The document, for anybody."""
    return api_document.given(None, _made)


def _made() -> dict[str, Any]:
    origin, made = services().origin, api_document.made(spec, PREFIX, "audit", _QUERIES)
    made["servers"] = [{"url": f"{origin}{PREFIX}"}]
    made["security"] = [{"staff": []}]
    made["components"]["securitySchemes"] = {
        "staff": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "at+jwt",
            "description": f"An access token of the staff's identity provider (RFC 9068); `aud` is `{origin}{PREFIX}`.",
        }
    }
    return made
