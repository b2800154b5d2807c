"""Redirects that are safe after a form."""

from urllib.parse import urlsplit

from flask import Response, redirect

SEE_OTHER = 303
"""Never 307: it would repeat a form, with all that is in it, at the next address (RFC 9700 section 4.12)."""


def see_other(location: str) -> Response:
    """Send the browser on with a GET; no cache keeps it."""
    response: Response = redirect(location, SEE_OTHER)  # type: ignore[assignment]  # Flask makes its own Response
    response.headers["Cache-Control"] = "no-store"
    return response


def origin(address: str) -> str:
    """The origin of an address of a registration (RFC 6454)."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
