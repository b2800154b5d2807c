"""An authorization request belongs to one browser and is answered once (docs/protocol.md, The flow)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.support.person import FROUKE, PIETER, Person
from tests.support.relying_party_client import Asked, RelyingParty, answer_of
from tests.web.oidc.inside import SOURCE, Inside
from vad.sandbox.demo.browser import Browser

NewPerson = Callable[[], Person]


def at_the_login(rp: RelyingParty, person: Person) -> tuple[Asked, str]:
    """Somebody who began a request and stands at the login page; with the name of the flow."""
    asked = rp.ask(scope="openid 48", resources=(SOURCE,))
    person.open(asked.url)
    return asked, parse_qs(urlsplit(person.page.url).query)["flow"][0]


def at_the_consent(rp: RelyingParty, person: Person) -> tuple[Asked, str]:
    """Somebody who has logged in and stands at the consent page; with the name of the flow."""
    asked, flow = at_the_login(rp, person)
    person.log_in()
    assert "consent-give" in person.page.elements
    return asked, flow


def get(person: Person, url: str, *, without: str | None = None) -> requests.Response:
    """One step of this browser, following nothing; `without` one of its cookies."""
    cookies = {name: value for name, value in person.cookies.items() if name != without}
    return requests.get(url, cookies=cookies, allow_redirects=False, timeout=20)


def agreed(person: Person) -> dict[str, str | list[str]]:
    """The fields of the consent page that this person sees, all agreed to."""
    form = next(form for form in person.page.forms if any(b.identifier == "consent-give" for b in form.buttons))
    fields: dict[str, str | list[str]] = {field.name: field.value for field in form.fields}
    sources = [field.value for field in form.fields if field.name == "source"]
    return {**fields, "source": sources, "duration": "once", "action": "give"}


def is_over(response: requests.Response) -> bool:
    """Whether this is the page that says to begin again at the app: nobody is sent anywhere."""
    return response.status_code == 400 and "Location" not in response.headers


STEPS = ["/authorize/resume", "/inloggen", "/toestemming"]


@pytest.mark.parametrize("step", STEPS)
def test_no_other_browser_takes_a_flow_up(rp: RelyingParty, new_person: NewPerson, step: str) -> None:
    """Its name alone is useless: without its flow cookie, or with another's, a flow can't be gone on with."""
    victim, attacker, stranger = new_person(), new_person(), new_person()
    asked, flow = at_the_consent(rp, victim)
    at_the_consent(rp, attacker)
    address = f"{rp.issuer}{step}?flow={flow}"
    assert is_over(get(stranger, address))
    assert is_over(get(attacker, address))
    assert is_over(get(victim, address, without="vad_flow"))
    # It is still its owner's.
    victim.consent()
    assert victim.answer is not None
    assert rp.redeem(asked, victim.answer["code"]).status_code == 200


def test_a_planted_flow_does_not_bear_the_victims_name(rp: RelyingParty, new_person: NewPerson) -> None:
    """A flow that an attacker began is not finished with the victim's session (login and consent forgery)."""
    attacker, victim = new_person(), new_person()
    _, flow = at_the_login(rp, attacker)
    victim.authorize(rp.ask(scope="openid 48", resources=(SOURCE,)), duration="until_stopped")
    assert is_over(get(victim, f"{rp.issuer}/authorize/resume?flow={flow}"))


def test_the_flow_cookie_rotates_at_login(rp: RelyingParty, person: Person, new_person: NewPerson) -> None:
    """Whoever knew the flow cookie from before the login can't go on after it (session fixation)."""
    asked, flow = at_the_login(rp, person)
    knew = new_person()
    knew.take_cookies_of(person)
    person.log_in()
    assert knew.cookies["vad_flow"] != person.cookies["vad_flow"]
    for step in STEPS:
        assert is_over(get(knew, f"{rp.issuer}{step}?flow={flow}"))
    person.consent()
    assert person.answer is not None
    assert rp.redeem(asked, person.answer["code"]).status_code == 200


def test_consent_needs_the_browser_that_was_asked(rp: RelyingParty, new_person: NewPerson, inside: Inside) -> None:
    """A consent form counts in its own browser, for its own flow and with what it showed; else nothing is kept."""
    victim, attacker = new_person(), new_person()
    _, flow = at_the_consent(rp, victim)
    at_the_consent(rp, attacker)
    before = inside.ask("SELECT count(*) FROM consents")
    mine = agreed(attacker)
    for cookies, form in (
        ({}, agreed(victim)),
        (attacker.cookies, agreed(victim)),
        (attacker.cookies, {**mine, "flow": flow}),
        (victim.cookies, mine),
        (attacker.cookies, {**mine, "csrf_token": ""}),
        (attacker.cookies, {**mine, "shown_digest": agreed(victim)["shown_digest"]}),
        (attacker.cookies, {**mine, "shown_digest": "é"}),
        (attacker.cookies, {**mine, "source": ["https://south.example"]}),
    ):
        response = requests.post(
            f"{rp.issuer}/toestemming", data=form, cookies=cookies, allow_redirects=False, timeout=20
        )
        assert is_over(response)
    assert inside.ask("SELECT count(*) FROM consents") == before


def sent_on(rp: RelyingParty, asked: Asked) -> str:
    """Where the form of another site leads, which brings no cookies (SameSite=Lax)."""
    answer = requests.post(f"{rp.issuer}/authorize", data=dict(asked.parameters), allow_redirects=False, timeout=20)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (303, False)
    return rp.issuer + answer.headers["Location"]


