"""RP-Initiated Logout OP and Back-Channel Logout OP: what no other test shows. docs/conformance.md has them all."""

import secrets
from urllib.parse import urlencode

import pytest

from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town_fixtures import LOGGED_OUT

OURS = LOGGED_OUT[0]


def logged_out(rp: RelyingParty, person: Person) -> bool:
    """Whether a request with `prompt=none` now needs the person, as each module ends."""
    person.answer = None
    person.open(rp.ask(prompt="none").url)
    answer: dict[str, str] = person.answer or {}
    return answer.get("error") == "login_required"


def id_token(rp: RelyingParty, person: Person) -> str:
    """That of a login by this app."""
    asked = rp.ask()
    return str(rp.redeem(asked, person.authorize(asked, duration="until_stopped")).json()["id_token"])


@pytest.mark.parametrize("state", [None, secrets.token_urlsafe(96)], ids=["no-state", "state"])
def test_oidcc_rp_initiated_logout(rp: RelyingParty, person: Person, state: str | None) -> None:
    """Back at the app with the state as it was, or without one; and logged out."""
    asked = {"id_token_hint": id_token(rp, person), "post_logout_redirect_uri": OURS, "state": state}
    person.open(f"{rp.issuer}/logout?{urlencode({name: each for name, each in asked.items() if each is not None})}")
    assert person.answer == ({} if state is None else {"state": state})
    assert logged_out(rp, person)


@pytest.mark.parametrize("state", [None, "s"], ids=["no-params", "only-state"])
def test_the_person_says_yes(rp: RelyingParty, person: Person, state: str | None) -> None:
    """`…-no-params`, `…-only-state`: whoever comes without a hint is asked, and then reads that they are logged out."""
    id_token(rp, person)
    person.answer = None
    person.open(f"{rp.issuer}/logout{'' if state is None else f'?state={state}'}")
    assert person.press("logout-confirm").heading == "U bent uitgelogd"
    assert person.answer is None
    assert logged_out(rp, person)


def test_oidcc_rp_initiated_logout_no_id_token_hint(rp: RelyingParty, person: Person) -> None:
    """An address to go back to, of an app that is not named: a page, and nobody is sent anywhere or logged out."""
    id_token(rp, person)
    answer = person.send("GET", f"/logout?{urlencode({'post_logout_redirect_uri': OURS, 'state': 's'})}")
    assert (answer.status_code, answer.headers.get("Location")) == (400, None)
    person.open(rp.ask(prompt="none").url)
    assert person.answer is not None
    assert "code" in person.answer


def test_oidcc_rp_initiated_logout_modified_id_token_hint(rp: RelyingParty, person: Person) -> None:
    """A hint whose signature was taken away (`none`) asks the person, as one that is none does; nothing leads back."""
    _, body, _ = id_token(rp, person).split(".")
    for hint in (f"eyJhbGciOiJub25lIn0.{body}.", "x"):
        asked = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": OURS, "state": "s"})
        person.answer = None
        page = person.open(f"{rp.issuer}/logout?{asked}")
        assert page.status in {200, 400}
        assert person.answer is None
        assert OURS not in page.text
