"""An answer that goes to the app by form: at once with scripts, by a button without."""

from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Request, Route, expect

from tests.journeys.gate import gate
from tests.support.person import PIETER
from tests.support.relying_party_client import RelyingParty
from tests.support.visitor import NewVisitor, Visitor

pytestmark = pytest.mark.journey

SOURCE = "https://source.example"


def go(visitor: Visitor, rp: RelyingParty) -> list[Request]:
    """As far as agreeing; gives what reached the app, whose page this browser is told by heart."""
    received: list[Request] = []

    def app(route: Route) -> None:
        received.append(route.request)
        route.fulfill(status=200, content_type="text/html", body="<!doctype html><h1>Mijn app</h1>")

    visitor.page.route("https://rp.example/**", app)
    visitor.open(rp.ask(scope="openid 48", resources=(SOURCE,), response_mode="form_post").url)
    visitor.log_in(PIETER)
    visitor.sees("Mag Test rp-one deze gegevens krijgen?")
    visitor.consent(1)
    return received


def assert_code(received: list[Request], rp: RelyingParty) -> None:
    """One POST, with the code in its body and not in its address."""
    (request,) = received
    fields = parse_qs(request.post_data or "")
    assert (request.method, request.url) == ("POST", rp.redirect_uri)
    assert fields.keys() == {"code", "state", "iss"}


def test_the_script_sends_it_at_once(visitor: Visitor, rp: RelyingParty) -> None:
    """Nothing to press, and no policy stands in the way."""
    received = go(visitor, rp)
    visitor.sees("Mijn app")
    assert_code(received, rp)


def test_the_button_sends_it_without_scripts(new_visitor: NewVisitor, rp: RelyingParty) -> None:
    """One press more."""
    visitor = new_visitor(scripts=False)
    received = go(visitor, rp)
    visitor.sees("U gaat terug naar Test rp-one")
    assert received == []
    visitor.press("#continue")
    visitor.sees("Mijn app")
    assert_code(received, rp)


def test_the_page_in_between(visitor: Visitor, rp: RelyingParty) -> None:
    """Where the script is slow, the page passes everything that a page must."""
    visitor.page.route("**/form_post.js*", lambda route: route.fulfill(content_type="text/javascript", body=""))
    go(visitor, rp)
    visitor.sees("U gaat terug naar Test rp-one")
    expect(visitor.page.locator("#form-post")).to_be_visible()
    gate(visitor, "form-post", english=False)
