"""Each refusal at `/token` of a client that proved itself is in the log before the client hears it (rule 39)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.person import Person, tokens
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.support.town import Town
from tests.web.oidc.inside import SOURCE, Inside

pytestmark = pytest.mark.slow

SCOPE = "openid 48 51"
SECRET = "zeer-geheim-wat-hier-staat"
"""Stands wherever a client may write what it likes; the log must not hold it."""


def refusals(backroom: Backroom) -> list[dict[str, Any]]:
    """The refusals since the test began."""
    found = backroom.events("token.refused")
    assert SECRET not in str(found)
    return found


def the_one(backroom: Backroom) -> dict[str, Any]:
    """The only refusal since the test began."""
    (event,) = refusals(backroom)
    return event


@pytest.fixture
def held(rp: RelyingParty, person: Person) -> dict[str, str]:
    """Give the tokens of a fresh login."""
    return tokens(rp, person, (SOURCE,), SCOPE)


@pytest.mark.parametrize(
    ("changes", "reason", "error"),
    [
        ({"code_verifier": "w" * 43}, "VERIFIER_DIFFERS", "invalid_grant"),
        ({"code_verifier": SECRET}, "VERIFIER_MALFORMED", "invalid_grant"),
        ({"redirect_uri": f"https://{SECRET}.example"}, "REDIRECT_URI_DIFFERS", "invalid_grant"),
        ({"resource": f"https://{SECRET}.example"}, "RESOURCE_UNKNOWN", "invalid_target"),
        ({"resource": "https://south.example"}, "RESOURCE_NOT_GRANTED", "invalid_target"),
        ({"resource": [SOURCE, "https://south.example"]}, "RESOURCES_MANY", "invalid_target"),
    ],
    ids=str,
)
def test_a_live_code(
    rp: RelyingParty, person: Person, backroom: Backroom, changes: dict[str, str], reason: str, error: str
) -> None:
    """The event says whose login it was, in which session, and why it came to nothing."""
    asked = rp.ask(scope=SCOPE, resources=(SOURCE,))
    response = rp.redeem(asked, person.authorize(asked), **changes)
    assert (response.status_code, response.json()["error"]) == (400, error)
    event = the_one(backroom)
    (login,) = backroom.events("login.succeeded")
    assert (event["reason"], event["outcome"], event["client_id"]) == (reason, "refused", rp.client_id)
    assert event["evidence"] == {"grant_type": "authorization_code", "error": error}
    assert (event["actor"], event["represented"], event["sid"]) == (login["actor"], login["actor"], login["sid"])
    known = "https://south.example" if reason == "RESOURCE_NOT_GRANTED" else None
    assert (event["resource"], event["grant_id"] is not None) == (known, True)


def test_a_code_that_is_unknown_or_used(rp: RelyingParty, person: Person, backroom: Backroom, inside: Inside) -> None:
    """An unknown code is nobody's; a used one leads to the person whose login it was."""
    asked = rp.ask(scope=SCOPE, resources=(SOURCE,))
    assert rp.redeem(asked, SECRET).status_code == 400
    event = the_one(backroom)
    assert (event["reason"], event["actor"], event["grant_id"]) == ("CODE_UNKNOWN", None, None)
    code = person.authorize(asked)
    held = rp.redeem(asked, code).json()
    assert rp.redeem(asked, code).status_code == 400
    event = refusals(backroom)[-1]
    assert (event["reason"], event["grant_id"]) == ("CODE_USED", inside.grant_id(held["access_token"]))
    assert event["actor"] is not None
    assert [each["reason"] for each in backroom.events("grant.revoked")] == ["code_reused"]


def test_a_refresh_token(
    rp: RelyingParty, other_rp: RelyingParty, held: dict[str, str], backroom: Backroom, inside: Inside
) -> None:
    """Unknown, foreign, too wide, for another source, old, and of a grant that was taken back."""
    attempts: list[tuple[Callable[[], requests.Response], str]] = [
        (lambda: rp.refresh(SECRET), "REFRESH_TOKEN_UNKNOWN"),
        (lambda: other_rp.refresh(held["refresh_token"]), "REFRESH_TOKEN_FOREIGN"),
        (lambda: rp.refresh(held["refresh_token"], scope=SECRET), "SCOPE_TOO_WIDE"),
        (lambda: rp.refresh(held["refresh_token"], resource="https://south.example"), "RESOURCE_NOT_GRANTED"),
    ]
    for attempt, _ in attempts:
        assert attempt().status_code == 400
    first = rp.refresh(held["refresh_token"]).json()
    assert rp.refresh(first["refresh_token"]).status_code == 200
    assert rp.refresh(held["refresh_token"]).status_code == 400
    assert rp.refresh(first["refresh_token"]).status_code == 400
    events = refusals(backroom)
    expected = [*(reason for _, reason in attempts), "REFRESH_TOKEN_USED", "GRANT_ENDED"]
    assert [event["reason"] for event in events] == expected
    grant_id = inside.grant_id(held["access_token"])
    assert [event["grant_id"] for event in events] == [None, *[grant_id] * 5]
    assert events[1]["client_id"] == other_rp.client_id
    assert events[1]["actor"] == events[2]["actor"] is not None


