"""No token leaves after a stop that has committed, however far its request had come (rule 2, RFC 9700 section 4.14)."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager

import psycopg2
import pytest
import requests

from tests.support.person import Person, tokens
from tests.support.relying_party_client import RelyingParty
from tests.web.oidc.inside import SOURCE, Inside

Use = Callable[[], requests.Response]

_WAITING = """SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND (query LIKE '%%grants%%' OR query LIKE 'EXECUTE append_if%%')"""
"""What issues is prepared, so its query names no table."""


@contextmanager
def stopped(
    inside: Inside, statement: str, values: tuple[str, ...], use: Use, *, commit: bool
) -> Iterator[Future[requests.Response]]:
    """Begin a stop, let a request come as far as that, and then let the stop happen, or not."""
    url = inside.town.database.superuser_url.replace("+psycopg2", "", 1)
    with ThreadPoolExecutor(1) as pool, closing(psycopg2.connect(url)) as connection:
        connection.cursor().execute(statement, values)
        answer = pool.submit(use)
        until = time.monotonic() + 20
        while inside.ask(_WAITING) == [(0,)]:
            assert not answer.done(), "nobody looked at the grant again"
            assert time.monotonic() < until, "the request does not come to its grant"
        if commit:
            connection.commit()
        else:
            connection.rollback()
        yield answer


@pytest.fixture
def held(rp: RelyingParty, person: Person) -> dict[str, str]:
    """Give the tokens of a fresh login."""
    return tokens(rp, person, (SOURCE,), "openid 48 51")


@pytest.mark.parametrize("state", ["revoked", "ended"])
@pytest.mark.parametrize("how", ["exchange", "refresh", "repeated refresh"])
@pytest.mark.parametrize("commit", [True, False])
def test_a_stop_that_commits_first_wins(
    rp: RelyingParty, held: dict[str, str], inside: Inside, state: str, how: str, *, commit: bool
) -> None:
    """Exchange, refresh and its repetition look at the grant again when they commit, and wait for who ends it."""
    if how == "repeated refresh":
        rp.refresh(held["refresh_token"])
    use: Use = {
        "exchange": lambda: rp.exchange(held["access_token"], SOURCE),
        "refresh": lambda: rp.refresh(held["refresh_token"]),
        "repeated refresh": lambda: rp.refresh(held["refresh_token"]),
    }[how]
    grant_id = inside.grant_id(held["access_token"])
    issued = "SELECT count(*) FROM audit_events WHERE type = 'token.issued' AND grant_id = %s"
    before = inside.ask(issued, grant_id)[0][0]
    ending = "UPDATE grants SET state = %s WHERE grant_id = %s"
    with stopped(inside, ending, (state, grant_id), use, commit=commit) as answer:
        response = answer.result(timeout=20)
    assert response.status_code == (400 if commit else 200), response.text
    assert inside.ask(issued, grant_id)[0][0] == before + (0 if commit else 1)
    refused = "SELECT reason FROM audit_events WHERE type = 'token.refused' AND grant_id = %s"
    assert inside.ask(refused, grant_id) == ([("GRANT_ENDED",)] if commit else [])


@pytest.mark.parametrize("how", ["code", "exchange", "refresh"])
@pytest.mark.parametrize("commit", [True, False])
def test_a_stopped_consent_that_commits_first_wins(
    rp: RelyingParty, person: Person, inside: Inside, how: str, *, commit: bool
) -> None:
    """Rule 3: consent is looked at once more in the moment of issuing, and who is stopping it is waited for."""
    held = tokens(rp, person, (SOURCE,), "openid 48 51")
    grant_id = inside.grant_id(held["access_token"])
    asked = rp.ask(resources=(SOURCE,), scope="openid 48 51")
    code = person.authorize(asked) if how == "code" else ""
    use: Use = {
        "code": lambda: rp.redeem(asked, code),
        "exchange": lambda: rp.exchange(held["access_token"], SOURCE),
        "refresh": lambda: rp.refresh(held["refresh_token"]),
    }[how]
    ending = "UPDATE consents SET withdrawn_at = greatest(given_at, now()) WHERE withdrawn_at IS NULL"
    since = inside.ask("SELECT pg_current_xact_id()::text::bigint")[0][0]
    with stopped(inside, ending, (), use, commit=commit) as answer:
        response = answer.result(timeout=20)
    assert response.status_code == (400 if commit else 200), response.text
    refused = "SELECT reason, grant_id FROM audit_events WHERE type = 'token.refused' AND txid::text::bigint > %s"
    found = inside.ask(refused, since)
    assert [reason for reason, _ in found] == (["NO_CONSENT"] if commit else [])
    assert how == "code" or not commit or str(found[0][1]) == grant_id
    if commit:
        assert response.json()["error"] == "invalid_grant"
