"""The scriptless browser of `vad demo --check`: forms are sent as a real browser sends them."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask, Response, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from vad.sandbox.demo.browser import Browser, PageError
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve

PAGE = """<!doctype html><html><head><title>A form</title></head><body>
<h1>Choose   <em>well</em></h1>
<form action="/search?q=1"><button id="other" name="other" value="1">Other</button></form>
<form method="post" action="/sent">
  <input type="hidden" name="token" value="a&amp;b">
  <input type="checkbox" name="source" id="source-1" value="1">
  <input type="checkbox" name="source" id="source-2" value="2" checked>
  <input type="checkbox" name="plain" id="plain" checked>
  <input type="radio" name="level" id="low" value="low" checked>
  <input type="radio" name="level" id="high" value="high">
  <input name="bsn" id="bsn" value="">
  <input name="off" value="x" disabled>
  <select name="outcome" id="outcome">
    <option value="ok">Ok</option><option value="failure" selected>No</option>
  </select>
  <button id="go" name="action" value="go">Go</button>
  <button id="cancel" name="action" value="cancel">Cancel</button>
  <input type="submit" id="nameless" value="Go">
</form></body></html>"""


@pytest.fixture
def site() -> Iterator[str]:
    """Give the address of a page with forms that answers with what it was sent."""
    app = Flask(__name__)

    @app.get("/")
    def home() -> str:
        return PAGE

    @app.route("/sent", methods=["GET", "POST"])
    def sent() -> Response:
        answer = make_response(json.dumps([*request.form.items(multi=True)]))
        answer.set_cookie("seen", "yes")
        return answer

    @app.get("/search")
    def search() -> BaseResponse:
        return redirect("/elsewhere")

    @app.get("/elsewhere")
    def elsewhere() -> str:
        return f"<h1>{request.cookies.get('seen', 'no')}</h1>"

    with serve(app) as address:
        yield address


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Give a browser that is closed again."""
    with Browser() as opened:
        yield opened


def _sent(browser: Browser) -> list[list[str]]:
    return list(json.loads(browser.page.text))


def test_a_form_is_sent_as_it_stands_with_the_button_that_was_pressed(site: str, browser: Browser) -> None:
    """Hidden fields, what is ticked, the chosen option and one button; nothing that is disabled."""
    browser.open(site)
    browser.press("go")
    assert sorted(_sent(browser)) == [
        ["action", "go"],
        ["bsn", ""],
        ["level", "low"],
        ["outcome", "failure"],
        ["plain", "on"],
        ["source", "2"],
        ["token", "a&b"],
    ]


def test_fields_are_filled_in_by_their_ids(site: str, browser: Browser) -> None:
    """Ticking one radio button unticks the others of its name."""
    browser.open(site)
    fill: dict[str, str | bool] = {"source-1": True, "plain": False, "high": True, "bsn": "999", "outcome": "ok"}
    browser.press("cancel", fill)
    assert sorted(_sent(browser)) == [
        ["action", "cancel"],
        ["bsn", "999"],
        ["level", "high"],
        ["outcome", "ok"],
        ["source", "1"],
        ["source", "2"],
        ["token", "a&b"],
    ]


def test_a_button_without_a_name_sends_nothing_of_itself(site: str, browser: Browser) -> None:
    """As the HTML standard says of submitters."""
    browser.open(site)
    browser.press("nameless")
    assert "action" not in [name for name, _ in _sent(browser)]


def test_redirects_are_followed_and_cookies_kept(site: str, browser: Browser) -> None:
    """A form may be sent by GET as well; what the page shows is where the person ended up."""
    browser.open(f"{site}/sent")
    browser.open(site)
    assert browser.page.heading == "Choose well"
    page = browser.press("other")
    assert (page.address, page.heading, page.status) == (f"{site}/elsewhere", "yes", 200)


def test_what_is_not_there_is_one_clear_line(site: str, browser: Browser) -> None:
    """The line names the id and the page, without its query."""
    browser.open(f"{site}/?secret=1")
    with pytest.raises(PageError, match=rf"there is no button stop at {site}/ \(200: Choose well\)"):
        browser.press("stop")
    with pytest.raises(PageError, match="there is no field name at"):
        browser.press("go", {"name": "x"})


def test_nobody_there_is_one_clear_line(browser: Browser) -> None:
    """Not a traceback."""
    port = free_port()
    with pytest.raises(PageError, match=f"localhost:{port} gives no answer"):
        browser.open(f"http://localhost:{port}")
