"""The OpenAPI document of the API."""

from typing import Any, Final

from flask import Blueprint, Response

from vad.domain.client import MANDATES_SCOPE
from vad.web.api.models import MandatesQuery
from vad.web.support import api_document
from vad.web.support.services import services

VERSION: Final = "1.0.0"
"""Of the API: the major number stands in every address, the whole in the header `API-Version`."""
blueprint = Blueprint("openapi", __name__)

_QUERIES: Final = (MandatesQuery.__name__,)
spec = api_document.spec_tree(
    title="VAD: mandates",
    version=VERSION,
    description="What an app may do for the person who uses it with the mandates that this person gave or holds.",
    queries=_QUERIES,
)
"""Declares each operation where it stands, and checks what comes in."""


@blueprint.get("/v1/openapi.json")
def document() -> Response:
    """The document, for anybody."""
    offered = tuple(service.id for service in services().registrations.data_services())
    return api_document.given(offered, lambda: _made(offered))


def _made(offered: tuple[str, ...]) -> dict[str, Any]:
    issuer, made = services().issuer, api_document.made(spec, "/v1", "mandates", _QUERIES)
    made["servers"] = [{"url": f"{issuer}/v1"}]
    made["info"]["contact"] = {"name": "VAD", "url": f"{issuer}/hulp"}
    made["security"] = [{"vad": [MANDATES_SCOPE]}]
    made["components"]["securitySchemes"] = {
        "vad": {"type": "openIdConnect", "openIdConnectUrl": f"{issuer}/.well-known/openid-configuration"}
    }
    made["components"]["schemas"]["Offer"]["properties"]["dataServices"]["items"]["enum"] = list(offered)
    return made
