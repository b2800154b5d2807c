"""Addresses of the ministry's own proof of concept that are no part of VAD, and the one document that is.

An integrator who tries an address from there hears what to use instead; a bare 404 would look like a fault.
"""

import json
from http import HTTPStatus

from flask import Blueprint, Response, jsonify

from vad.web.support.services import services

blueprint = Blueprint("ministry_documents", __name__)

_DIGID = "DigiD is asked over OpenID Connect here, and comes back to /digid/callback: there is no SAML."
_LOGIN = "Nobody logs in by another program here: begin at /authorize."
_DISCOVERY = "What there is says /.well-known/openid-configuration; userinfo is described at /json-schema.json."


@blueprint.route("/acs", methods=["GET", "POST"])
@blueprint.get("/metadata/<id_provider>")
def saml(id_provider: str = "") -> Response:
    """Where DigiD sent people with SAML, and what described that."""
    del id_provider
    return _gone(_DIGID)


@blueprint.get("/continue")
def other_login() -> Response:
    """Where people came back from login methods other than DigiD."""
    return _gone(_LOGIN)


@blueprint.get("/docs")
@blueprint.get("/ui")
@blueprint.get("/openapi.json")
def pages() -> Response:
    """Where the endpoints were described."""
    return _gone(_DISCOVERY)


@blueprint.get("/json-schema.json")
def json_schema() -> Response:
    """What userinfo holds for these apps: of its JSON, and of the claims of its JWT."""
    described = {"$schema": _DIALECT, "$id": f"{services().issuer}/json-schema.json", **_USERINFO}
    return Response(json.dumps(described), content_type="application/schema+json")


def _gone(instead: str) -> Response:
    response = jsonify(error="gone", error_description=instead)
    response.status_code = HTTPStatus.GONE
    return response


_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}
_PERSON = {
    "type": "object",
    "required": ["age", "name"],
    "additionalProperties": False,
    "properties": {
        "age": {"type": ["integer", "null"], "minimum": 0, "description": "In whole years; null where nobody knows"},
        "name": {
            "type": "object",
            "required": ["first_name", "prefix", "last_name", "initials", "full_name"],
            "additionalProperties": False,
            "properties": {
                "first_name": _TEXT,
                "prefix": _TEXT,
                "last_name": _TEXT,
                "initials": _TEXT,
                "full_name": _TEXT,
            },
        },
    },
}
_USERINFO = {
    "title": "Userinfo of profile ministry",
    "type": "object",
    "required": ["rid", "person", "sub"],
    "properties": {
        "rid": {"type": "string", "minLength": 1, "description": "Another in each answer"},
        "person": _PERSON,
        "sub": {"type": "string", "minLength": 1, "maxLength": 255, "description": "As in the ID token"},
    },
}
