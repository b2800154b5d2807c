"""Redeeming an authorization code (RFC 6749 section 4.1.3, RFC 7636 section 4.6, RFC 9700 sections 2.1 and 4.5)."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import pytest
import requests

from tests.support.person import Person
from tests.support.relying_party_client import Asked, RelyingParty, claims_of
from tests.support.town import Town
from tests.web.oidc.inside import SOURCE, Inside


def with_code(rp: RelyingParty, person: Person, *resources: str) -> tuple[Asked, str]:
    """A request that was answered with a code; the app asks nobody's data where no source is named."""
    asked = rp.ask(scope="openid 48" if resources else "openid", resources=resources)
    return asked, person.authorize(asked)


def refused(response: requests.Response, error: str = "invalid_grant", status: int = 400) -> bool:
    """Whether this is that error, as RFC 6749 section 5.2 has it, and no cache keeps it."""
    assert response.headers["Content-Type"] == "application/json"
    assert "no-store" in response.headers["Cache-Control"]
    assert "access_token" not in response.text
    return (response.status_code, response.json()["error"]) == (status, error)


def dead(rp: RelyingParty, tokens: dict[str, Any]) -> bool:
    """Whether what a code gave is good for nothing any more."""
    renewed, exchanged = rp.refresh(tokens["refresh_token"]), rp.exchange(tokens["access_token"], SOURCE)
    return refused(renewed) and refused(exchanged, "invalid_request")


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": "w" * 42},
        {"code_verifier": "w" * 129},
        {"code_verifier": "é" * 43},
        {"redirect_uri": "https://rp.example/callback?app=1"},
        {"redirect_uri": "https://rp.example/callback/"},
        {"redirect_uri": "https://evil.example/é"},
    ],
    ids=str,
)
def test_what_was_asked_must_be_proved(rp: RelyingParty, person: Person, changes: dict[str, str]) -> None:
    """Another verifier or redirect URI than the request's is refused, and the code is spent by the attempt."""
    asked, code = with_code(rp, person, SOURCE)
    assert refused(rp.redeem(asked, code, **changes))
    assert refused(rp.redeem(asked, code))


@pytest.mark.parametrize("name", ["code", "code_verifier", "redirect_uri", "grant_type"])
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_missing(rp: RelyingParty, person: Person, name: str, value: str | None) -> None:
    """A missing or empty parameter is `invalid_request` (RFC 6749 section 3.2), and the code is not spent by it.

    But for the verifier: FAPI wants of none what RFC 7636 section 4.6 wants of another.
    """
    asked, code = with_code(rp, person)
    changes: dict[str, Any] = {"code": code, name: value}
    form = {"grant_type": "authorization_code", "redirect_uri": rp.redirect_uri, "code_verifier": asked.code_verifier}
    error = "invalid_grant" if name == "code_verifier" else "invalid_request"
    assert refused(rp.token({**form, **changes}), error)
    assert rp.redeem(asked, code).status_code == 200


@pytest.mark.parametrize("code", ["unknown", "é", "x" * 4096, "' OR 1=1 --"])
def test_an_unknown_code(rp: RelyingParty, code: str) -> None:
    """A code that VAD never gave is `invalid_grant`."""
    assert refused(rp.redeem(rp.ask(), code))


def test_a_code_is_its_clients_own(rp: RelyingParty, other_rp: RelyingParty, person: Person) -> None:
    """Another client gets nothing for a live code, and can't spend it (RFC 6749 section 10.5)."""
    asked, code = with_code(rp, person, SOURCE)
    assert refused(other_rp.redeem(asked, code))
    tokens = rp.redeem(asked, code).json()
    # Nor does it take back what its own client got for it.
    assert refused(other_rp.redeem(asked, code))
    assert rp.exchange(tokens["access_token"], SOURCE).status_code == 200
    assert rp.refresh(tokens["refresh_token"]).status_code == 200


