"""Page P1 and the way to DigiD and back (rules 35 to 38): what people see, and what becomes of their session."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.support.backroom import Backroom
from tests.support.person import FROUKE, PIETER, Person, tokens
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.support.town import Town
from vad.sandbox.digid.tokens import NONSENSE, REPRESENTING

pytestmark = pytest.mark.slow

SOURCE = "https://source.example"
CANCELLED = "U heeft het inloggen met DigiD geannuleerd."
FAILED = (
    "Inloggen bij deze organisatie is niet gelukt. Probeert u het later nog een keer. Lukt het nog steeds niet? Log in "
    "bij Mijn DigiD. Zo controleert u of uw DigiD goed werkt. Mogelijk is er een storing bij de organisatie waar u "
    "inlogt."
)
LEVEL = "Deze manier van inloggen is niet veilig genoeg voor zorggegevens. Log in met de DigiD app met ID-check."


def begin(person: Person, rp: RelyingParty) -> None:
    """Stand before P1 of an app."""
    person.open(rp.ask(resources=(SOURCE,), scope="openid 51").url)
    assert "login-submit" in person.page.elements, person.page


def log_in_to_vad(person: Person, bsn: str = FROUKE) -> None:
    """Log in to VAD's own pages."""
    person.open(f"{person.town.issuer}/inloggen")
    person.log_in(bsn)
    assert person.page.address.endswith("/mijn/activiteit"), person.page


def logged_in(person: Person) -> bool:
    """Whether VAD knows who is at this browser."""
    return person.send("GET", "/mijn/activiteit").status_code == 200


def test_the_page_names_the_app(rp: RelyingParty, person: Person) -> None:
    """P1 says where one logs in to, offers DigiD and a way back, and shows no log-out button to a stranger."""
    begin(person, rp)
    assert person.page.heading == "Inloggen bij Test rp-one"
    assert "<title>Inloggen bij Test rp-one - VAD</title>" in person.page.text
    assert "Gebruik uw eigen DigiD. Ook als u gegevens van iemand anders wilt bekijken." in person.page.text
    assert {"login-submit", "cancel"} <= person.page.elements.keys()
    assert "logout" not in person.page.elements


def test_the_page_speaks_the_language_that_the_app_asks_for(rp: RelyingParty, person: Person) -> None:
    """`ui_locales` chooses the language; what a person chooses goes before it."""
    person.open(rp.ask(ui_locales="de en-GB").url)
    assert person.page.heading == "Log in to Test rp-one"
    person.open(f"{person.page.url}&taal=nl")
    assert person.page.heading == "Inloggen bij Test rp-one"


def test_one_can_log_in_to_vad_itself(person: Person, backroom: Backroom) -> None:
    """Without an app P1 is VAD's own: no app to go back to, and afterwards one's own pages."""
    page = person.open(f"{person.town.issuer}/inloggen")
    assert page.heading == "Inloggen bij VAD"
    assert "cancel" not in page.elements
    log_in_to_vad(person)
    assert "logout" in person.page.elements
    (event,) = backroom.events("login.succeeded")
    assert event["client_id"] is None
    assert event["evidence"] == {"acr": "http://eidas.europa.eu/LoA/substantial", "identity_provider": "digid"}
    assert event["actor"] == event["represented"] == str(backroom.person_id(FROUKE))


