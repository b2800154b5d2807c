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

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%grants%%'"


@contextmanager
def stopped(
    inside: Inside, grant_id: str, state: str, use: Use, *, commit: bool
) -> Iterator[Future[requests.Response]]:
    """Begin a stop, let a request come as far as that, and then let the stop happen, or not."""
    url = inside.town.database.superuser_url.replace("+psycopg2", "", 1)
    with ThreadPoolExecutor(1) as pool, closing(psycopg2.connect(url)) as connection:
        connection.cursor().execute("UPDATE grants SET state = %s WHERE grant_id = %s", (state, grant_id))
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
    with stopped(inside, grant_id, state, use, commit=commit) as answer:
        response = answer.result(timeout=20)
    assert response.status_code == (400 if commit else 200), response.text
    assert inside.ask(issued, grant_id)[0][0] == before + (0 if commit else 1)
    refused = "SELECT reason FROM audit_events WHERE type = 'token.refused' AND grant_id = %s"
    assert inside.ask(refused, grant_id) == ([("GRANT_ENDED",)] if commit else [])
