"""PostgreSQL or Redis away, read-only, killed or flushed: no token, a clear word, nothing lost, and it heals itself."""

import time
from collections.abc import Callable

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.own_stores import Stores
from tests.support.person import FROUKE, PIETER, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town

pytestmark = pytest.mark.slow

LAB = "https://source.example"
NewPerson = Callable[[], Person]
AWAY = "VAD werkt nu even niet"
_RECOVERY = 10.0
"""Seconds within which everything must work again."""


def assert_away(answer: requests.Response) -> None:
    """A page in plain words, with 503 and when to come back."""
    assert answer.status_code == 503, (answer.request.url, answer.status_code)
    assert AWAY in answer.text
    assert "Het ligt niet aan u." in answer.text
    assert int(answer.headers["Retry-After"]) > 0


def assert_no_token(answer: requests.Response) -> None:
    """JSON that says to try again, and nothing that could be a token."""
    assert answer.status_code == 503
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == "temporarily_unavailable"
    assert int(answer.headers["Retry-After"]) > 0


def soon(works: Callable[[], bool]) -> None:
    """It works again by itself, in time."""
    deadline = time.monotonic() + _RECOVERY
    while not works():
        assert time.monotonic() < deadline, "it did not recover"


def agree(person: Person, rp: RelyingParty, bsn: str = FROUKE, duration: str = "once") -> tuple[dict[str, str], str]:
    """The whole way: the issuer's own tokens, and a second code that was not redeemed yet."""
    asked = rp.ask(resources=(LAB,), scope="openid 51")
    own = rp.redeem(asked, person.authorize(asked, bsn, duration=duration)).json()
    return own, person.authorize(rp.ask(resources=(LAB,), scope="openid 51"), bsn, duration=duration)


def test_without_postgresql_nothing_is_given_and_nothing_lost(
    vad_town: Town, stores: Stores, rp: RelyingParty, new_person: NewPerson
) -> None:
    """Every page and the token endpoint say 503 clearly; afterwards sessions and grants go on as they were."""
    known, at_consent, at_login, new, at_digid = (new_person() for _ in range(5))
    own, _ = agree(known, rp)
    known.open(f"{vad_town.issuer}/mijn/activiteit")
    logout = known.filled_in("logout")
    at_consent.open(rp.ask(resources=(LAB,), scope="openid 51").url)
    at_consent.log_in(PIETER)
    at_login.open(rp.ask(resources=(LAB,), scope="openid 51").url)
    at_digid.open(f"{vad_town.issuer}/inloggen")
    at_digid.press("login-submit")
    stores.postgres.stop()
    assert_away(new.send("GET", "/inloggen"))
    new.open(rp.ask(resources=(LAB,), scope="openid 51").url)
    assert_away(new.seen[-1])
    assert_away(at_login.send("POST", at_login.page.url, at_login.filled_in("login-submit")))
    at_digid.press("login-submit", {"bsn": PIETER})
    assert_away(at_digid.seen[-1])
    answer = at_consent.filled_in("consent-give") | {"source": [LAB], "duration": ["once"], "action": ["give"]}
    assert_away(at_consent.send("POST", at_consent.page.url, answer))
    assert_away(known.send("GET", "/mijn/activiteit"))
    assert_away(known.send("POST", "/uitloggen", logout))
    known.open(rp.ask(resources=(LAB,), scope="openid 51").url)
    assert_away(known.seen[-1])
    assert_no_token(rp.refresh(own["refresh_token"]))
    assert_no_token(rp.exchange(own["access_token"], LAB))
    assert known.send("GET", "/readyz").json()["parts"] == {
        "postgresql": False,
        "schema": False,
        "keys": True,
        "redis": True,
    }
    assert known.send("GET", "/healthz").status_code == 200
    assert known.send("GET", "/hulp").status_code == 200
    stores.postgres.start()
    soon(lambda: known.send("GET", "/mijn/activiteit").status_code == 200)
    assert rp.refresh(own["refresh_token"]).status_code == 200
    at_consent.open(at_consent.page.url)
    at_consent.consent()
    assert at_consent.answer is not None
    at_login.press("login-submit")
    assert at_login.page.address.startswith(vad_town.address("digid"))
    at_digid.open(f"{vad_town.issuer}/inloggen")
    assert at_digid.log_in(PIETER).address.endswith("/mijn/activiteit")


def test_a_code_of_the_outage_gives_no_token(
    stores: Stores, rp: RelyingParty, person: Person, backroom: Backroom
) -> None:
    """A code presented while PostgreSQL is away is spent without a token and without an event of one."""
    asked = rp.ask(resources=(LAB,), scope="openid 51")
    code = person.authorize(asked)
    stores.postgres.stop()
    assert_no_token(rp.redeem(asked, code))
    stores.postgres.start()
    soon(lambda: person.send("GET", "/readyz").status_code == 200)
    assert rp.redeem(asked, code).json()["error"] == "invalid_grant"
    assert backroom.events("token.issued") == []
    assert person.authorize(rp.ask(resources=(LAB,), scope="openid 51"))


