"""The authorization endpoint and what the app asks of the login: prompt, max_age, acr_values (OIDC Core 3.1.2.1)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.person import FROUKE, PIETER, Person
from tests.support.relying_party_client import Asked, RelyingParty, answer_of, claims_of
from tests.support.town import Town
from tests.web.oidc.inside import SOURCE

SUBSTANTIAL = "http://eidas.europa.eu/LoA/substantial"
HIGH = "http://eidas.europa.eu/LoA/high"


def asking(rp: RelyingParty, **changes: str | None) -> Asked:
    """A request for one kind of data at one source."""
    return rp.ask(scope="openid 48", resources=(SOURCE,), **changes)


def told(person: Person, asked: Asked) -> dict[str, str]:
    """What the app hears at once, without any page."""
    person.answer = None
    person.open(asked.url)
    answer: dict[str, str] = person.answer or {}
    assert answer, f"the person is at {person.page}"
    assert answer["state"] == dict(asked.parameters)["state"]
    assert asked.url.startswith(answer["iss"] + "/authorize?")
    return answer


def stands_at(person: Person, asked: Asked, button: str) -> None:
    """The person is shown a page with this button, and the app hears nothing yet."""
    person.answer = None
    person.open(asked.url)
    assert person.answer is None
    assert button in person.page.elements, f"the person is at {person.page}"


def test_none_without_a_session(rp: RelyingParty, person: Person) -> None:
    """`prompt=none` without a login is `login_required`, and no page is shown."""
    answer = told(person, asking(rp, prompt="none"))
    assert (answer["error"], answer.get("code")) == ("login_required", None)


def test_none_with_the_session_of_another_app(rp: RelyingParty, other_rp: RelyingParty, person: Person) -> None:
    """A login to one app is no login to another: the person must see its name first (rule 37)."""
    person.authorize(asking(rp), duration="until_stopped")
    assert told(person, asking(other_rp, prompt="none"))["error"] == "interaction_required"


def test_none_without_consent(rp: RelyingParty, person: Person) -> None:
    """Consent for one time is used up: `consent_required`."""
    person.authorize(asking(rp))
    assert told(person, asking(rp, prompt="none"))["error"] == "consent_required"


def test_none_with_standing_consent(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """With a login and a standing consent the code comes at once, and the login's time does not move."""
    first = asking(rp)
    before = claims_of(rp.redeem(first, person.authorize(first, duration="until_stopped")).json()["id_token"])
    again = asking(rp, prompt="none")
    tokens = rp.redeem(again, told(person, again)["code"]).json()
    after = claims_of(tokens["id_token"])
    assert (after["auth_time"], after["sub"], after["sid"]) == (before["auth_time"], before["sub"], before["sid"])
    # But never for more than was agreed to.
    wider = rp.ask(scope="openid 48 51", resources=(SOURCE,), prompt="none")
    assert told(person, wider)["error"] == "consent_required"
    elsewhere = rp.ask(scope="openid 48", resources=(SOURCE, vad_town.address("hospital")), prompt="none")
    assert told(person, elsewhere)["error"] == "consent_required"


def test_what_needs_no_page_is_answered_at_once(rp: RelyingParty, person: Person) -> None:
    """With a login and a standing consent the answer to the request itself goes back to the app, in one trip."""
    person.authorize(asking(rp), duration="until_stopped")
    for asked in (asking(rp), asking(rp, prompt="none")):
        answer = person.send("GET", asked.url)
        heard = answer_of(answer.headers["Location"])
        assert (answer.status_code, set(heard)) == (303, {"code", "state", "iss"})
        assert rp.redeem(asked, heard["code"]).status_code == 200
    refused = person.send("GET", rp.ask(scope="openid 48 51", resources=(SOURCE,), prompt="none").url)
    assert answer_of(refused.headers["Location"])["error"] == "consent_required"


def test_a_form_from_another_site_is_told_apart_after_a_redirect(rp: RelyingParty, person: Person) -> None:
    """A browser keeps the session's cookie back from such a POST; the GET that follows has it (SameSite=Lax)."""
    person.authorize(asking(rp), duration="until_stopped")
    asked, cookies = asking(rp, prompt="none"), person.cookies
    address, _, _ = asked.url.partition("?")
    posted = requests.post(address, data=asked.parameters, allow_redirects=False, timeout=20)
    assert posted.status_code == 303
    kept = cookies | posted.cookies.get_dict()
    back = requests.get(urljoin(address, posted.headers["Location"]), cookies=kept, allow_redirects=False, timeout=20)
    assert "code" in answer_of(back.headers["Location"])


def test_none_is_for_the_person_who_agreed(rp: RelyingParty, new_person: Callable[[], Person]) -> None:
    """Somebody else's standing consent carries nothing."""
    new_person().authorize(asking(rp), FROUKE, duration="until_stopped")
    other = new_person()
    other.authorize(asking(rp), PIETER)
    assert told(other, asking(rp, prompt="none"))["error"] == "consent_required"


def test_login_asks_again(rp: RelyingParty, person: Person) -> None:
    """`prompt=login` shows the login page although there is a session; answered, it is not asked a second time."""
    first = asking(rp)
    before = claims_of(rp.redeem(first, person.authorize(first, duration="until_stopped")).json()["id_token"])
    again = asking(rp, prompt="login")
    stands_at(person, again, "login-submit")
    person.log_in()
    assert person.answer is not None
    after = claims_of(rp.redeem(again, person.answer["code"]).json()["id_token"])
    # The same person keeps the session (rule 36).
    assert after["sid"] == before["sid"]
    assert after["auth_time"] >= before["auth_time"]


