"""Headers that tell browsers to trust our pages with as little as they need."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import structlog
from flask import Response, g

from vad.web.support.application import Application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("X-Frame-Options", "DENY"),
)
_POLICY: Final = "Content-Security-Policy"
_HSTS: Final = ("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
_ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_FORM_ACTION_SELF: Final = "form-action 'self'"
_CSP: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
    f"{_FORM_ACTION_SELF}; frame-ancestors 'none'; base-uri 'none'"
)
_SCRIPT: Final = "script-src 'self'; connect-src 'self'; "


def init_app(app: Application, *, https: bool) -> None:
    """Put the security headers on every response that did not set its own, as it leaves.

    A view whose form ends in a redirect elsewhere (browsers hold redirects to `form-action` as well) names those
    origins in `g.form_action_origins`. One whose page has a script of ours sets `g.page_script`. `https` says whether
    people reach us over https; only then HSTS is sent.
    """
    always = ((_POLICY, _CSP), *_HEADERS, *([_HSTS] if https else []))
    known = tuple((each[0].lower(), each) for each in always)

    @app.after_request
    def widen_policy(response: Response) -> Response:
        origins, script = g.get("form_action_origins"), g.get("page_script")
        if origins or script:
            policy = (_SCRIPT if script else "") + (_policy(origins) if origins else _CSP)
            response.headers.setdefault(_POLICY, policy)
        return response

    def guarded(inside: "WSGIApplication") -> "WSGIApplication":
        def outside(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], *failed: Any) -> Any:
                own = {name.lower() for name, _ in headers}
                return start_response(status, [*headers, *(each for name, each in known if name not in own)], *failed)

            return inside(environ, start)

        return outside

    app.surround(guarded)


def _policy(origins: Iterable[str]) -> str:
    """Give the policy with these origins added to `form-action`; what could start another directive is left out."""
    listed = sorted(filter(_is_source, set(origins)))
    return _CSP.replace(_FORM_ACTION_SELF, " ".join((_FORM_ACTION_SELF, *listed)))


def _is_source(origin: str) -> bool:
    """Tell whether this is an http(s) origin. Origins come from registrations, so anything else is a fault of ours."""
    fits = _ORIGIN.fullmatch(origin) is not None
    if not fits:
        structlog.get_logger(__name__).error("form_action_origin_refused")
    return fits
