"""`response_mode=form_post`: the answer in a form that the browser sends (OAuth 2.0 Form Post Response Mode)."""

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.person import NOOR_15, Person
from tests.support.relying_party_client import Asked, RelyingParty
from vad.sandbox.demo.browser import Form

SOURCE = "https://source.example"
ODD = '"><script>alert(1)</script>&amp; é中%00+\\'


@pytest.fixture(autouse=True)
def nothing_agreed(backroom: Backroom) -> None:
    """Let nobody have agreed to anything, so that everybody is asked."""
    backroom.forget_consents()


def ask(rp: RelyingParty, **changes: str | None) -> Asked:
    """A request for one source whose answer comes by form."""
    return rp.ask(**{"scope": "openid 48", "response_mode": "form_post", **changes}, resources=(SOURCE,))  # type: ignore[arg-type]


def form_to(person: Person, button: str, address: str) -> Form:
    """The form on the page that leads to this address."""
    (form,) = (form for form in person.page.forms if any(each.identifier == button for each in form.buttons))
    assert (form.method, form.action) == ("POST", address)
    return form


def answer_in(person: Person, rp: RelyingParty, button: str = "continue") -> dict[str, str]:
    """What the form of the page would bring to the app."""
    fields = [(field.name, field.value) for field in form_to(person, button, rp.redirect_uri).fields]
    assert len(dict(fields)) == len(fields)
    return dict(fields)


def test_the_code_comes_in_a_form(rp: RelyingParty, person: Person) -> None:
    """To the redirect URI and nowhere else, with what a redirect would bring; no address ever holds the code."""
    asked = ask(rp)
    person.open(asked.url)
    person.log_in()
    page = person.consent()
    assert page.heading == "U gaat terug naar Test rp-one"
    answer = answer_in(person, rp)
    assert answer.keys() == {"code", "state", "iss"}
    assert answer["state"] == dict(asked.parameters)["state"]
    assert answer["iss"] == person.town.issuer
    assert not [url for url in person.urls if answer["code"] in url]
    assert rp.redeem(asked, answer["code"]).status_code == 200


def test_the_page_may_send_to_the_app_alone(rp: RelyingParty, person: Person) -> None:
    """The policy names the app's origin and one script of ours; nobody keeps the page, and it offers no dead end."""
    person.open(ask(rp).url)
    person.log_in()
    person.consent()
    headers = person.seen[-1].headers
    assert "form-action 'self' https://rp.example;" in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("script-src 'self'; ")
    assert headers["Cache-Control"] == "no-store"
    assert 'hreflang="en"' not in person.page.text
    person.open(person.page.url)
    assert person.page.status == 400


@pytest.mark.parametrize("wrong", [{"prompt": "none"}, {"scope": "openid 99"}, {"nonce": None}])
def test_the_page_speaks_the_language_that_was_asked(
    rp: RelyingParty, person: Person, wrong: dict[str, str | None]
) -> None:
    """`ui_locales` counts for the page with the form as for every other page."""
    assert person.open(ask(rp, ui_locales="en nl", **wrong).url).heading == "You go back to Test rp-one"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid 99"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"nonce": None}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"request": "x"}, "invalid_request_object"),
    ],
)
def test_an_error_comes_in_a_form_too(
    rp: RelyingParty, person: Person, changes: dict[str, str | None], error: str
) -> None:
    """Whatever is refused, and with `prompt=none` as well: the app reads it where it reads everything."""
    asked = ask(rp, **changes)
    page = person.open(asked.url)
    answer = answer_in(person, rp)
    assert page.status == 200
    assert answer["error"] == error
    assert answer.keys() == {"error", "error_description", "state", "iss"}
    assert answer["state"] == dict(asked.parameters)["state"]


def test_who_cancels_goes_back_by_form(rp: RelyingParty, person: Person) -> None:
    """`access_denied`, in the same way."""
    person.open(ask(rp).url)
    person.press("cancel")
    assert answer_in(person, rp)["error"] == "access_denied"


def test_who_is_refused_goes_back_by_form(rp: RelyingParty, person: Person) -> None:
    """The page with the reason has a button instead of a link, and may lead to the app."""
    person.open(ask(rp).url)
    person.log_in(NOOR_15)
    assert person.page.status == 403
    assert answer_in(person, rp, "back")["error"] == "access_denied"
    assert "form-action 'self' https://rp.example;" in person.seen[-1].headers["Content-Security-Policy"]
    assert "script" not in person.seen[-1].headers["Content-Security-Policy"]


@pytest.mark.parametrize("state", [ODD, "'", "&quot;", "x" * 2048])
def test_any_state_comes_back_as_it_was(rp: RelyingParty, person: Person, state: str) -> None:
    """Nothing of it becomes markup."""
    person.open(ask(rp, state=state, prompt="none").url)
    assert answer_in(person, rp)["state"] == state
    assert "<script>alert" not in person.page.text


def test_the_redirect_uri_keeps_its_query(rp: RelyingParty, person: Person) -> None:
    """What is registered with a query is posted to with it."""
    address = f"{rp.redirect_uri}?app=1"
    person.open(ask(rp, redirect_uri=address, prompt="none").url)
    assert form_to(person, "continue", address)


def test_of_two_modes_none_is_followed(rp: RelyingParty) -> None:
    """A repeated parameter is refused, and the refusal goes by query."""
    asked = ask(rp)
    answer = requests.get(f"{asked.url}&response_mode=form_post", allow_redirects=False, timeout=20)
    assert answer.status_code == 303
    assert "error=invalid_request" in answer.headers["Location"]
