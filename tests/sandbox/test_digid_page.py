"""Page P2 in a real browser: no accessibility violations, usable without script, by keyboard and at 320 pixels."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, redirect
from playwright.sync_api import Browser, Page, expect

from tests.sandbox.relying_party import BSN, Clock, RelyingParty, key
from vad.sandbox.digid.app import Config, create_app
from vad.sandbox.persons import Person
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.journey


@pytest.fixture
def address(persons: tuple[Person, ...], clock: Clock) -> Iterator[str]:
    """Give the address of an authorization request whose client sends the browser on to an app on another port."""
    app, client, party, port = Flask("app"), Flask("client"), RelyingParty(), free_port()
    app.add_url_rule("/callback", "callback", lambda: "the app is reached")
    party.issuer = f"http://localhost:{port}"
    with serve(app) as app_url, serve(client) as client_url, party.browser:
        client.add_url_rule("/digid/callback", "callback", lambda: redirect(f"{app_url}/callback", 303))
        config = Config(
            issuer=party.issuer,
            client_id="vad",
            redirect_uris=(f"{client_url}/digid/callback",),
            jwks_uri=f"{client_url}/jwks",
            signing_key=dict(key("digid-1").as_dict(private=True)),
            persons=persons,
        )
        with serve(create_app(config, clock), port):
            request = party.request(redirect_uri=config.redirect_uris[0])
            yield f"{party.issuer}/authorize?{urlencode(request)}"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_page_has_no_violations(browser: Browser, address: str, language: str) -> None:
    """WCAG 2.2 AA by axe: the page, the page with errors, and the page that no longer works; no sideways scroll."""
    with browser.new_context(viewport={"width": 320, "height": 700}) as context:
        page = context.new_page()
        page.goto(f"{address}&ui_locales={language}")
        assert page.locator("html").get_attribute("lang") == language
        assert violations(page) == []
        page.fill("#bsn", "12345678")
        page.select_option("#level", "midden")
        page.click("#login-submit")
        expect(page).to_have_title(re.compile(r"(Fout|Error): "))
        assert page.input_value("#bsn") == "12345678"
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        page.goto(page.url.split("?")[0])
        assert violations(page) == []


def test_login_without_script_reaches_the_app(browser: Browser, address: str) -> None:
    """The whole way works without JavaScript, and the security policy lets the client send the browser on."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        page.check(f"#person-{BSN}")
        page.click("#login-submit")
        expect(page.locator("body")).to_have_text("the app is reached")


def test_every_stop_of_the_keyboard_is_visible_and_large_enough(browser: Browser, address: str) -> None:
    """2.4.7, 2.5.8: each control that Tab reaches has an outline, and 44 pixels to press, its label included."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        stops: list[dict[str, Any]] = []
        for _ in range(8):
            page.keyboard.press("Tab")
            stops.append(page.evaluate(_FOCUSED))
        expected = ["", "", f"person-{BSN}", "bsn", "level", "outcome", "login-submit", "cancel"]
        assert [stop["id"] for stop in stops] == expected
        assert all(stop["outline"] == "solid 3px" for stop in stops)
        assert all(stop["height"] >= 44 for stop in stops)


_FOCUSED = """() => {
  const focused = document.activeElement, style = getComputedStyle(focused);
  const pressed = focused.type === "radio" ? focused.labels[0] : focused;
  return {
    id: focused.id,
    outline: style.outlineStyle + " " + style.outlineWidth,
    height: pressed.getBoundingClientRect().height,
  };
}"""


def violations(page: Page) -> list[str]:
    """Return the ids of axe's violations."""
    results = Axe().run(page, options={"runOnly": TAGS}).response
    assert results["passes"], "axe looked at nothing"
    return [violation["id"] for violation in results["violations"]]
