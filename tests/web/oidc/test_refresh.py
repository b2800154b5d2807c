"""Refreshing: one line of successors, never beyond the login (RFC 6749 section 6, RFC 9700 section 4.14)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.support.person import FROUKE, Person, tokens
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.support.town import Town
from tests.web.oidc.inside import SOURCE, Inside

SCOPE = "openid 48 51"


def refused(response: requests.Response, error: str = "invalid_grant") -> bool:
    """Whether this is that error and holds no token."""
    body = response.json()
    return (response.status_code, body["error"], body.keys() - {"error_description"}) == (400, error, {"error"})


@pytest.fixture
def held(rp: RelyingParty, person: Person) -> dict[str, str]:
    """Give the tokens of a fresh login, for two kinds of data at one source."""
    return tokens(rp, person, (SOURCE,), SCOPE)


def test_a_refresh_token_is_swapped(rp: RelyingParty, held: dict[str, str]) -> None:
    """Each refresh gives a new access token, of the same person and grant, and a new refresh token."""
    first = rp.refresh(held["refresh_token"]).json()
    second = rp.refresh(first["refresh_token"]).json()
    assert len({held["refresh_token"], first["refresh_token"], second["refresh_token"]}) == 3
    before, after = claims_of(held["access_token"]), claims_of(second["access_token"])
    assert before["jti"] != after["jti"]
    same = ("iss", "aud", "sub", "client_id", "scope", "acr", "auth_time")
    assert [before[name] for name in same] == [after[name] for name in same]
    # A refresh is no login: no ID token, and auth_time stays.
    assert "id_token" not in first
    assert rp.exchange(second["access_token"], SOURCE).status_code == 200


def test_an_answer_that_got_lost(rp: RelyingParty, held: dict[str, str], inside: Inside) -> None:
    """The last token, repeated within 30 s, gives the same successor: never a second branch."""
    first = rp.refresh(held["refresh_token"]).json()
    again = rp.refresh(held["refresh_token"]).json()
    assert again["refresh_token"] == first["refresh_token"]
    assert again["access_token"] != first["access_token"]
    assert inside.grant(held["access_token"], "state, refresh_generation") == ("active", 1)
    assert rp.refresh(first["refresh_token"]).status_code == 200


def test_the_retry_window_ends(rp: RelyingParty, held: dict[str, str], inside: Inside) -> None:
    """After 30 s a repeated token is a stolen one: the whole grant is taken back."""
    first = rp.refresh(held["refresh_token"]).json()
    grant_id = inside.grant_id(held["access_token"])
    inside.ask("UPDATE grants SET refreshed_at = refreshed_at - interval '31 seconds' WHERE grant_id = %s", grant_id)
    assert refused(rp.refresh(held["refresh_token"]))
    assert refused(rp.refresh(first["refresh_token"]))


def test_reuse_takes_the_whole_grant_back(rp: RelyingParty, held: dict[str, str], inside: Inside) -> None:
    """A token from before the last one ends the family at once: refresh and exchange of every member are refused."""
    first = rp.refresh(held["refresh_token"]).json()
    second = rp.refresh(first["refresh_token"]).json()
    assert refused(rp.refresh(held["refresh_token"]))
    for member in (held, first, second):
        assert refused(rp.refresh(member["refresh_token"]))
        assert refused(rp.exchange(member["access_token"], SOURCE), "invalid_request")
    statement = "SELECT reason FROM audit_events WHERE type = 'grant.revoked' AND grant_id = %s"
    assert inside.ask(statement, inside.grant_id(held["access_token"])) == [("refresh_token_reused",)]


def test_a_refresh_token_is_its_clients_own(rp: RelyingParty, other_rp: RelyingParty, held: dict[str, str]) -> None:
    """Another client gets nothing for it, and does no harm with it (RFC 6749 section 10.4)."""
    assert refused(other_rp.refresh(held["refresh_token"]))
    assert rp.refresh(held["refresh_token"]).status_code == 200


@pytest.mark.parametrize("token", ["x", "é", "A" * 48, "A" * 16384])
def test_a_token_that_vad_never_made(rp: RelyingParty, token: str) -> None:
    """It is `invalid_grant`."""
    assert refused(rp.refresh(token))


def test_no_other_token_refreshes(rp: RelyingParty, held: dict[str, str]) -> None:
    """An access token, an ID token or their jti is no refresh token; nor is an altered one."""
    for token in (held["access_token"], held["id_token"], claims_of(held["access_token"])["jti"]):
        assert refused(rp.refresh(token))
    letter = "A" if held["refresh_token"][0] != "A" else "B"
    assert refused(rp.refresh(letter + held["refresh_token"][1:]))
    assert refused(rp.refresh(held["refresh_token"] + "A"))
    assert rp.refresh(held["refresh_token"]).status_code == 200


def test_what_is_missing(rp: RelyingParty) -> None:
    """Without a refresh token it is `invalid_request`."""
    assert refused(rp.token({"grant_type": "refresh_token"}), "invalid_request")
    assert refused(rp.token({"grant_type": "refresh_token", "refresh_token": ""}), "invalid_request")


def test_narrower_is_allowed_wider_is_not(vad_town: Town, rp: RelyingParty, held: dict[str, str]) -> None:
    """The scope may be narrowed for one token, never widened; the next token is as wide as before (section 6)."""
    for scope in ("63", "openid 48 51 63", "nonsense", "é"):
        assert refused(rp.refresh(held["refresh_token"], scope=scope), "invalid_scope")
        assert refused(rp.refresh(held["refresh_token"], scope=scope, resource=SOURCE), "invalid_scope")
    for resource in (vad_town.address("hospital"), "https://unknown.example", [SOURCE, vad_town.address("gp")]):
        assert refused(rp.refresh(held["refresh_token"], resource=resource), "invalid_target")
    narrow = rp.refresh(held["refresh_token"], scope="openid 48").json()
    assert (narrow["scope"], claims_of(narrow["access_token"])["scope"]) == ("openid 48", "openid 48")
    assert rp.userinfo(narrow["access_token"]).status_code == 200
    silent = rp.refresh(narrow["refresh_token"], scope="51").json()
    assert (silent["scope"], claims_of(silent["access_token"])["scope"]) == ("51", "51")
    assert rp.userinfo(silent["access_token"]).status_code == 403, "it is not about who logged in"
    at_source = rp.refresh(silent["refresh_token"], scope="51", resource=SOURCE).json()
    claims = claims_of(at_source["access_token"])
    assert (at_source["scope"], claims["scope"], claims["aud"]) == ("51", "51", SOURCE)
    assert rp.refresh(at_source["refresh_token"], scope="").json()["scope"] == "openid 48 51"


def test_a_refused_refresh_changes_nothing(rp: RelyingParty, held: dict[str, str], inside: Inside) -> None:
    """A request that asks for too much does not use the token up."""
    assert refused(rp.refresh(held["refresh_token"], scope="63"), "invalid_scope")
    assert inside.grant(held["access_token"], "state, refresh_generation") == ("active", 0)


def test_a_narrow_token_is_exchanged_for_nothing_wider(rp: RelyingParty, held: dict[str, str]) -> None:
    """A token whose scope was narrowed gives no more by exchange (RFC 8693 section 1.1)."""
    narrow = rp.refresh(held["refresh_token"], scope="openid 48").json()["access_token"]
    assert rp.exchange(narrow, SOURCE).json()["scope"] == "48"
    assert refused(rp.exchange(narrow, SOURCE, scope="48 51"), "invalid_scope")
    assert refused(rp.exchange(narrow, SOURCE, scope="51"), "invalid_scope")
    nothing = rp.refresh(held["refresh_token"], scope="openid").json()["access_token"]
    assert claims_of(nothing)["scope"] == "openid"
    assert refused(rp.exchange(nothing, SOURCE), "invalid_scope")


def test_many_at_once_end_in_one_branch(rp: RelyingParty, held: dict[str, str], inside: Inside) -> None:
    """Of 32 refreshes with the same token at the same moment all get the same successor, and the grant moved once."""
    begin = threading.Barrier(32)

    def refresh(assertion: str) -> requests.Response:
        begin.wait(timeout=30)
        return rp.refresh(held["refresh_token"], client_assertion=assertion)

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(refresh, [rp.assertion() for _ in range(32)]))
    assert {answer.status_code for answer in answers} == {200}
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    assert inside.grant(held["access_token"], "state, refresh_generation") == ("active", 1)
    assert rp.refresh(successors.pop()).status_code == 200


def test_nothing_outlives_the_login(rp: RelyingParty, held: dict[str, str], inside: Inside) -> None:
    """Near the end of the session a token is as short as what is left; at the end there is none (rules 2, 36, 37)."""
    grant_id = inside.grant_id(held["access_token"])
    inside.ask("UPDATE grants SET session_ends_at = now() + interval '20 seconds' WHERE grant_id = %s", grant_id)
    for short in (rp.refresh(held["refresh_token"]).json(), rp.exchange(held["access_token"], SOURCE).json()):
        claims = claims_of(short["access_token"])
        assert 0 < short["expires_in"] == claims["exp"] - claims["iat"] <= 20
    ended = "UPDATE grants SET session_ends_at = auth_time + interval '1 microsecond' WHERE grant_id = %s"
    inside.ask(ended, grant_id)
    assert refused(rp.refresh(held["refresh_token"]))
    assert refused(rp.exchange(held["access_token"], SOURCE), "invalid_request")


def test_logging_out_ends_it(rp: RelyingParty, person: Person, held: dict[str, str], inside: Inside) -> None:
    """Logging out ends every grant of the session in the same second."""
    person.open(f"{rp.issuer}/mijn/activiteit")
    person.press(next(name for name in person.page.elements if "logout" in name))
    assert inside.grant(held["access_token"]) == ("ended",)
    assert refused(rp.refresh(held["refresh_token"]))
    assert refused(rp.exchange(held["access_token"], SOURCE), "invalid_request")


def test_the_apps_idle_time_is_not_the_persons(
    rp: RelyingParty, person: Person, held: dict[str, str], inside: Inside
) -> None:
    """An app may refresh while the browser's session has gone idle: idle time governs the browser alone (rule 2)."""
    inside.expire("session", person.cookies["vad_session"])
    assert rp.refresh(held["refresh_token"]).status_code == 200


