"""Every page in its main states, in both languages, in a real browser: WCAG 2.2 AA."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from accessibility import assert_accessible, assert_focus_visible, assert_no_horizontal_scroll
from flask import Flask, Response
from playwright.sync_api import Browser, sync_playwright
from presentation import INFORMATION_PAGES, presentation_app
from werkzeug.serving import make_server

from vad.web.support.errors import app_not_set_up
from vad.web.support.pages import render

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Source:
    """A data source as the consent page shows it."""

    identifier: str
    name: str
    services: tuple[str, ...]
    field_id: str


@dataclass(frozen=True)
class Entry:
    """A line of the activity page."""

    at: datetime
    result: str
    app: str | None = None
    source: str | None = None
    ground: str | None = None
    who: str = "myself"
    represented: str = "myself"


SOURCES = (
    Source("http://localhost:8105", "Ziekenhuis Oost", ("Basisgegevens Zorg", "Documenten"), "source-1"),
    Source("http://localhost:8106", "Huisartsenpraktijk De Linde", ("Huisartsgegevens",), "source-2"),
)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ENTRIES = (
    Entry(NOON, "token.issued", "Mijn Zorgmap", "Huisartsenpraktijk De Linde", "self"),
    Entry(NOON, "login.succeeded", "Mijn Zorgmap"),
    Entry(NOON, "session.ended"),
)
LOGIN: dict[str, Any] = {"app_name": "Mijn Zorgmap", "error": None, "flow": "f", "csrf_token": "t"}
CONSENT: dict[str, Any] = {
    "app_name": "Mijn Zorgmap",
    "organisation": "Zorgmap B.V.",
    "sources": SOURCES,
    "chosen": (),
    "duration": None,
    "errors": (),
    "shown_digest": "d",
    "flow": "f",
    "csrf_token": "t",
}
STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "login": ("login.html", LOGIN),
    "login-to-vad": ("login.html", LOGIN | {"app_name": None}),
    "login-cancelled": ("login.html", LOGIN | {"error": "cancelled"}),
    "login-failed": ("login.html", LOGIN | {"error": "failed"}),
    "login-level": ("login.html", LOGIN | {"error": "level"}),
    "consent": ("consent.html", CONSENT),
    "consent-errors": (
        "consent.html",
        CONSENT | {"errors": ("source", "duration"), "chosen": ("http://localhost:8106",)},
    ),
    "consent-without-sources": ("consent.html", CONSENT | {"sources": ()}),
    "activity": ("activity.html", {"entries": ENTRIES}),
    "activity-empty": ("activity.html", {"entries": ()}),
    "refused-age": ("refused.html", {"reason": "AGE_SELF", "app_name": "Mijn Zorgmap", "back": "/hulp"}),
    "refused": ("refused.html", {"reason": "BLOCKED", "app_name": "Mijn Zorgmap", "back": "/hulp"}),
    "logged-out": ("logged_out.html", {}),
}
PATHS = (*(f"/state/{state}" for state in STATES), *INFORMATION_PAGES, "/nowhere", "/unknown-app")


def states_app() -> Flask:
    """Make an application with an address for each state of each page."""
    app = presentation_app(logout_token="t")

    @app.get("/state/<name>")
    def state(name: str) -> Response:
        template, context = STATES[name]
        return render(template, **context)

    @app.get("/unknown-app")
    def unknown_app() -> Response:
        raise app_not_set_up("Mijn Zorgmap")

    return app


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the states over real HTTP."""
    server = make_server("127.0.0.1", 0, states_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Give a browser that is closed afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.mark.parametrize("language", ["nl", pytest.param("en", marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", PATHS)
def test_every_state_is_accessible(browser: Browser, address: str, path: str, language: str) -> None:
    """No axe violation, nothing sticks out at 320 px, each focus is visible, and the browser blocks nothing of ours."""
    complaints: list[str] = []
    with browser.new_context(viewport={"width": 1000, "height": 800}) as context:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("requestfailed", lambda request: complaints.append(f"{request.url}: {request.failure}"))
        page.goto(f"{address}{path}?taal={language}")
        assert_accessible(page)
        assert_no_horizontal_scroll(page)
        assert assert_focus_visible(page)[0] in {"Ga direct naar inhoud", "Skip to content"}
    assert [text for text in complaints if "status of 40" not in text] == []


@pytest.mark.parametrize("state", ["login-failed", "consent-errors", "activity"])
def test_pages_hold_in_forced_colours_and_on_a_phone(browser: Browser, address: str, state: str) -> None:
    """With colours forced by the system each focus is still visible; a small screen has no axe violation either."""
    with browser.new_context(viewport={"width": 320, "height": 640}, forced_colors="active") as context:
        page = context.new_page()
        page.goto(f"{address}/state/{state}")
        assert_focus_visible(page)
        page.emulate_media(forced_colors="none")
        assert_accessible(page)


def test_the_consent_page_can_be_filled_in_without_scripts(browser: Browser, address: str) -> None:
    """Nothing is chosen beforehand; both answers are buttons of the same size and colour (equal weight)."""
    with browser.new_context(java_script_enabled=False, locale="nl-NL") as context:
        page = context.new_page()
        page.goto(f"{address}/state/consent")
        assert page.locator("input:checked").count() == 0
        page.get_by_label("Ziekenhuis Oost").check()
        page.get_by_label("Alleen deze keer").check()
        assert page.locator("input:checked").count() == 2
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/state/consent")
        looks = [
            page.locator(button).evaluate(
                "e => [e.offsetHeight, ...['backgroundColor', 'color', 'fontWeight'].map(p => getComputedStyle(e)[p])]"
            )
            for button in ("#consent-give", "#consent-refuse")
        ]
        assert looks[0] == looks[1]
