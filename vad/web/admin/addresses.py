"""Which addresses are pages for staff, so that no login ever leads elsewhere."""

from contextlib import suppress
from typing import Final

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

RIGHT: Final = "staff_action"
"""The attribute of a view that says which right it needs."""
_SENT_FROM: Final = (("/bronnen", "/apps"), ("/apps-stoppen/", "/apps/"))
"""Forms that stand on a page whose address does not begin theirs."""


def page_of(path: str | None) -> str:
    """The path, if it is a page for staff; the first one otherwise."""
    return path if path and _is_page(path) else "/"


def here() -> str | None:
    """The page that was asked for, or on which the form stands that was sent; None: the first one, or nowhere."""
    path = request.path
    if request.method != "GET":
        for begins, page in _SENT_FROM:
            if path.startswith(begins):
                path = page + path.removeprefix(begins)
        while path and not _is_page(path):
            path = path.rpartition("/")[0]
    return path if path not in {"", "/"} else None


def _is_page(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    if adapter is not None and path.startswith("/"):
        with suppress(HTTPException, RequestRedirect):
            endpoint, _ = adapter.match(path, "GET")
            return hasattr(current_app.view_functions[endpoint], RIGHT)
    return False
