"""No event, no answer: what leaves has its event, and what has none has not left (ADR 0004; rule 39)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import requests
from psycopg2 import sql
from sqlalchemy import make_url

from tests.support.database import FreshDatabase, Server, ask, role_of
from tests.support.person import FROUKE, Person, tokens
from tests.support.relying_party_client import Asked, RelyingParty, claims_of
from tests.web.oidc.inside import SOURCE, Inside
from vad.adapters.postgres.granting import APPEND_EVENTS

pytestmark = pytest.mark.slow

SCOPE = "openid 48 51"
TOKENS = {"access_token", "refresh_token", "id_token"}

Outage = Callable[[], AbstractContextManager[None]]


@pytest.fixture(params=["no insert", "read-only", "away"])
def outage(request: pytest.FixtureRequest, postgres: Server, town_database: FreshDatabase) -> Outage:
    """Give a way to make PostgreSQL refuse, inside a block, what must be written before an answer."""
    database = sql.Identifier(str(make_url(town_database.app_url).database))
    role = sql.Identifier(role_of(town_database.app_url))
    breaks, mends = {
        "no insert": (
            sql.SQL("REVOKE INSERT ON audit_events FROM {}").format(role),
            sql.SQL("GRANT {} ON audit_events TO {}").format(sql.SQL(APPEND_EVENTS), role),
        ),
        "read-only": (
            sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(database),
            sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(database),
        ),
        "away": (
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(database),
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(database),
        ),
    }[request.param]
    inside_it = request.param == "no insert"
    url = town_database.superuser_url if inside_it else postgres.superuser_url

    def everybody_out() -> None:
        ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        ask(postgres.superuser_url, ending, (make_url(town_database.app_url).database,))

    @contextmanager
    def broken() -> Iterator[None]:
        ask(url, breaks)
        try:
            if not inside_it:
                everybody_out()
            yield
        finally:
            ask(url, mends)
            if not inside_it:
                everybody_out()

    return broken


def nothing_left(response: requests.Response) -> bool:
    """Whether this is a clear error that tells nothing of what went wrong, and holds no token."""
    body: dict[str, Any] = response.json()
    assert not TOKENS & body.keys()
    assert "audit" not in response.text
    assert "no-store" in response.headers["Cache-Control"]
    return (response.status_code, body["error"]) in {(503, "temporarily_unavailable"), (500, "server_error")}


def with_code(rp: RelyingParty, person: Person) -> tuple[Asked, str]:
    """A request that was answered with a code."""
    asked = rp.ask(scope=SCOPE, resources=(SOURCE,))
    return asked, person.authorize(asked)


def test_no_code_is_redeemed_without_its_event(
    rp: RelyingParty, person: Person, inside: Inside, outage: Outage
) -> None:
    """No token leaves, no grant is left half written, and the person gets on with a new login at the app."""
    asked, code = with_code(rp, person)
    alerts = inside.ask("SELECT count(*) FROM outbox WHERE kind = 'security-alert'")
    with outage():
        answer = rp.redeem(asked, code)
        assert nothing_left(answer)
        assert answer.status_code != 503 or "begin a new authorization request" in answer.text
    # Who tries again all the same is no thief.
    assert rp.redeem(asked, code).json()["error"] == "invalid_grant"
    assert inside.ask("SELECT count(*) FROM outbox WHERE kind = 'security-alert'") == alerts
    assert inside.ask("SELECT count(*) FROM grants WHERE code_hash = %s", inside.handles.code_hash(code)) == [(0,)]
    again, code = with_code(rp, person)
    answer = rp.redeem(again, code)
    assert answer.status_code == 200, answer.text
    assert inside.events("token.issued", claims_of(answer.json()["access_token"])["jti"]) == 1


def test_no_refresh_without_its_event(rp: RelyingParty, person: Person, inside: Inside, outage: Outage) -> None:
    """The refresh token is not used up by an answer that never came: it works when PostgreSQL does."""
    held = tokens(rp, person, (SOURCE,), SCOPE)
    with outage():
        assert nothing_left(rp.refresh(held["refresh_token"]))
    assert inside.grant(held["access_token"], "state, refresh_generation") == ("active", 0)
    assert rp.refresh(held["refresh_token"]).status_code == 200


def test_no_exchange_without_its_event(rp: RelyingParty, person: Person, outage: Outage) -> None:
    """No source's token leaves; later it does."""
    held = tokens(rp, person, (SOURCE,), SCOPE)
    with outage():
        assert nothing_left(rp.exchange(held["access_token"], SOURCE))
    assert rp.exchange(held["access_token"], SOURCE).status_code == 200


