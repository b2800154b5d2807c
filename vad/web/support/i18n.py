"""Languages: which one a request speaks, its texts, its dates and its times.

The English text is the key of every string; `vad/web/translations/<language>/LC_MESSAGES/messages.po` holds the words
of each language, English included. The catalogs are read once per process, never per request.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Final, Literal, cast, get_args
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, current_app, g, request

Language = Literal["nl", "en"]

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DEFAULT_LANGUAGE: Final[Language] = "nl"
LANGUAGE_ARGUMENT: Final = "taal"
TRANSLATIONS: Final = Path(__file__).parents[1] / "translations"

_EXTENSION = "vad.i18n"
_COOKIE = "vad_lang"
_YEAR = 365 * 24 * 60 * 60
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_LOCALES: Final[Mapping[Language, str]] = {"nl": "nl_NL", "en": "en_GB"}
_TIMES: Final[Mapping[Language, str]] = {"nl": "HH.mm 'uur'", "en": "HH:mm"}


def init_app(app: Flask, *, https: bool) -> None:
    """Read the catalogs, teach Jinja to translate and keep a choice of language in a cookie.

    `https` says whether people reach this application over https; the cookie is then `Secure` and `__Host-`.
    """
    app.extensions[_EXTENSION] = {language: _read_catalog(language) for language in LANGUAGES}
    app.config["VAD_LANGUAGE_COOKIE"] = f"__Host-{_COOKIE}" if https else _COOKIE
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # put there by the extension
        lambda text: _catalog().gettext(text),
        lambda one, many, count: _catalog().ngettext(one, many, count),
        newstyle=True,
    )
    environment.filters["date_long"] = date_long
    environment.filters["to_the_second"] = to_the_second
    environment.filters["time_of_day"] = time_of_day

    @app.after_request
    def remember_choice(response: Response) -> Response:
        chosen = _known(request.args.get(LANGUAGE_ARGUMENT, "")) if request.query_string else None
        if chosen:
            response.set_cookie(
                app.config["VAD_LANGUAGE_COOKIE"],
                chosen,
                max_age=_YEAR,
                secure=https,
                httponly=True,
                samesite="Lax",
            )
        return response


def current_language() -> Language:
    """Give the language of this request.

    In order: `?taal=`, the cookie, `g.ui_locales` (OpenID Connect Core 3.1.2.1, set by a view before its first text),
    Accept-Language, Dutch.
    """
    if "language" not in g:
        g.language = _choose()
    return cast("Language", g.language)


def msgid(text: str) -> str:
    """Mark a text for translation where it is written down but not yet shown; `_` translates it later."""
    return text


def _(text: str, **values: object) -> str:
    """Translate into the language of this request and fill in `%(name)s`; a literal percent sign is written twice."""
    return _catalog().gettext(text) % values


def date_long(day: date) -> str:
    """Write a date in full, "14 maart 2027"; of a datetime the day in the Netherlands."""
    if isinstance(day, datetime):
        day = _in_amsterdam(day).date()
    return format_date(day, "d MMMM y", locale=_LOCALES[current_language()])


def time_of_day(moment: datetime) -> str:
    """Write the time in the Netherlands: "19.42 uur", in English "19:42"."""
    language = current_language()
    return format_datetime(_in_amsterdam(moment), _TIMES[language], tzinfo=_AMSTERDAM, locale=_LOCALES[language])


def to_the_second(moment: datetime) -> str:
    """Write a moment in the Netherlands so that it sorts: "2026-11-28 07:28:12"."""
    return f"{_in_amsterdam(moment).astimezone(_AMSTERDAM):%Y-%m-%d %H:%M:%S}"


def _in_amsterdam(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).astimezone(_AMSTERDAM)


def _choose() -> Language:
    return (
        _known(request.args.get(LANGUAGE_ARGUMENT, ""))
        or _known(request.cookies.get(current_app.config["VAD_LANGUAGE_COOKIE"], ""))
        or _first_known(str(g.get("ui_locales") or "").split())
        or _first_known(tag for tag, quality in request.accept_languages if quality > 0)
        or DEFAULT_LANGUAGE
    )


def _first_known(tags: Iterable[str]) -> Language | None:
    """Give the first tag we speak, judged by its primary part: `nl-BE` is Dutch (RFC 4647 section 3.4)."""
    return next((known for tag in tags if (known := _known(tag.partition("-")[0].lower()))), None)


def _known(code: str) -> Language | None:
    return next((language for language in LANGUAGES if language == code), None)


def _catalog() -> GNUTranslations:
    catalogs: Mapping[Language, GNUTranslations] = current_app.extensions[_EXTENSION]
    return catalogs[current_language()]


@cache
def _read_catalog(language: Language) -> GNUTranslations:
    """Read it, once in a process: as it was when that began."""
    compiled = BytesIO()
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