def test_another_sites_form_leaves_other_tabs_alone(rp: RelyingParty, person: Person) -> None:
    """It is taken up under the flow cookie that is there, so the flow of another tab goes on, and so does this one."""
    first, _ = at_the_consent(rp, person)
    page, cookie = person.page, person.cookies["vad_flow"]
    second = rp.ask(scope="openid 48", resources=(SOURCE,), prompt="consent")
    person.open(sent_on(rp, second))
    assert person.cookies["vad_flow"] == cookie
    for asked, tab in ((second, person.page), (first, page)):
        person.page = tab
        person.consent()
        assert person.answer is not None
        assert rp.redeem(asked, person.answer["code"]).status_code == 200


def test_another_sites_form_belongs_to_who_comes_with_it_first(rp: RelyingParty, new_person: NewPerson) -> None:
    """Until then it is nobody's; afterwards its name is useless to others, who can't even take it away."""
    person, other = new_person(), new_person()
    asked = rp.ask(scope="openid 48", resources=(SOURCE,))
    address = sent_on(rp, asked)
    flow = parse_qs(urlsplit(address).query)["flow"][0]
    at_the_login(rp, other)
    for step in STEPS:
        assert is_over(get(other, f"{rp.issuer}{step}?flow={flow}"))
    person.open(address)
    assert is_over(get(other, address))
    assert is_over(get(person, address))
    person.log_in()
    person.consent()
    assert person.answer is not None
    assert rp.redeem(asked, person.answer["code"]).status_code == 200


def test_a_flow_gives_one_code_to_two_tabs(rp: RelyingParty, person: Person) -> None:
    """The second tab of the same flow is told that the page no longer works."""
    asked, flow = at_the_consent(rp, person)
    person.consent()
    assert person.answer is not None
    assert is_over(get(person, f"{rp.issuer}/authorize/resume?flow={flow}"))
    assert is_over(get(person, f"{rp.issuer}/toestemming?flow={flow}"))
    assert rp.redeem(asked, person.answer["code"]).status_code == 200


def test_many_at_once_get_one_code(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """Sixteen answers to one flow at the same moment: one code, and one event (rule: one winner, by construction)."""
    asked, flow = at_the_consent(rp, person)
    form, cookies = agreed(person), person.cookies
    given = requests.post(f"{rp.issuer}/toestemming", data=form, cookies=cookies, allow_redirects=False, timeout=20)
    assert given.status_code == 303
    statement = "SELECT count(*) FROM audit_events WHERE type = 'authorization.granted'"
    before = inside.ask(statement)[0][0]
    address = f"{rp.issuer}/authorize/resume?flow={flow}"
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: get(person, address), range(16)))
    won = [answer for answer in answers if answer.status_code == 303]
    assert len(won) == 1
    assert all(is_over(answer) for answer in answers if answer not in won)
    code = answer_of(won[0].headers["Location"])["code"]
    assert rp.redeem(asked, code).status_code == 200
    # One permit for the login, one for the source.
    assert inside.ask(statement)[0][0] == before + 2


def test_a_flow_is_over_after_a_while(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """A request lives a quarter of an hour; once somebody is logged in at its page, as long as a login (ADR 0014)."""
    _, flow = at_the_login(rp, person)
    assert 0 < inside.seconds_left("authorization_request", flow) <= 15 * 60
    person.log_in(FROUKE)
    assert 2 * 60 * 60 < inside.expire("authorization_request", flow) <= 135 * 60
    assert is_over(get(person, f"{rp.issuer}/authorize/resume?flow={flow}"))
    assert person.consent().status == 400


def test_a_flow_that_changes_hands_asks_again(rp: RelyingParty, person: Person) -> None:
    """When somebody else logs in, nothing of what the first person did in the flow counts."""
    asked = rp.ask(scope="openid 48", resources=(SOURCE,), prompt="consent")
    person.open(asked.url)
    person.log_in(FROUKE)
    person.page = Browser.read(requests.get(f"{rp.issuer}/inloggen", cookies=person.cookies, timeout=20))
    person.log_in(PIETER)
    again = rp.ask(scope="openid 48", resources=(SOURCE,))
    person.open(again.url)
    assert person.answer is None
    # VAD knows who is there now, and asks under that name; the app has not been seen in this session.
    assert "Pieter" in person.page.text
    assert "continue" in person.page.elements


@pytest.mark.parametrize("cookie", ["é", "x" * 5000, "a\\x00b", "'", ""])
def test_a_strange_cookie_is_nobodys(rp: RelyingParty, cookie: str) -> None:
    """A cookie that we never set ends in a page, never in a fault."""
    header = {"Cookie": f"vad_flow={cookie}; vad_session={cookie}".encode()}
    for path in ("/authorize/resume?flow=x", "/toestemming?flow=x", "/inloggen?flow=x", "/digid/callback?state=x"):
        assert is_over(requests.get(rp.issuer + path, headers=header, allow_redirects=False, timeout=20))


@pytest.mark.parametrize("flow", ["", "é", "%00", "%ff%fe", "x" * 4000, "a&flow=b"])
def test_a_strange_flow_is_nobodys(rp: RelyingParty, person: Person, flow: str) -> None:
    """A flow that we never named ends in a page, never in a fault."""
    at_the_login(rp, person)
    for step in STEPS:
        assert is_over(get(person, f"{rp.issuer}{step}?flow={flow}"))
