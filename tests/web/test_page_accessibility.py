"""What the journeys do not come by, and English where an address cannot be asked for twice: WCAG 2.2 AA."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.support.accessibility import assert_accessible, assert_no_horizontal_scroll
from tests.support.focus import assert_focus_visible, assert_same_focus_visible
from tests.support.visitor import Complaints
from tests.web.page_states import FAILURES, PATHS, STATES
from tests.web.presentation import presentation_app
from vad.web.support.pages import render

pytestmark = pytest.mark.journey


def states_app() -> Flask:
    """Make an application with an address for each state of each page."""
    app = presentation_app(logout_token="t")

    @app.get("/state/<name>")
    def state(name: str) -> Response:
        template, context = STATES[name]
        return render(template, **context)

    @app.get("/failure/<name>")
    def failure(name: str) -> Response:
        raise FAILURES[name]

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


@dataclass(frozen=True)
class Window:
    """A browser's window, and what the browser objects to in it."""

    page: Page
    complaints: Complaints


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Window]:
    """Give a window that is closed afterwards; the states are pages to look at, which leave nothing behind."""
    with browser.new_context(viewport={"width": 1000, "height": 800}) as context:
        complaints = Complaints()
        complaints.listen(context)
        yield Window(context.new_page(), complaints)


@pytest.mark.parametrize(("path", "language"), PATHS)
def test_every_state_is_accessible(window: Window, address: str, path: str, language: str) -> None:
    """No axe violation, nothing sticks out at 320 px, each focus is visible, and the browser blocks nothing of ours."""
    page = window.page
    page.goto(f"{address}{path}?taal={language}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert_accessible(page)
    assert_no_horizontal_scroll(page)
    assert assert_focus_visible(page, "main *")[0] in {"Ga direct naar inhoud", "Skip to content"}
    assert window.complaints.taken() == []


_HIDDEN = "main:target a {outline: none !important; box-shadow: none !important; background: none !important}"


@pytest.mark.parametrize("rule", [_HIDDEN, _HIDDEN.replace(":target", ""), "a {opacity: 0}"])
def test_a_focus_that_nobody_sees_is_found(window: Window, rule: str) -> None:
    """Though the same link, in the same place of the same page, was seen to have the focus before."""
    page = window.page
    page.goto("about:blank")
    page.set_content('<main id="m"><a href="#m" style="color: black">on</a></main>')
    assert assert_focus_visible(page) == ["on"]
    page.add_style_tag(content=rule)
    if ":target" in rule:
        assert assert_focus_visible(page) == ["on"]
        page.evaluate("location.hash = 'm'")
    with pytest.raises(AssertionError, match="focus on 'on' is unseen"):
        assert_focus_visible(page)


_OVER = "document.body.insertAdjacentHTML('beforeend', '"


@pytest.mark.parametrize(
    "done",
    [
        f'{_OVER}<i style="position:fixed;inset:0;background:white"></i>\')',
        f'{_OVER}<i style="position:fixed;inset:0;background-image:linear-gradient(white, white)"></i>\')',
        f'{_OVER}<i style="position:fixed;inset:0;background:white"><b style="position:fixed;inset:0"></b></i>\')',
        "document.querySelector('main').style.opacity = 0",
    ],
)
def test_a_focus_below_something_else_is_found(window: Window, done: str) -> None:
    """What lies over it, or makes it transparent, need not change the link, its classes or its sheets."""
    page = window.page
    page.goto("about:blank")
    page.set_content('<main><a href="#m" style="color: black">below</a></main>')
    assert assert_focus_visible(page) == ["below"]
    page.evaluate(done)
    with pytest.raises(AssertionError, match="focus on 'below' is unseen"):
        assert_focus_visible(page)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("display: none", "other places to stop at"),
        ("visibility: hidden", "can't have the focus any more"),
        ("outline: none", "focus on 'last' is unseen"),
    ],
)
def test_a_focus_that_forced_colours_take_away_is_found(window: Window, rule: str, found: str) -> None:
    """Though nothing is walked through by Tab again."""
    page = window.page
    page.goto("about:blank")
    page.set_content('<main><a href="#m">first</a> <a href="#m" class="last">last</a></main>')
    page.add_style_tag(content=f"@media (forced-colors: active) {{ .last {{ {rule} }} }}")
    assert assert_focus_visible(page) == ["first", "last"]
    assert_same_focus_visible(page)
    page.emulate_media(forced_colors="active")
    with pytest.raises(AssertionError, match=found):
        assert_same_focus_visible(page)
    page.emulate_media(forced_colors="none")
