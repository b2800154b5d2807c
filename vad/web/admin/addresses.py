"""Which addresses are pages for staff, so that no login ever leads elsewhere."""

from contextlib import suppress
from typing import Final
from urllib.parse import parse_qsl, urlencode

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from vad.domain.justification import holds_bsn

RIGHT: Final = "staff_action"
"""The attribute of a view that says which right it needs."""
_SENT_FROM: Final = (("/bronnen", "/apps"), ("/apps-stoppen/", "/apps/"))
"""Forms that stand on a page whose address does not begin theirs."""
_LONGEST: Final = 2_000


def page_of(address: str | None) -> str:
    """The address, if it is one of a page for staff; the first one otherwise."""
    path, _, query = (address or "").partition("?")
    return (_with_query(path, query) if _is_page(path) else None) or "/"


def here() -> str | None:
    """The page that was asked for, or on which the form stands that was sent; None: the first one, or nowhere.

    With the filter that stands in its address, or another page would come back: of an export, one of far more.
    """
    path = request.path
    if request.method != "GET":
        for begins, page in _SENT_FROM:
            if path.startswith(begins):
                path = page + path.removeprefix(begins)
        while path and not _is_page(path):
            path = path.rpartition("/")[0]
    if path in {"", "/"}:
        return None
    return _with_query(path, request.query_string.decode(errors="replace") if path == request.path else "")


def _with_query(path: str, query: str) -> str | None:
    """Both; None where the query is none to be kept: somebody typed a BSN in an address."""
    if len(query) > _LONGEST:
        return None
    values = parse_qsl(query, keep_blank_values=True)
    if any(holds_bsn(text) for pair in values for text in pair):
        return None
    return f"{path}?{urlencode(values)}" if values else path


def _is_page(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    if adapter is not None and path.startswith("/"):
        with suppress(HTTPException, RequestRedirect):
            endpoint, _ = adapter.match(path, "GET")
            return hasattr(current_app.view_functions[endpoint], RIGHT)
    return False
