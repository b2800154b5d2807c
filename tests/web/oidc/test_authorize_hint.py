"""The authorization endpoint and whom the app expects: id_token_hint, and who wants to choose (OIDC Core 3.1.2.1)."""

from collections.abc import Callable

import pytest

from tests.support.backroom import Backroom
from tests.support.person import FROUKE, PIETER, Person
from tests.support.relying_party_client import RelyingParty, claims_of, new_key, sign
from tests.web.oidc.inside import Inside
from tests.web.oidc.test_authorize_prompt import asking, stands_at, told
from tests.web.oidc.test_rp_logout import resigned

pytestmark = pytest.mark.slow


def id_token_of(rp: RelyingParty, person: Person, bsn: str = FROUKE) -> str:
    """The ID token of a person who logged in and agreed for longer."""
    asked = asking(rp)
    return str(rp.redeem(asked, person.authorize(asked, bsn, duration="until_stopped")).json()["id_token"])


def test_the_same_person_goes_on(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """The hint names who is logged in: the code comes at once, also when the hint has expired."""
    hint = id_token_of(rp, person)
    for each in (hint, resigned(inside, hint, exp=1)):
        assert "code" in told(person, asking(rp, prompt="none", id_token_hint=each))


def test_somebody_else_without_pages(rp: RelyingParty, new_person: Callable[[], Person]) -> None:
    """With `prompt=none`, another person than the hint names is `login_required`."""
    hint = id_token_of(rp, new_person(), PIETER)
    person = new_person()
    id_token_of(rp, person)
    answer = told(person, asking(rp, prompt="none", id_token_hint=hint))
    assert (answer["error"], answer.get("code")) == ("login_required", None)
    # Their own login is untouched.
    assert "code" in told(person, asking(rp, prompt="none"))


def test_somebody_else_must_make_way(rp: RelyingParty, new_person: Callable[[], Person], backroom: Backroom) -> None:
    """The login page comes, and only the person of the hint gets any further."""
    hint = id_token_of(rp, new_person(), PIETER)
    person = new_person()
    id_token_of(rp, person)
    asked = asking(rp, id_token_hint=hint)
    stands_at(person, asked, "login-submit")
    person.log_in(FROUKE)
    assert person.answer is not None
    assert (person.answer["error"], person.answer.get("code")) == ("login_required", None)
    assert backroom.events("authorization.refused")[-1]["reason"] == "login_required"
    again = asking(rp, id_token_hint=hint)
    stands_at(person, again, "login-submit")
    person.log_in(PIETER)
    assert person.answer is not None
    assert claims_of(rp.redeem(again, person.answer["code"]).json()["id_token"])["sub"] == claims_of(hint)["sub"]


@pytest.mark.parametrize("kind", ["another app's", "forged", "access token", "logout token"])
def test_a_hint_that_is_none(rp: RelyingParty, person: Person, inside: Inside, kind: str) -> None:
    """A hint that VAD did not give to this app is `invalid_request`, and nobody is asked anything."""
    hint = id_token_of(rp, person)
    wrong = {
        "another app's": resigned(inside, hint, aud="rp-two"),
        "forged": sign(claims_of(hint), new_key("forged"), {"typ": "JWT"}),
        "access token": resigned(inside, hint, typ="at+jwt"),
        "logout token": resigned(inside, hint, typ="logout+jwt"),
    }[kind]
    assert told(person, asking(rp, id_token_hint=wrong))["error"] == "invalid_request"


def test_choosing_an_account_is_logging_in(rp: RelyingParty, person: Person) -> None:
    """`prompt=select_account` shows the login page although there is a session: at DigiD anybody may log in."""
    id_token_of(rp, person)
    again = asking(rp, prompt="select_account")
    stands_at(person, again, "login-submit")
    person.log_in(FROUKE)
    assert person.answer is not None
    assert "code" in person.answer


def test_the_time_of_the_login_stands_still(rp: RelyingParty, person: Person) -> None:
    """`auth_time` is that of the login, whatever is asked afterwards and by whichever grant (OIDC Core section 2)."""
    first = claims_of(id_token_of(rp, person))["auth_time"]
    for more in ({"prompt": "none"}, {"prompt": "none", "max_age": "3600"}, {"max_age": "10000000"}):
        asked = asking(rp, **more)
        again = rp.redeem(asked, told(person, asked)["code"]).json()
        assert claims_of(again["id_token"])["auth_time"] == first


def test_a_login_hint_stands_nowhere(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Whatever an app puts in `login_hint`, a BSN too, is ignored: no page shows it, no event holds it."""
    stands_at(person, asking(rp, login_hint="999990457"), "login-submit")
    assert "999990457" not in person.page.text
    assert "999990457" not in person.page.url
    person.press("cancel")
    assert "999990457" not in str(backroom.events("authorization.refused"))