def test_a_subject_token(
    rp: RelyingParty, other_rp: RelyingParty, held: dict[str, str], backroom: Backroom, inside: Inside
) -> None:
    """Not usable, foreign, too wide at a source, for none, and of a grant that was taken back."""
    own = held["access_token"]
    assert rp.exchange(SECRET, SOURCE).status_code == 400
    assert other_rp.exchange(own, SOURCE).status_code == 400
    assert rp.exchange(own, SOURCE, scope="63").status_code == 400
    assert rp.exchange(own, rp.issuer).status_code == 400
    inside.ask("UPDATE grants SET state = 'revoked' WHERE grant_id = %s", inside.grant_id(own))
    assert rp.exchange(own, SOURCE).status_code == 400
    assert [(event["reason"], event["resource"]) for event in refusals(backroom)] == [
        ("SUBJECT_TOKEN_UNUSABLE", None),
        ("SUBJECT_TOKEN_FOREIGN", None),
        ("SCOPE_TOO_WIDE", SOURCE),
        ("RESOURCE_MISSING", None),
        ("SUBJECT_GRANT_ENDED", None),
    ]


def test_what_an_authenticated_client_writes_wrongly(
    rp: RelyingParty, bare_rp: RelyingParty, held: dict[str, str], backroom: Backroom
) -> None:
    """A lacking parameter, and a grant type that the client is not registered for."""
    assert rp.token({"grant_type": "refresh_token"}).status_code == 400
    assert rp.exchange(held["access_token"], SOURCE, actor_token=SECRET).status_code == 400
    assert bare_rp.refresh(SECRET).json()["error"] == "unauthorized_client"
    assert [(event["reason"], event["client_id"]) for event in refusals(backroom)] == [
        ("INVALID_REQUEST", rp.client_id),
        ("INVALID_REQUEST", rp.client_id),
        ("UNAUTHORIZED_CLIENT", bare_rp.client_id),
    ]


def test_the_noise_of_anybody_is_no_event(rp: RelyingParty, backroom: Backroom) -> None:
    """Nobody fills the log for good without a key: what comes before the proof is not in it (ADR 0004)."""
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    assert rp.token(form, client_assertion="x.y.z").json()["error"] == "invalid_client"
    assert rp.token(form, client_assertion_type="wrong").json()["error"] == "invalid_client"
    assert rp.token({**form, "grant_type": "password"}).json()["error"] == "unsupported_grant_type"
    assert rp.token({**form, "more": ["1", "1"]}).json()["error"] == "invalid_request"
    assert refusals(backroom) == []


def test_a_denied_decision_says_what_it_rested_on(rp: RelyingParty, held: dict[str, str], backroom: Backroom) -> None:
    """Which register answered, and when, stands beside the reason; nothing of what it answered."""
    bsn = "999991772"
    evidence = backroom.evidence(bsn)
    assert evidence is not None
    backroom.keep_evidence(bsn, replace(evidence, deceased=True))
    try:
        assert rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
    finally:
        backroom.keep_evidence(bsn, evidence)
    event = the_one(backroom)
    assert event["reason"] == "DECEASED"
    assert event["evidence"].keys() == {"grant_type", "error", "register", "register_answered_at", "in_onderzoek"}


@pytest.mark.parametrize("mode", ["error500", "close"])
def test_the_register_is_away_when_a_code_is_redeemed(
    vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom, inside: Inside, mode: str
) -> None:
    """The app hears that the code is spent, the grant is taken back, all of it is in the log; a new login works."""
    gp = vad_town.address("gp")
    asked = rp.ask(scope="openid 49", resources=(gp,))
    code = person.authorize(asked)
    with vad_town.misbehaving("prs", mode):
        response = rp.redeem(asked, code, resource=gp)
    assert (response.status_code, response.json()["error"]) == (503, "temporarily_unavailable")
    assert "the code is spent" in response.json()["error_description"]
    assert int(response.headers["Retry-After"]) > 0
    event = the_one(backroom)
    assert (event["reason"], event["resource"]) == ("REGISTER_UNAVAILABLE", gp)
    assert backroom.events("token.issued") == []
    (created,), (revoked,) = backroom.events("grant.created"), backroom.events("grant.revoked")
    assert created["grant_id"] == revoked["grant_id"] == event["grant_id"]
    assert revoked["reason"] == "register_unavailable"
    state = "SELECT state FROM grants WHERE grant_id = %s"
    assert inside.ask(state, event["grant_id"]) == [("revoked",)]
    assert rp.redeem(asked, code, resource=gp).json()["error"] == "invalid_grant"
    again = rp.ask(scope="openid 49", resources=(gp,))
    answer = rp.redeem(again, person.authorize(again), resource=gp)
    assert claims_of(answer.json()["access_token"])["aud"] == gp
