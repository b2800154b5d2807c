"""The API of the log as an application inside that of the pages for staff."""

from collections.abc import Callable

from flask import Flask

from vad.web.admin.addresses import RIGHT
from vad.web.admin.audit import access, document, events, exports, questions
from vad.web.admin.support import AdminServices
from vad.web.support.api_mounting import answer_below, api_application
from vad.web.support.application import Application

EXTENSION = "vad.audit_api"
"""Where the application that it stands in keeps it."""


def answer_at(app: Application, known: AdminServices, *, largest_body: int, also: Callable[[Flask], None]) -> Flask:
    """Answer everything below `/v1/audit`. Raises `TypeError` for a view that says not which right it needs."""
    api = api_application("vad.web.admin.audit", known, access.check_token, largest_body=largest_body, also=also)
    for each in (document, events, questions, exports):
        api.register_blueprint(each.blueprint)
    without = [name for name, view in api.view_functions.items() if not hasattr(view, RIGHT)]
    if set(without) != access.OPEN:
        raise TypeError(f"operations without a right: {', '.join(sorted(without))}")
    app.extensions[EXTENSION] = api
    answer_below(app, document.PREFIX, api, document.VERSION)
    return api