def test_a_killed_postgresql_loses_nothing_that_was_answered(
    stores: Stores, rp: RelyingParty, person: Person, backroom: Backroom
) -> None:
    """After kill -9 of the server: every token that left has its event, and everything goes on after its return."""
    own, _ = agree(person, rp, duration="until_stopped")
    issued = len(backroom.events("token.issued"))
    assert rp.exchange(own["access_token"], LAB).status_code == 200
    stores.postgres.kill()
    answered = 1
    # Its children outlive it for a moment, and what they commit is as durable as ever.
    while (answer := rp.exchange(own["access_token"], LAB)).status_code == 200:
        answered += 1
    assert_no_token(answer)
    stores.postgres.start()
    soon(lambda: rp.exchange(own["access_token"], LAB).status_code == 200)
    assert len(backroom.events("token.issued")) == issued + answered + 1
    assert person.authorize(rp.ask(resources=(LAB,), scope="openid 51"), duration="until_stopped")
    backroom.forget_consents()


def test_a_postgresql_that_only_reads_gives_no_token(
    stores: Stores, rp: RelyingParty, person: Person, backroom: Backroom
) -> None:
    """After a fail-over to a standby nothing can be written down, so nothing leaves."""
    own, _ = agree(person, rp)
    try:
        backroom.ask("ALTER SYSTEM SET default_transaction_read_only = on")
        backroom.ask("SELECT pg_reload_conf()")
        soon(lambda: rp.exchange(own["access_token"], LAB).status_code == 503)
        assert_no_token(rp.refresh(own["refresh_token"]))
        assert_away(person.send("GET", "/mijn/activiteit"))
    finally:
        backroom.ask("ALTER SYSTEM RESET default_transaction_read_only")
        backroom.ask("SELECT pg_reload_conf()")
    soon(lambda: rp.refresh(own["refresh_token"]).status_code == 200)


def test_without_redis_nothing_is_given(
    vad_town: Town, stores: Stores, rp: RelyingParty, new_person: NewPerson
) -> None:
    """Guards against replay can't be asked, so they fail closed: 503 everywhere; a restarted Redis works by itself."""
    known, new = new_person(), new_person()
    own, code = agree(known, rp)
    new.open(f"{vad_town.issuer}/inloggen")
    form = new.filled_in("login-submit")
    stores.redis.kill()
    assert_away(new.send("GET", "/inloggen"))
    assert_away(new.send("POST", "/inloggen", form))
    assert_away(new.send("GET", rp.ask().url))
    assert_away(known.send("GET", "/mijn/activiteit"))
    assert_away(known.send("GET", "/authorize/resume?flow=x"))
    assert_away(known.send("GET", "/toestemming?flow=x"))
    assert_away(known.send("GET", "/digid/callback?state=x&code=x"))
    asked = rp.ask()
    for answer in (
        rp.redeem(asked, code),
        rp.refresh(own["refresh_token"]),
        rp.exchange(own["access_token"], LAB),
    ):
        assert_no_token(answer)
    assert known.send("GET", "/readyz").json()["parts"] == {
        "postgresql": True,
        "schema": True,
        "keys": True,
        "redis": False,
    }
    stores.redis.start()
    soon(lambda: rp.refresh(own["refresh_token"]).status_code == 200)
    assert known.send("GET", "/mijn/activiteit").status_code == 303
    new.open(f"{vad_town.issuer}/inloggen")
    assert new.log_in(PIETER).address.endswith("/mijn/activiteit")


def test_a_flushed_redis_costs_a_login_and_nothing_else(
    vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom, stores: Stores
) -> None:
    """Codes from before are worthless; people log in again and find consents and activity as they left them."""
    own, _ = agree(person, rp, duration="until_stopped")
    asked = rp.ask(resources=(LAB,), scope="openid 51")
    code = person.authorize(asked, duration="until_stopped")
    events = len(backroom.events("login.succeeded", "consent.given", "token.issued"))
    backroom.redis.client.flushall()
    assert rp.redeem(asked, code).json()["error"] == "invalid_grant"
    assert person.send("GET", "/mijn/activiteit").status_code == 303
    again = rp.ask(resources=(LAB,), scope="openid 51")
    person.open(again.url)
    person.log_in(FROUKE)
    assert person.answer is not None
    assert person.page.status == 0, "a standing consent is not asked for again"
    assert rp.redeem(again, person.answer["code"]).status_code == 200
    text = person.open(f"{vad_town.issuer}/mijn/activiteit").text
    for happened in ("Toestemming gegeven", "Ingelogd met DigiD"):
        assert happened in text
    assert len(backroom.events("login.succeeded", "consent.given", "token.issued")) == events + 2
    assert rp.refresh(own["refresh_token"]).status_code == 200
    backroom.forget_consents()


def test_a_flush_in_the_middle_of_everything_is_a_page(
    rp: RelyingParty, new_person: NewPerson, backroom: Backroom, stores: Stores
) -> None:
    """Who was on a page of a flow, or at DigiD, is told to start again; nobody is let in by it."""
    at_login, at_digid, at_consent = new_person(), new_person(), new_person()
    for person in (at_login, at_digid, at_consent):
        person.open(rp.ask(resources=(LAB,), scope="openid 51").url)
    at_digid.press("login-submit")
    at_consent.log_in(PIETER)
    backroom.redis.client.flushall()
    for person, press in ((at_login, "login-submit"), (at_consent, "consent-refuse")):
        page = person.press(press)
        assert (page.status, page.heading) == (400, "Deze pagina werkt niet meer")
    page = at_digid.press("login-submit", {"bsn": FROUKE})
    assert (page.status, page.heading) == (400, "Deze pagina werkt niet meer")
    assert "vad_session" not in at_digid.cookies
