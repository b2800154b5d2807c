"""The API as an application inside VAD's."""

from collections.abc import Callable

from flask import Flask

from vad.web.api import access, document, mandates, preparing
from vad.web.support import dpop
from vad.web.support.api_mounting import answer_below, api_application
from vad.web.support.application import Application
from vad.web.support.services import Services


def answer_at(app: Application, known: Services, *, largest_body: int, also: Callable[[Flask], None]) -> None:
    """Answer everything below `/v1` by the API. `also` is done to its application too."""
    api = api_application("vad.web.api", known, access.check, largest_body=largest_body, also=also)
    api.register_blueprint(document.blueprint)  # /v1/openapi.json
    api.register_blueprint(mandates.blueprint)  # /v1/mandates… /v1/representations
    api.register_blueprint(preparing.blueprint)  # /v1/offers /v1/mandates/{id}/acceptances
    api.after_request(dpop.with_nonce)
    answer_below(app, "/v1", api, document.VERSION)
