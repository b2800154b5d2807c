"""Languages, dates and times."""

from datetime import UTC, date, datetime
from http.cookies import SimpleCookie

import pytest
from flask import Flask, g, render_template_string

from tests.web.presentation import presentation_app
from vad.web.support.i18n import _, current_language, date_long, time_of_day


@pytest.fixture
def app() -> Flask:
    """Give an application with a page that tells its language."""
    app = presentation_app()
    app.add_url_rule("/language", "language", current_language)
    return app


def choose(app: Flask, *, taal: str = "", cookie: str = "", ui_locales: str = "", accept: str = "") -> str:
    """Give the language of a request that asks in these ways."""
    headers = [("Accept-Language", accept)] if accept else []
    if cookie:
        headers.append(("Cookie", f"vad_lang={cookie}"))
    with app.test_request_context(f"/?taal={taal}" if taal else "/", headers=headers):
        if ui_locales:
            g.ui_locales = ui_locales
        return current_language()


def test_dutch_is_the_default(app: Flask) -> None:
    """Who asks for nothing, or only for languages we do not speak, gets Dutch."""
    assert choose(app) == "nl"
    assert choose(app, accept="de-DE,fr;q=0.8") == "nl"


def test_each_way_of_asking_yields_to_a_more_deliberate_one(app: Flask) -> None:
    """In order: ?taal=, the cookie, ui_locales, Accept-Language."""
    assert choose(app, accept="en-GB,nl;q=0.5") == "en"
    assert choose(app, accept="en", ui_locales="fr nl-NL en") == "nl"
    assert choose(app, accept="nl", ui_locales="nl", cookie="en") == "en"
    assert choose(app, accept="nl", ui_locales="nl", cookie="nl", taal="en") == "en"


def test_accept_language_follows_the_qualities(app: Flask) -> None:
    """The best liked language that we speak wins; q=0 means: not this one (RFC 9110 section 12.4.2)."""
    assert choose(app, accept="nl;q=0.3, en;q=0.9, de") == "en"
    assert choose(app, accept="en;q=0") == "nl"
    assert choose(app, accept="EN-us") == "en"


@pytest.mark.parametrize("junk", ["de", "EN", "nl-NL", "'\"<>", "../en"])
def test_unknown_choices_change_nothing(app: Flask, junk: str) -> None:
    """A language we do not speak is neither used nor remembered."""
    assert choose(app, cookie="en", taal=junk) == "en"
    assert choose(app, cookie=junk, accept="en") == "en"
    response = app.test_client().get("/language", query_string={"taal": junk})
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(("https", "name"), [(False, "vad_lang"), (True, "__Host-vad_lang")])
def test_a_choice_is_remembered_for_a_year(https: bool, name: str) -> None:  # noqa: FBT001  # a parameter of the test
    """The cookie lasts a year, is SameSite=Lax, hidden from scripts, and over https Secure and bound to this host."""
    response = presentation_app(https=https).test_client().get("/hulp?taal=en")
    cookie = SimpleCookie(response.headers["Set-Cookie"])[name]
    assert cookie.value == "en"
    assert cookie["max-age"] == "31536000"
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert cookie["httponly"]
    assert bool(cookie["secure"]) is https


def test_a_remembered_choice_is_used_without_asking_again() -> None:
    """The next page comes in the chosen language and sets no cookie."""
    client = presentation_app().test_client()
    client.get("/hulp?taal=en")
    response = client.get("/privacy")
    assert response.headers["Content-Language"] == "en"
    assert "Set-Cookie" not in response.headers


def test_texts_are_translated_and_filled_in(app: Flask) -> None:
    """Python and templates say the same words in the language of the request."""
    with app.test_request_context("/"):
        assert _("Log in to %(app)s", app="Mijn Zorgmap") == "Inloggen bij Mijn Zorgmap"
    with app.test_request_context("/?taal=en"):
        assert _("Log in to %(app)s", app="Mijn Zorgmap") == "Log in to Mijn Zorgmap"


def test_values_are_escaped_in_templates(app: Flask) -> None:
    """A name with markup in it stays text."""
    with app.test_request_context("/"):
        page = render_template_string('{{ _("Log in to %(app)s", app=app) }}', app="<b>%s</b>")
    assert page == "Inloggen bij &lt;b&gt;%s&lt;/b&gt;"


def test_dates_are_written_in_full(app: Flask) -> None:
    """Dates read "14 maart 2027"; of a moment, the day in the Netherlands counts."""
    late = datetime(2027, 3, 13, 23, 30, tzinfo=UTC)
    with app.test_request_context("/"):
        assert date_long(date(2027, 3, 14)) == "14 maart 2027"
        assert date_long(late) == "14 maart 2027"
    with app.test_request_context("/?taal=en"):
        assert date_long(late) == "14 March 2027"


@pytest.mark.parametrize(
    ("moment", "dutch", "english"),
    [
        (datetime(2026, 11, 21, 18, 42, tzinfo=UTC), "19.42 uur", "19:42"),
        (datetime(2026, 7, 1, 18, 42, tzinfo=UTC), "20.42 uur", "20:42"),
        (datetime(2026, 1, 1, 8, 5, tzinfo=UTC), "09.05 uur", "09:05"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "02.30 uur", "02:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "02.30 uur", "02:30"),
    ],
)
def test_times_are_those_of_the_netherlands(app: Flask, moment: datetime, dutch: str, english: str) -> None:
    """Times follow Europe/Amsterdam, summer and winter, also in the night the clock changes."""
    with app.test_request_context("/"):
        assert time_of_day(moment) == dutch
    with app.test_request_context("/?taal=en"):
        assert time_of_day(moment) == english


def test_a_time_without_a_zone_is_refused(app: Flask) -> None:
    """Aware datetimes only: a naive one is a mistake of ours."""
    naive = datetime(2026, 11, 21, 18, 42)  # noqa: DTZ001  # the very thing that is refused
    with app.test_request_context("/"):
        with pytest.raises(ValueError, match="time zone"):
            time_of_day(naive)
        with pytest.raises(ValueError, match="time zone"):
            date_long(naive)