def test_a_replayed_code_takes_back_what_it_gave(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """A code that comes twice is refused, and what it issued is revoked, with an event (RFC 9700 section 4.5)."""
    asked, code = with_code(rp, person, SOURCE)
    tokens = rp.redeem(asked, code).json()
    assert refused(rp.redeem(asked, code))
    assert dead(rp, tokens)
    assert inside.grant(tokens["access_token"]) == ("revoked",)
    statement = "SELECT reason FROM audit_events WHERE type = 'grant.revoked' AND grant_id = %s"
    grant_id = inside.grant_id(tokens["access_token"])
    assert inside.ask(statement, grant_id) == [("code_reused",)]
    # However often it comes again, it is revoked once.
    assert refused(rp.redeem(asked, code))
    assert inside.ask(statement, grant_id) == [("code_reused",)]


def test_of_many_at_once_one_wins_and_loses_all(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """Of 64 redemptions at the same moment one is answered, and since the code was used twice, with dead tokens."""
    asked, code = with_code(rp, person, SOURCE)
    begin = threading.Barrier(64)

    def redeem(assertion: str) -> requests.Response:
        begin.wait(timeout=30)
        return rp.redeem(asked, code, client_assertion=assertion)

    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(redeem, [rp.assertion() for _ in range(64)]))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert all(refused(answer) for answer in answers if answer not in won)
    assert dead(rp, won[0].json())
    assert inside.grant(won[0].json()["access_token"]) == ("revoked",)
    statement = "SELECT count(*) FROM grants WHERE code_hash = %s"
    assert inside.ask(statement, inside.handles.code_hash(code)) == [(1,)]


@contextmanager
def under_way(inside: Inside, use: Callable[[], requests.Response]) -> Iterator[Future[requests.Response]]:
    """Inside the block a redemption has spent its code and waits to write its grant; after it, it goes on."""
    waiting = """SELECT count(*) FROM pg_locks
        WHERE relation = 'grants'::regclass AND mode = 'RowExclusiveLock' AND NOT granted"""
    url = inside.town.database.superuser_url.replace("+psycopg2", "", 1)
    with ThreadPoolExecutor(1) as pool, closing(psycopg2.connect(url)) as connection:
        connection.cursor().execute("LOCK TABLE grants IN SHARE MODE")
        first = pool.submit(use)
        until = time.monotonic() + 20
        while inside.ask(waiting) == [(0,)]:
            assert time.monotonic() < until, "the redemption does not come to its grant"
        yield first
        connection.rollback()


def test_a_replay_while_the_first_use_is_under_way(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """A second use that comes before the first has written its grant is not missed: what the first gave is dead."""
    asked, code = with_code(rp, person, SOURCE)
    with under_way(inside, lambda: rp.redeem(asked, code)) as first:
        assert refused(rp.redeem(asked, code))
    answer = first.result(timeout=20)
    assert answer.status_code == 200
    assert dead(rp, answer.json())
    assert inside.grant(answer.json()["access_token"]) == ("revoked",)


def test_logging_out_while_a_code_is_redeemed(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """A login that ends before the grant is written leaves no grant behind it that lives on (rule 2)."""
    asked, code = with_code(rp, person, SOURCE)
    newest = "SELECT sid FROM audit_events WHERE type = 'login.succeeded' ORDER BY recorded_at DESC LIMIT 1"
    with under_way(inside, lambda: rp.redeem(asked, code)) as first:
        inside.expire("sid", inside.ask(newest)[0][0])
    assert refused(first.result(timeout=20))
    statement = "SELECT state FROM grants WHERE code_hash = %s"
    assert inside.ask(statement, inside.handles.code_hash(code)) == [("ended",)]


def test_a_code_that_expired(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """A code lives for a minute at most."""
    asked, code = with_code(rp, person)
    assert 0 < inside.expire("code", code) <= 60
    assert refused(rp.redeem(asked, code))


def test_a_spent_code_stays_spent_when_redis_forgets(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """A flushed Redis makes no code usable again, and the replay is still seen (RFC 6749 section 4.1.2)."""
    asked, code = with_code(rp, person, SOURCE)
    tokens = rp.redeem(asked, code).json()
    for key in inside.redis.scan_iter("vad:*:used"):
        inside.redis.delete(key)
    assert refused(rp.redeem(asked, code))
    assert dead(rp, tokens)


def test_a_code_after_logging_out(rp: RelyingParty, person: Person) -> None:
    """A code is good for nothing once the login behind it has ended (rule 2)."""
    asked, code = with_code(rp, person, SOURCE)
    person.open(f"{rp.issuer}/mijn/activiteit")
    person.press(next(name for name in person.page.elements if "logout" in name))
    assert refused(rp.redeem(asked, code))


def test_one_token_is_for_one_source(vad_town: Town, rp: RelyingParty, new_person: Callable[[], Person]) -> None:
    """A token has one audience: two resources, an unknown or an ungranted one are `invalid_target` (RFC 8707)."""
    hospital = vad_town.address("hospital")
    for wrong in ([SOURCE, hospital], [SOURCE, rp.issuer], [vad_town.address("rivm")], ["https://x.example"], ["é"]):
        asked, code = with_code(rp, new_person(), SOURCE, hospital)
        assert refused(rp.redeem(asked, code, resource=wrong), "invalid_target"), wrong


def test_a_resource_gets_its_own_token(rp: RelyingParty, person: Person) -> None:
    """With one resource the token is that source's, and the ID token comes with it."""
    asked, code = with_code(rp, person, SOURCE)
    answer = rp.redeem(asked, code, resource=[SOURCE, SOURCE]).json()
    assert claims_of(answer["access_token"])["aud"] == SOURCE
    assert answer["scope"] == "48"
    assert claims_of(answer["id_token"])["aud"] == rp.client_id


@pytest.mark.parametrize(
    "name", ["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_assertion"]
)
def test_a_repeated_parameter_is_refused(rp: RelyingParty, name: str) -> None:
    """No parameter comes twice, not even with the same value (RFC 6749 section 3.2)."""
    form = {
        "grant_type": "authorization_code",
        "code": "x",
        "redirect_uri": rp.redirect_uri,
        "code_verifier": "v" * 43,
        "client_id": rp.client_id,
        "client_assertion": rp.assertion(),
    }
    assert refused(rp.token({**form, name: [form[name]] * 2}), "invalid_request")


def test_parameters_come_in_the_body(rp: RelyingParty, person: Person) -> None:
    """Nothing is read from the query, where it would end in logs, and nothing may stand there (section 3.2)."""
    asked, code = with_code(rp, person)
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": asked.code_verifier}
    address = f"{rp.issuer}/token"
    assert refused(requests.post(address, params=form, timeout=20), "invalid_request")
    full = {**form, "redirect_uri": rp.redirect_uri, "client_assertion": rp.assertion()}
    assert refused(requests.post(address, params={"x": "1"}, data=full, timeout=20), "invalid_request")
    assert rp.redeem(asked, code).status_code == 200


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", "", "é"])
def test_the_body_is_a_form(rp: RelyingParty, kind: str) -> None:
    """Any other content type is `invalid_request`."""
    body = json.dumps({"grant_type": "authorization_code", "code": "x"})
    headers = {"Content-Type": kind.encode()}
    response = requests.post(f"{rp.issuer}/token", data=body, headers=headers, timeout=20)
    assert refused(response, "invalid_request")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large(rp: RelyingParty, *, chunked: bool) -> None:
    """64 KiB is the most, whether or not the caller says beforehand how much it sends."""
    body = b"grant_type=authorization_code&code=" + b"x" * 70_000
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    sent: Any = iter([body[:1000], body[1000:]]) if chunked else body
    response = requests.post(f"{rp.issuer}/token", data=sent, headers=headers, timeout=20)
    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_the_token_endpoint_takes_a_post(rp: RelyingParty, method: str) -> None:
    """Any other method is a 405 that says so."""
    response = requests.request(method, f"{rp.issuer}/token", timeout=20)
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize("grant_type", ["password", "client_credentials", "implicit", "é", 'a"b\\c', "x" * 4096])
def test_an_unknown_grant_type(rp: RelyingParty, grant_type: str) -> None:
    """It is `unsupported_grant_type`, and what was sent is not repeated."""
    response = rp.token({"grant_type": grant_type, "username": "a", "password": "b"})
    assert refused(response, "unsupported_grant_type")
    assert response.json()["error_description"] == "the grant_type is not supported"


@pytest.mark.parametrize("value", ["a\x00b", "a\nb", "a\x7fb", "x" * 4097])
def test_unprintable_and_oversized_values(rp: RelyingParty, value: str) -> None:
    """They are `invalid_request` wherever they stand."""
    assert refused(rp.redeem(rp.ask(), "x", code_verifier=value), "invalid_request")
    assert refused(rp.redeem(rp.ask(), "x", unknown=value), "invalid_request")
    assert refused(rp.redeem(rp.ask(), "x", resource=value), "invalid_request")


def test_a_grant_type_that_is_not_registered(bare_rp: RelyingParty, person: Person) -> None:
    """A client may use the grant types of its registration alone: `unauthorized_client`; no refresh token either."""
    assert refused(bare_rp.refresh("unknown"), "unauthorized_client")
    assert refused(bare_rp.exchange("unknown", SOURCE), "unauthorized_client")
    asked, code = with_code(bare_rp, person)
    answer = bare_rp.redeem(asked, code).json()
    assert "refresh_token" not in answer
    assert refused(bare_rp.exchange(answer["access_token"], SOURCE), "unauthorized_client")


def test_no_cache_keeps_tokens(rp: RelyingParty, person: Person) -> None:
    """Answers with tokens say so to every cache (RFC 6749 section 5.1)."""
    asked, code = with_code(rp, person)
    answer = rp.redeem(asked, code)
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    assert answer.json()["token_type"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/json"
    assert not answer.cookies