def test_consent_asks_again(rp: RelyingParty, person: Person) -> None:
    """`prompt=consent` shows the consent page although a consent stands; answered, it is not asked a second time."""
    person.authorize(asking(rp), duration="until_stopped")
    again = asking(rp, prompt="consent")
    stands_at(person, again, "consent-give")
    person.consent()
    assert person.answer is not None
    assert rp.redeem(again, person.answer["code"]).status_code == 200


def test_login_and_consent_together(rp: RelyingParty, person: Person) -> None:
    """Both are asked, each once."""
    person.authorize(asking(rp), duration="until_stopped")
    again = asking(rp, prompt="login consent")
    stands_at(person, again, "login-submit")
    person.log_in()
    assert "consent-give" in person.page.elements
    person.consent()
    assert person.answer is not None
    assert "code" in person.answer


def test_max_age(rp: RelyingParty, person: Person) -> None:
    """`max_age=0` asks for a new login; a generous one does not. With `prompt=none` it is `login_required`."""
    person.authorize(asking(rp), duration="until_stopped")
    assert "code" in told(person, asking(rp, max_age="3600"))
    assert told(person, asking(rp, max_age="0", prompt="none"))["error"] == "login_required"
    again = asking(rp, max_age="0")
    stands_at(person, again, "login-submit")
    person.log_in()
    assert person.answer is not None
    assert "auth_time" in claims_of(rp.redeem(again, person.answer["code"]).json()["id_token"])


def test_max_age_still_counts_after_the_login(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Who logs in for `max_age=0` and answers after more than five minutes logs in once more, for that app."""
    backroom.forget_consents()
    asked = asking(rp, max_age="0")
    person.open(asked.url)
    person.log_in()
    assert "consent-give" in person.page.elements
    long_ago = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=6)
    backroom.change_session(person.cookies["vad_session"], auth_time=long_ago)
    person.consent()
    assert "login-submit" in person.page.elements
    assert "Wat u invulde, is bewaard." in person.page.text
    assert "U bent uitgelogd" not in person.page.text
    person.log_in()
    person.press("consent-give")
    assert person.answer is not None
    claims = claims_of(rp.redeem(asked, person.answer["code"]).json()["id_token"])
    assert claims["auth_time"] > long_ago.timestamp()


def test_none_keeps_nobody_logged_in(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Rule 36: an app that asks without the person gets its code, and the 15 minutes go on; another request counts."""
    person.authorize(asking(rp), duration="until_stopped")
    backroom.forget_consents()
    cookie = person.cookies["vad_session"]
    long_ago = datetime.now(UTC) - timedelta(minutes=14)
    backroom.change_session(cookie, last_active=long_ago)
    assert told(person, asking(rp, prompt="none"))["error"] == "consent_required"
    # As a form of another site, which brings the session only to the page that takes it up again.
    parameters = dict(asking(rp, prompt="none").parameters)
    way_on = requests.post(f"{rp.issuer}/authorize", data=parameters, allow_redirects=False, timeout=20)
    person.open(f"{rp.issuer}{way_on.headers['Location']}")
    assert person.answer is not None
    assert person.answer["error"] == "consent_required"
    session = backroom.sessions.get(cookie)
    assert session is not None
    assert session.last_active == long_ago
    stands_at(person, asking(rp), "consent-give")
    session = backroom.sessions.get(cookie)
    assert session is not None
    assert session.last_active > long_ago


def test_a_higher_level_asks_again(rp: RelyingParty, person: Person) -> None:
    """A session at Substantieel does not do for Hoog: a new login, at Hoog, in the same session (rules 35, 36)."""
    first = asking(rp)
    before = claims_of(rp.redeem(first, person.authorize(first, duration="until_stopped")).json()["id_token"])
    assert before["acr"] == SUBSTANTIAL
    assert told(person, asking(rp, acr_values=HIGH, prompt="none"))["error"] == "login_required"
    again = asking(rp, acr_values=HIGH)
    stands_at(person, again, "login-submit")
    person.log_in(level="hoog")
    assert person.answer is not None
    after = claims_of(rp.redeem(again, person.answer["code"]).json()["id_token"])
    assert (after["acr"], after["sid"]) == (HIGH, before["sid"])
    # And Hoog does for Substantieel.
    assert "code" in told(person, asking(rp, acr_values=SUBSTANTIAL, prompt="none"))


def test_a_level_that_comes_back_too_low(rp: RelyingParty, person: Person) -> None:
    """The level that came back counts, not the one asked for (rule 35): no session, no code."""
    asked = asking(rp, acr_values=HIGH)
    person.open(asked.url)
    page = person.log_in(outcome="too_low")
    assert person.answer is None
    assert "login-submit" in page.elements
    assert told(person, asking(rp, prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize("acr_values", [HIGH + " " + SUBSTANTIAL, SUBSTANTIAL + " urn:unknown", "urn:unknown"])
def test_any_of_several_levels_will_do(rp: RelyingParty, person: Person, acr_values: str) -> None:
    """`acr_values` are alternatives (OIDC Core 3.1.2.1); none of them lowers what VAD itself demands."""
    person.authorize(asking(rp), duration="until_stopped")
    assert "code" in told(person, asking(rp, acr_values=acr_values, prompt="none"))


def test_a_lower_level_is_not_given(rp: RelyingParty, person: Person) -> None:
    """Asking for Midden gives Substantieel: the client's own minimum holds (rules 1 and 35)."""
    asked = asking(rp, acr_values="http://eidas.europa.eu/LoA/low")
    code = person.authorize(asked)
    assert claims_of(rp.redeem(asked, code).json()["id_token"])["acr"] == SUBSTANTIAL