def test_who_cancels_at_digid_may_go_on_or_back(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Rule 38: P1 says so and offers both ways on; going back gives the app `access_denied` and no more."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    person.open(asked.url)
    person.press("login-submit")
    page = person.press("cancel")
    assert page.heading == "Inloggen bij Test rp-one"
    assert CANCELLED in page.text
    assert "<title>Fout: Inloggen bij Test rp-one - VAD</title>" in page.text
    person.press("cancel")
    assert person.answer is not None
    assert person.answer.keys() == {"error", "error_description", "state", "iss"}
    assert person.answer["error"] == "access_denied"
    assert person.answer["state"] == dict(asked.parameters)["state"]
    (failed,) = backroom.events("login.failed")
    assert (failed["client_id"], failed["reason"], failed["outcome"]) == ("rp-one", "cancelled", "refused")
    (refused,) = backroom.events("authorization.refused")
    assert (refused["client_id"], refused["actor"]) == ("rp-one", None)


def test_who_cancels_at_once_was_never_at_digid(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Cancelling on P1 gives `access_denied`; the flow is over."""
    begin(person, rp)
    address = person.page.url
    person.press("cancel")
    assert person.answer is not None
    assert person.answer["error"] == "access_denied"
    assert backroom.events("login.failed", "login.succeeded") == []
    assert person.open(address).status == 400


OUTCOMES = [("cancel", CANCELLED, "cancelled"), ("failure", FAILED, "failed"), ("too_low", LEVEL, "level")]


@pytest.mark.parametrize(("outcome", "words", "reason"), OUTCOMES)
def test_whatever_goes_wrong_one_can_try_again(
    rp: RelyingParty, person: Person, backroom: Backroom, outcome: str, words: str, reason: str
) -> None:
    """The page says what happened in the words of P1, the log why; a second try in the same flow works."""
    begin(person, rp)
    person.log_in(FROUKE, outcome=outcome)
    assert words in person.page.text
    assert not logged_in(person)
    assert [event["reason"] for event in backroom.events("login.failed")] == [reason]
    person.log_in(FROUKE)
    assert words not in person.page.text
    person.consent()
    assert person.answer is not None
    assert "code" in person.answer


@pytest.mark.parametrize(("outcome", "words", "reason"), OUTCOMES)
def test_the_same_for_vad_itself(person: Person, backroom: Backroom, outcome: str, words: str, reason: str) -> None:
    """Without an app the page says the same, and nobody is logged in."""
    person.open(f"{person.town.issuer}/inloggen")
    person.log_in(FROUKE, outcome=outcome)
    assert person.page.heading == "Inloggen bij VAD"
    assert words in person.page.text
    assert not logged_in(person)
    assert [event["reason"] for event in backroom.events("login.failed")] == [reason]
    log_in_to_vad(person)


def test_a_login_for_somebody_else_is_none(
    vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom
) -> None:
    """DigiD Machtigen: it is read as a login of neither. The person is told what to do, and can."""
    begin(person, rp)
    with vad_town.misbehaving("digid", REPRESENTING):
        person.log_in(FROUKE)
    assert "U heeft ingelogd voor iemand anders. Log in voor uzelf." in person.page.text
    assert not logged_in(person)
    assert [event["reason"] for event in backroom.events("login.failed")] == ["representing"]
    assert backroom.events("login.succeeded") == []
    person.log_in(FROUKE)
    assert "consent-give" in person.page.elements


@pytest.mark.parametrize("mode", NONSENSE)
def test_nonsense_of_digid_lets_nobody_in(
    vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom, mode: str
) -> None:
    """Whatever is wrong with DigiD's token: no session, words of P1, an event, and a next try works."""
    begin(person, rp)
    with vad_town.misbehaving("digid", mode):
        person.log_in(FROUKE)
    low = mode == "too_low"
    assert (LEVEL if low else FAILED) in person.page.text
    assert not logged_in(person)
    assert [event["reason"] for event in backroom.events("login.failed")] == ["level" if low else "failed"]
    assert backroom.events("login.succeeded") == []
    person.log_in(FROUKE)
    assert "consent-give" in person.page.elements


@pytest.mark.parametrize("mode", ["error500", "garbage", "close", "hang"])
def test_trouble_at_digid_lets_nobody_in(
    vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom, mode: str
) -> None:
    """DigiD down, slow or talking nonsense on the way back: words of P1, an event, and a next try works."""
    begin(person, rp)
    person.press("login-submit")
    with vad_town.misbehaving("digid", mode, endpoints=["/token"]):
        person.press("login-submit", {"bsn": FROUKE})
    assert person.page.heading == "Inloggen bij Test rp-one"
    assert FAILED in person.page.text
    assert not logged_in(person)
    assert [event["reason"] for event in backroom.events("login.failed")] == ["unavailable"]
    person.log_in(FROUKE)
    assert "consent-give" in person.page.elements


def test_the_level_that_came_back_counts(rp: RelyingParty, person: Person) -> None:
    """Rule 35: somebody who logs in higher than asked gets that level, in the ID token as well."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    person.open(asked.url)
    person.log_in(FROUKE, level="hoog")
    person.consent()
    assert person.answer is not None
    id_token = rp.redeem(asked, person.answer["code"]).json()["id_token"]
    assert claims_of(id_token)["acr"] == "http://eidas.europa.eu/LoA/high"


def test_a_new_login_gives_the_browser_new_names(
    rp: RelyingParty, person: Person, new_person: Callable[[], Person]
) -> None:
    """Both cookies are new after every login: what was in the browser before is worth nothing."""
    begin(person, rp)
    before = person.cookies
    person.log_in(FROUKE)
    first = person.cookies
    assert "vad_session" not in before
    assert first["vad_flow"] != before["vad_flow"]
    log_in_to_vad(person)
    second = person.cookies
    assert second["vad_session"] != first["vad_session"]
    assert second["vad_flow"] != first["vad_flow"]
    twin = new_person()
    twin.plant("vad_session", first["vad_session"])
    assert not logged_in(twin)
    twin.plant("vad_session", second["vad_session"])
    assert logged_in(twin)


def test_another_person_ends_the_session_that_was_there(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Rule 36: in one browser the next person's login ends the former session and what it gave to apps."""
    own = tokens(rp, person, (SOURCE,), "openid 51", FROUKE)
    log_in_to_vad(person, PIETER)
    (ended,) = backroom.events("session.ended")
    assert ended["reason"] == "replaced"
    assert ended["actor"] == str(backroom.person_id(FROUKE))
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"
    assert rp.exchange(own["access_token"], SOURCE).status_code == 400


def test_a_code_of_the_session_that_was_there_is_dead(rp: RelyingParty, person: Person) -> None:
    """A code that had not been redeemed when the next person logged in gives nothing."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    code = person.authorize(asked, FROUKE)
    log_in_to_vad(person, PIETER)
    assert rp.redeem(asked, code).json()["error"] == "invalid_grant"


def test_the_same_person_goes_on(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Rule 36: logging in again as oneself keeps the session's name and what apps were given."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    own = rp.redeem(asked, person.authorize(asked, FROUKE)).json()
    log_in_to_vad(person, FROUKE)
    assert backroom.events("session.ended") == []
    assert rp.refresh(own["refresh_token"]).status_code == 200
    again = rp.ask(resources=(SOURCE,), scope="openid 51")
    second = rp.redeem(again, person.authorize(again, FROUKE)).json()
    assert claims_of(second["id_token"])["sid"] == claims_of(own["id_token"])["sid"]
    assert len({event["sid"] for event in backroom.events("login.succeeded")}) == 1


@pytest.mark.parametrize("outcome", ["cancel", "failure", "too_low"])
def test_a_failed_login_ends_any_session(rp: RelyingParty, person: Person, backroom: Backroom, outcome: str) -> None:
    """Rule 36: whoever fails at DigiD may be somebody else, so the session that was there ends, and its grants."""
    own = tokens(rp, person, (SOURCE,), "openid 51", FROUKE)
    person.open(f"{person.town.issuer}/inloggen")
    person.log_in(FROUKE, outcome=outcome)
    assert "vad_session" not in person.cookies
    assert [event["reason"] for event in backroom.events("session.ended")] == ["login_failed"]
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"


def test_nobody_takes_over_a_flow_with_a_planted_cookie(rp: RelyingParty, new_person: Callable[[], Person]) -> None:
    """Session fixation: a flow cookie that a stranger put into the browser ends with the login."""
    stranger, victim = new_person(), new_person()
    begin(stranger, rp)
    flow_page = stranger.page.url
    victim.take_cookies_of(stranger)
    victim.plant("vad_session", "A" * 43)
    victim.open(flow_page)
    victim.log_in(FROUKE)
    assert "consent-give" in victim.page.elements
    assert victim.cookies["vad_session"] != "A" * 43
    flow = flow_page.partition("?")[2]
    for path in ("/authorize/resume", "/toestemming", "/inloggen"):
        answer = stranger.send("GET", f"{path}?{flow}")
        assert answer.status_code == 400, path
    assert not logged_in(stranger)
    stranger.plant("vad_session", "A" * 43)
    assert not logged_in(stranger)


def test_a_session_cookie_must_be_one_of_ours(person: Person) -> None:
    """Made-up session cookies of any shape are nobody's, and no error."""
    for value in ("x", "A" * 43, "A" * 129, "é", "..", "{}", "vad:{x}:session"):
        answer = person.send("GET", "/mijn/activiteit", headers={"Cookie": f"vad_session={value}".encode()})
        assert answer.status_code == 303, value
        assert urlsplit(answer.headers["Location"]).path == "/inloggen"
