"""The cookies that bind a browser: one for the flow it is in, one for its session.

On https they are `__Host-` cookies (RFC 6265bis section 4.1.3.2): no other host and no plain http can set or read them.
"""

from flask import Flask, Response, current_app, request

from vad.services.login import Browser

_EXTENSION = "vad.cookies"
FLOW = "vad_flow"
SESSION = "vad_session"
_LONGEST = 128
"""Characters; ours have 43. A longer value is nobody's."""


def init_app(app: Flask, *, https: bool) -> None:
    """Say whether people reach this application over https."""
    app.extensions[_EXTENSION] = https


def over_https(app: Flask) -> bool:
    """Whether people reach this application over https."""
    https: bool = app.extensions[_EXTENSION]
    return https


def browser() -> Browser:
    """The cookies of this request."""
    return Browser(flow_cookie=read(FLOW), session_cookie=read(SESSION))


def set_cookie(response: Response, name: str, value: str) -> None:
    """Set it for as long as the browser is open; what it names ends on the server."""
    https: bool = current_app.extensions[_EXTENSION]
    response.set_cookie(_name(name), value, secure=https, httponly=True, samesite="Lax")


def drop_cookie(response: Response, name: str) -> None:
    """Make the browser forget it."""
    https: bool = current_app.extensions[_EXTENSION]
    response.delete_cookie(_name(name), secure=https, httponly=True, samesite="Lax")


def forget_everything(response: Response) -> None:
    """Have the browser forget what this site stored. Cookies are dropped one by one: the language stays."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def read(name: str) -> str | None:
    """The value of one cookie of this request, if it looks like one of ours."""
    value = request.cookies.get(_name(name))
    return value if value and len(value) <= _LONGEST and value.isascii() else None


def _name(name: str) -> str:
    https: bool = current_app.extensions[_EXTENSION]
    return f"__Host-{name}" if https else name