def test_no_refusal_without_its_event(rp: RelyingParty, outage: Outage) -> None:
    """A client is not told no either, as long as that can't be written down."""
    with outage():
        assert nothing_left(rp.refresh("unknown"))
        assert nothing_left(rp.redeem(rp.ask(), "unknown"))
    assert rp.refresh("unknown").json()["error"] == "invalid_grant"


def test_no_code_without_its_event(rp: RelyingParty, person: Person, inside: Inside, outage: Outage) -> None:
    """With a login and a standing consent there is still no code: a page says so, and the app can ask again."""
    person.authorize(rp.ask(scope=SCOPE, resources=(SOURCE,)), duration="until_stopped")
    before = inside.ask("SELECT count(*) FROM audit_events WHERE type = 'authorization.granted'")
    person.answer = None
    with outage():
        page = person.open(rp.ask(scope=SCOPE, resources=(SOURCE,)).url)
    assert person.answer is None
    assert page.status in {500, 503}
    assert inside.ask("SELECT count(*) FROM audit_events WHERE type = 'authorization.granted'") == before
    assert person.open(rp.ask(scope=SCOPE, resources=(SOURCE,)).url).status == 0
    assert "code" in (person.answer or {})


def test_no_consent_without_its_event(rp: RelyingParty, person: Person, inside: Inside, outage: Outage) -> None:
    """What the person agreed to is kept with its event or not at all; the same page can be answered again."""
    asked = rp.ask(scope=SCOPE, resources=(SOURCE,))
    person.open(asked.url)
    person.log_in()
    shown, before = person.page, inside.ask("SELECT count(*) FROM consents")
    with outage():
        assert person.consent().status in {500, 503}
    assert inside.ask("SELECT count(*) FROM consents") == before
    person.page = shown
    person.consent()
    assert person.answer is not None
    assert rp.redeem(asked, person.answer["code"]).status_code == 200


def test_no_session_without_its_event(rp: RelyingParty, person: Person, outage: Outage) -> None:
    """A login that can't be written down is no login: no session cookie, and the person can log in later."""
    asked = rp.ask(scope=SCOPE, resources=(SOURCE,))
    person.open(asked.url)
    person.press("login-submit")
    with outage():
        assert person.press("login-submit", {"bsn": FROUKE}).status in {500, 503}
    assert "vad_session" not in person.cookies
    assert rp.redeem(asked, person.authorize(asked)).status_code == 200


def test_no_session_ends_unseen(rp: RelyingParty, person: Person, inside: Inside, outage: Outage) -> None:
    """Logging out is done with its event or, so that nobody is wrong about it, not at all."""
    held = tokens(rp, person, (SOURCE,), SCOPE)
    person.open(f"{rp.issuer}/mijn/activiteit")
    shown, button = person.page, next(name for name in person.page.elements if "logout" in name)
    with outage():
        assert person.press(button).status in {500, 503}
    assert inside.grant(held["access_token"]) == ("active",)
    person.page = shown
    person.press(button)
    assert inside.grant(held["access_token"]) == ("ended",)


def test_every_token_has_its_event(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """Each 200 of the token endpoint has one `token.issued` with its jti, its grant and how it was asked for."""
    asked, code = with_code(rp, person)
    first = rp.redeem(asked, code).json()
    answers = {
        "authorization_code": first,
        "refresh_token": rp.refresh(first["refresh_token"]).json(),
        "urn:ietf:params:oauth:grant-type:token-exchange": rp.exchange(first["access_token"], SOURCE).json(),
    }
    statement = """SELECT evidence->>'grant_type', grant_id::text, client_id, resource, basis, outcome
        FROM audit_events WHERE type = 'token.issued' AND evidence->>'jti' = %s"""
    for grant_type, answer in answers.items():
        claims = claims_of(answer["access_token"])
        resource = SOURCE if claims["aud"] == SOURCE else None
        event = (grant_type, inside.grant_id(first["access_token"]), rp.client_id, resource, "self", "success")
        assert inside.ask(statement, claims["jti"]) == [event]
    # A repeated refresh is another token, and another event.
    again = rp.refresh(first["refresh_token"]).json()
    assert inside.events("token.issued", claims_of(again["access_token"])["jti"]) == 1
