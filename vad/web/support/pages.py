"""Pages for people: a template inside the frame of every page (P0)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, Response, current_app, make_response, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader

from vad.web.support import assets
from vad.web.support.i18n import LANGUAGE_ARGUMENT, LANGUAGES, Language, current_language
from vad.web.support.timeout import Timeout

_EXTENSION = "vad.pages"
_TEMPLATES: Final = Path(__file__).parents[1] / "templates"
_LANGUAGE_NAMES: Final[Mapping[Language, str]] = {"nl": "Nederlands", "en": "English"}


@dataclass(frozen=True)
class LanguageLink:
    """This page in the other language; `name` is written in that language."""

    code: Language
    name: str
    href: str


@dataclass(frozen=True)
class Frame:
    """What stands around the content. `root` is that of our addresses, `logout_token` the CSRF token of the button."""

    language: Language
    language_links: tuple[LanguageLink, ...]
    root: str
    logout_token: str | None
    timeout: Timeout | None
    """When the login ends, on a page that warns of it."""


def init_app(app: Flask, *, logout_token: Callable[[], str | None], own: Path | None = None) -> None:
    """Find the templates and assets. Those in the folder `own` go before; the others they reach as `shared/…`.

    `logout_token` gives the CSRF token for the log-out button of this request, or None when nobody is logged in. It
    must not ask a store: error pages call it while stores are away.
    """
    shared = FileSystemLoader(_TEMPLATES)
    app.jinja_env.loader = ChoiceLoader(
        [
            *([FileSystemLoader(own)] if own is not None else []),
            shared,
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"), "shared": shared}),
        ]
    )
    app.jinja_env.filters["host"] = host_of
    app.extensions[_EXTENSION] = logout_token
    assets.init_app(app)


def host_of(address: str) -> str:
    """Where a link leads, for who reads it: a name alone, without a port."""
    return urlsplit(address).hostname or ""


def render(
    template: str,
    *,
    status: int = 200,
    logged_in: bool = True,
    once: bool = False,
    timeout: Timeout | None = None,
    **context: Any,
) -> Response:
    """Render a page that no cache keeps.

    `logged_in=False` drops the log-out button, for instance right after logging out. `once` is for a page that can't be
    asked for again: it offers no other language. `timeout` makes the page warn
    before the login ends. A page with a form takes `csrf_token` in its context.
    """
    body = render_template(template, frame=_frame(timeout, logged_in=logged_in, once=once), **context)
    response = make_response(body, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = current_language()
    return response


def _frame(timeout: Timeout | None, *, logged_in: bool, once: bool) -> Frame:
    token: str | None = current_app.extensions[_EXTENSION]() if logged_in else None
    language = current_language()
    return Frame(
        language=language,
        language_links=() if once else _language_links(language),
        root=request.script_root,
        logout_token=token,
        timeout=timeout,
    )


def _language_links(language: Language) -> tuple[LanguageLink, ...]:
    """Offer the other languages, unless the answer to a form stands at an address that cannot be asked for again."""
    adapter = current_app.create_url_adapter(request)
    if request.method == "POST" and not (adapter and adapter.test(method="GET")):
        return ()
    return tuple(_language_link(code) for code in LANGUAGES if code != language)


def _language_link(code: Language) -> LanguageLink:
    others = [pair for pair in request.args.items(multi=True) if pair[0] != LANGUAGE_ARGUMENT]
    query = urlencode([*others, (LANGUAGE_ARGUMENT, code)])
    return LanguageLink(code, _LANGUAGE_NAMES[code], f"{quote(request.script_root + request.path)}?{query}")