def test_consent_is_looked_at_again(rp: RelyingParty, held: dict[str, str], inside: Inside) -> None:
    """Withdrawn consent stops a refresh at once, with an event; and the token is not used up by it."""
    grant_id = inside.grant_id(held["access_token"])
    withdrawn = """UPDATE consents SET withdrawn_at = greatest(given_at, now())
        WHERE consent_id = ANY(SELECT unnest(consents) FROM grants WHERE grant_id = %s)"""
    inside.ask(withdrawn, grant_id)
    assert refused(rp.refresh(held["refresh_token"]))
    statement = "SELECT reason, outcome FROM audit_events WHERE type = 'token.refused' AND grant_id = %s"
    assert inside.ask(statement, grant_id) == [("NO_CONSENT", "refused")]
    assert inside.grant(held["access_token"], "refresh_generation") == (0,)


def test_two_logins_are_two_families(rp: RelyingParty, new_person: Callable[[], Person]) -> None:
    """Taking one grant back leaves another of the same person and app alone."""
    one, two = (tokens(rp, new_person(), (SOURCE,), SCOPE, FROUKE) for _ in range(2))
    first = rp.refresh(one["refresh_token"]).json()
    rp.refresh(first["refresh_token"])
    assert refused(rp.refresh(one["refresh_token"]))
    assert rp.refresh(two["refresh_token"]).status_code == 200
