"""The pages that explain VAD (P19), and through them the frame of every page (P0) and its assets."""

import re
from html import unescape

import pytest
from flask import Flask

from tests.web.presentation import INFORMATION_PAGES, OPERATOR, presentation_app
from vad.web.citizen.information import Operator, information_blueprint
from vad.web.support import i18n, pages

HEADINGS = {
    "/hulp": ("Hulp en contact", "Help and contact"),
    "/privacy": ("Privacy", "Privacy"),
    "/toegankelijkheid": ("Toegankelijkheid", "Accessibility"),
    "/beveiliging": ("Beveiligingsprobleem melden", "Report a security problem"),
}


@pytest.fixture
def app() -> Flask:
    """Give an application where nobody is logged in."""
    return presentation_app()


@pytest.mark.parametrize("path", INFORMATION_PAGES)
def test_each_page_is_there_in_both_languages(app: Flask, path: str) -> None:
    """Each page has one h1, which is also its title, and says which language it is in."""
    for language, heading in zip(("nl", "en"), HEADINGS[path], strict=True):
        response = app.test_client().get(f"{path}?taal={language}")
        assert response.status_code == 200
        assert f'<html lang="{language}"' in response.text
        assert f"<title>{heading} - VAD</title>" in response.text
        assert re.findall(r"<h1[^>]*>([^<]*)</h1>", response.text) == [heading]
        assert response.headers["Content-Language"] == language
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", INFORMATION_PAGES)
def test_each_page_leads_to_the_others_in_the_same_place(app: Flask, path: str) -> None:
    """Help, privacy, accessibility and security stand in every footer in the same order (WCAG 3.2.6)."""
    footer = app.test_client().get(path).text.partition("<footer")[2]
    assert re.findall(r'href="([^"]+)"', footer) == list(INFORMATION_PAGES)


@pytest.mark.parametrize("path", INFORMATION_PAGES)
def test_no_page_needs_a_script_or_an_inline_style(app: Flask, path: str) -> None:
    """The content security policy allows neither, so none may be there."""
    text = app.test_client().get(path).text
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", text)


def test_the_operator_is_named_and_reachable(app: Flask) -> None:
    """People read who runs this installation and how to reach them; security reports have an address of their own."""
    client = app.test_client()
    help_page, privacy, security = (client.get(path).text for path in ("/hulp", "/privacy", "/beveiliging"))
    assert "VAD is van Stichting Voorbeeld B.V.</p>" in help_page
    assert f"mailto:{OPERATOR.email}" in help_page
    assert 'href="tel:0700000000"' in help_page
    assert "5 jaar" in privacy
    assert f'href="{OPERATOR.privacy_url}"' in privacy
    assert f"mailto:{OPERATOR.security_email}" in security


def test_what_the_operator_does_not_have_is_left_out() -> None:
    """Without a telephone or a privacy statement of its own the pages do not speak of them."""
    app = Flask("vad.web")
    i18n.init_app(app, https=False)
    pages.init_app(app, logout_token=lambda: None)
    app.register_blueprint(information_blueprint(Operator("Voorbeeld", "a@vad.example", "b@vad.example")))
    assert "tel:" not in app.test_client().get("/hulp").text
    assert "Lees alles over privacy" not in app.test_client().get("/privacy").text


def test_the_language_link_keeps_the_rest_of_the_address(app: Flask) -> None:
    """Changing language stays on this page with its other arguments, repeated ones too; nothing breaks out."""
    response = app.test_client().get("/hulp?flow=a%26b&resource=x&resource=%22%3E&taal=nl")
    found = re.search(r'href="([^"]+)" lang="en" hreflang="en">English</a>', response.text)
    assert found is not None
    assert unescape(found[1]) == "/hulp?flow=a%26b&resource=x&resource=%22%3E&taal=en"
    english = app.test_client().get("/hulp?taal=en").text
    assert 'lang="nl" hreflang="nl">Nederlands</a>' in english


def test_addresses_follow_the_place_where_vad_is_mounted(app: Flask) -> None:
    """Under a prefix all our own addresses carry it."""
    text = app.test_client().get("/hulp", base_url="http://localhost/vad").text
    ours = re.findall(r'(?:href|action)="(/[^"]*)"', text)
    assert ours
    assert all(address.startswith("/vad/") for address in ours)


def test_logging_out_is_in_sight_for_who_is_logged_in() -> None:
    """The button posts with its CSRF token; who is not logged in does not see it."""
    text = presentation_app(logout_token="proof").test_client().get("/hulp").text
    form = re.search(r'<form action="/uitloggen" method="post">(.*?)</form>', text, re.DOTALL)
    assert form is not None
    assert '<input type="hidden" name="csrf_token" value="proof">' in form[1]
    assert "Uitloggen</button>" in form[1]
    assert "/uitloggen" not in presentation_app().test_client().get("/hulp").text


def test_assets_are_kept_for_a_year_by_their_content(app: Flask) -> None:
    """An address with the right hash never changes its content; without it a browser asks again after a day."""
    client = app.test_client()
    found = re.search(r'href="(/static/vad\.css\?v=[0-9a-f]{12})"', client.get("/hulp").text)
    assert found is not None
    with client.get(found[1]) as kept:
        assert (kept.cache_control.public, kept.cache_control.max_age) == (True, 31536000)
        assert kept.cache_control.immutable
    with client.get("/static/vad.css?v=000000000000") as other:
        assert other.cache_control.max_age == 86400
        assert not other.cache_control.immutable
