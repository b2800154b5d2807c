"""Where the browser goes next: on, safely after a form, or nowhere."""

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Response, make_response, redirect

SEE_OTHER = 303
"""Never 307: it would repeat a form, with all that is in it, at the next address (RFC 9700 section 4.12)."""


def see_other(location: str) -> Response:
    """Send the browser on with a GET; no cache keeps it."""
    response: Response = redirect(location, SEE_OTHER)  # type: ignore[assignment]  # Flask makes its own Response
    response.headers["Cache-Control"] = "no-store"
    return response


def page_stays() -> Response:
    """An answer that leaves the browser at the page where it is (RFC 9110 section 15.3.5)."""
    response = make_response("", HTTPStatus.NO_CONTENT)
    response.headers["Cache-Control"] = "no-store"
    return response


def origin(address: str) -> str:
    """The origin of an address of a registration (RFC 6454)."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def with_query(address: str, added: Sequence[tuple[str, str]]) -> str:
    """An address of a registration with these parameters after those that it has (RFC 6749 section 3.1.2)."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, urlencode(added)) if part)))
