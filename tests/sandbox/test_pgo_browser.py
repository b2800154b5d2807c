"""The pages of the demo PGO and of a data source in a real browser (WCAG 2.2 AA)."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.sandbox.street import Street

pytestmark = pytest.mark.journey
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "reporter": "no-passes",
}
OUTLINED = """() => {
  const style = getComputedStyle(document.activeElement);
  return document.activeElement === document.body
    ? null : style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
}"""
SMALL = """() => [...document.querySelectorAll('button, .button, header a, .choice')]
  .filter(each => each.getBoundingClientRect().height < 44).map(each => each.outerHTML)"""


@pytest.fixture
def street() -> Iterator[Street]:
    """Give a PGO with its neighbours."""
    with ExitStack() as stack:
        yield Street(stack)


def check(page: Page, width: int) -> None:
    """Assert that a page has no axe violation, does not scroll sideways, and has targets of 44 px."""
    page.set_viewport_size({"width": width, "height": 800})
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SMALL) == []


def walk(page: Page) -> None:
    """Assert that every stop of the Tab key is seen."""
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        outlined = page.evaluate(OUTLINED)
        if outlined is None:
            break
        seen.append(outlined)
    assert seen
    assert all(seen)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_whole_way_from_login_to_logout(street: Street, browser: Browser, language: str) -> None:
    """Every page on the way is accessible, at 1200 and at 320 pixels."""
    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.goto(f"{street.url}/?taal={language}")
        for width in (1200, 320):
            check(page, width)
        walk(page)
        page.click("#login")
        page.wait_for_url(f"{street.url}/gegevens")
        assert page.locator("[data-outcome=data]").count() == 2
        for width in (1200, 320):
            check(page, width)
        walk(page)
        page.click("#letters-1")
        page.wait_for_selector("#letters[data-outcome=login_too_weak]")
        check(page, 320)
        page.click("#again-1")
        page.wait_for_selector("#letters[data-outcome=data]")
        check(page, 320)
        page.click("#to-data")
        page.click("#logout")
        page.wait_for_url(f"{street.url}/uitgelogd")
        check(page, 320)


def test_errors_and_the_page_of_a_source(street: Street, browser: Browser) -> None:
    """Pages that tell of trouble are accessible too."""
    street.vad.answer = {"error": "access_denied", "code": ""}
    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.goto(street.url)
        page.click("#login")
        page.wait_for_url(f"{street.url}/fout?code=access_denied")
        check(page, 320)
        page.goto(f"{street.url}/onbekend")
        check(page, 320)
        page.goto(f"{street.hospital}/fhir/48/Patient/$everything")
        page.goto(street.hospital)
        assert "no_token" in page.content()
        check(page, 320)


def test_nothing_needs_javascript(street: Street, browser: Browser) -> None:
    """The way from login to data and out again works with JavaScript off, under the real content security policy."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(street.url)
        page.uncheck("#source-2")
        page.click("#login")
        page.wait_for_url(f"{street.url}/gegevens")
        page.wait_for_selector("#data-1[data-outcome=data]")
        page.wait_for_selector("#data-2[data-outcome=not_asked]")
        page.click("#logout")
        page.wait_for_url(f"{street.url}/uitgelogd")
