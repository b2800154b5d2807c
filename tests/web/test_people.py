"""Who may use an app for themself (rules 4, 5, 11): what people see, what the app hears, and what the log keeps."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.backroom import Backroom
from tests.support.person import (
    CORNELIA_DECEASED,
    DAAN_16,
    HENDRIK,
    NOOR_15,
    ROBIN_UNCERTAIN_AGE,
    SAMIRA,
    YUSUF_UNKNOWN_AGE,
    Person,
)
from tests.support.relying_party_client import Asked, RelyingParty
from tests.support.town import Town
from vad.domain.age import AMSTERDAM

pytestmark = pytest.mark.slow

SOURCE = "https://source.example"
NOBODY = "999998870"
"""A well-formed test BSN that the BRP does not know."""
TOO_YOUNG = "Vanaf 16 jaar kunt u een app gebruiken met gegevens over uw zorg. Vraag het aan uw ouders of uw dokter."
UNKNOWN = "De overheid weet niet precies wanneer u bent geboren. Daarom weten wij niet of u 16 jaar bent."
DECEASED = "Volgens de overheid is de persoon van deze DigiD overleden. Klopt dat niet?"
NEUTRAL = "U kunt op dit moment geen gegevens bekijken met deze app. Probeer het later nog een keer."
LAST_DAY_OF_YEAR = datetime.now(AMSTERDAM).strftime("%m-%d") == "12-31"
CANNOT = "U kunt niet verder naar Test rp-one"


@pytest.fixture(autouse=True)
def _mended(vad_town: Town, backroom: Backroom, new_person: object, person: Person, rp: RelyingParty) -> Iterator[None]:
    """Leave a BRP that works, and that VAD knows to work, behind."""
    yield
    vad_town.fault("brp")
    backroom.forget_evidence(SAMIRA)
    person.send("POST", "/uitloggen")
    attempt(rp, person, SAMIRA)
    assert backroom.evidence(SAMIRA) is not None


def attempt(rp: RelyingParty, person: Person, bsn: str) -> Asked:
    """Log in at an app as this person, as far as it goes."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51", prompt="login")
    person.open(asked.url)
    person.log_in(bsn)
    return asked


def assert_refused(person: Person, asked: Asked, heading: str, words: str) -> None:
    """The person reads why; the app, when they go back, hears only that it was refused."""
    page = person.page
    assert (page.status, page.heading) == (403, heading)
    assert words in page.text
    person.open(page.elements["back"]["href"])
    assert person.answer == {
        "error": "access_denied",
        "error_description": "the request was not allowed",
        "state": dict(asked.parameters)["state"],
        "iss": person.town.issuer,
    }


@pytest.mark.parametrize(
    ("bsn", "reason", "heading", "words"),
    [
        (NOOR_15, "AGE_SELF", "U bent te jong om zelf een app te gebruiken", TOO_YOUNG),
        (CORNELIA_DECEASED, "DECEASED", CANNOT, DECEASED),
        (YUSUF_UNKNOWN_AGE, "AGE_UNKNOWN", CANNOT, UNKNOWN),
        pytest.param(
            ROBIN_UNCERTAIN_AGE,
            "AGE_UNKNOWN",
            CANNOT,
            UNKNOWN,
            # Somebody of whom only the year is known: on its last day everybody born in it has had that birthday.
            marks=pytest.mark.skipif(LAST_DAY_OF_YEAR, reason="certain on 31 December"),
        ),
        (NOBODY, "INDETERMINATE", CANNOT, NEUTRAL),
    ],
)
def test_who_may_not_reads_why(  # noqa: PLR0913, PLR0917 - two fixtures, the clerk, and four values
    rp: RelyingParty, person: Person, backroom: Backroom, bsn: str, reason: str, heading: str, words: str
) -> None:
    """Refused before any question about consent; the reason stands on the page and in the log, not with the app."""
    asked = attempt(rp, person, bsn)
    assert_refused(person, asked, heading, words)
    (event,) = backroom.events("authorization.refused")
    assert (event["reason"], event["outcome"], event["client_id"]) == (reason, "refused", "rp-one")
    assert event["actor"] == event["represented"] == str(backroom.person_id(bsn))
    assert backroom.events("consent.given", "authorization.granted", "token.issued") == []


@pytest.mark.parametrize("bsn", [DAAN_16, HENDRIK])
def test_from_sixteen_to_old_age_one_may(rp: RelyingParty, person: Person, bsn: str) -> None:
    """On the 16th birthday itself, and at 84: the whole way to tokens."""
    asked = attempt(rp, person, bsn)
    person.consent()
    assert person.answer is not None
    assert rp.redeem(asked, person.answer["code"]).status_code == 200


def test_silently_the_reason_stays_silent(rp: RelyingParty, person: Person) -> None:
    """With `prompt=none` no page stands in the way: the app gets its error at once, the same as for any refusal."""
    attempt(rp, person, NOOR_15)
    silent = rp.ask(resources=(SOURCE,), scope="openid 51", prompt="none")
    person.open(silent.url)
    assert person.answer is not None
    assert person.answer["error"] == "access_denied"


def test_a_child_can_see_what_was_done(rp: RelyingParty, person: Person) -> None:
    """Rule 5: below 16 VAD's own pages stay open."""
    attempt(rp, person, NOOR_15)
    page = person.open(f"{person.town.issuer}/mijn/activiteit")
    assert page.status == 200
    assert "App niet toegelaten" in page.text
    assert "Test rp-one" in page.text


@pytest.mark.parametrize("mode", ["error500", "garbage", "close", "hang"])
def test_without_the_register_nobody_new_gets_in(
    vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom, mode: str
) -> None:
    """The BRP down, slow or talking nonsense, and nothing known of the person: a neutral refusal; later it works."""
    backroom.forget_evidence(SAMIRA)
    with vad_town.misbehaving("brp", mode):
        asked = attempt(rp, person, SAMIRA)
    assert_refused(person, asked, CANNOT, NEUTRAL)
    assert [event["reason"] for event in backroom.events("authorization.refused")] == ["INDETERMINATE"]
    assert backroom.evidence(SAMIRA) is None
    attempt(rp, person, SAMIRA)
    assert "consent-give" in person.page.elements


@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        (timedelta(minutes=20), "allowed"),
        (timedelta(hours=23, minutes=59), "allowed"),
        (timedelta(hours=24), "refused"),
    ],
)
def test_one_day_survives_an_outage(
    vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom, age: timedelta, outcome: str
) -> None:
    """What the register said within 24 hours carries one's own login while it is away; what is older does not."""
    attempt(rp, person, SAMIRA)
    evidence = backroom.evidence(SAMIRA)
    assert evidence is not None
    backroom.keep_evidence(SAMIRA, replace(evidence, answered_at=datetime.now(UTC) - age))
    with vad_town.misbehaving("brp", "error500"):
        asked = attempt(rp, person, SAMIRA)
    if outcome == "allowed":
        person.consent()
        assert person.answer is not None
        assert rp.redeem(asked, person.answer["code"]).status_code == 200
    else:
        assert_refused(person, asked, CANNOT, NEUTRAL)


def test_evidence_runs_out_under_a_live_grant(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """A refresh decides anew: evidence that has become too old meanwhile gives no token any more."""
    asked = attempt(rp, person, SAMIRA)
    person.consent()
    assert person.answer is not None
    own = rp.redeem(asked, person.answer["code"]).json()
    evidence = backroom.evidence(SAMIRA)
    assert evidence is not None
    backroom.keep_evidence(SAMIRA, replace(evidence, answered_at=datetime.now(UTC) - timedelta(hours=24)))
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"
    assert rp.exchange(own["access_token"], SOURCE).json()["error"] == "invalid_grant"
    assert {event["reason"] for event in backroom.events("token.refused")} == {"INDETERMINATE"}


def test_death_is_seen_at_the_next_refresh(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Rule 4: between login and refresh the register told of a death; no token leaves any more."""
    asked = attempt(rp, person, SAMIRA)
    person.consent()
    assert person.answer is not None
    own = rp.redeem(asked, person.answer["code"]).json()
    evidence = backroom.evidence(SAMIRA)
    assert evidence is not None
    backroom.keep_evidence(SAMIRA, replace(evidence, deceased=True))
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"
    assert {event["reason"] for event in backroom.events("token.refused")} == {"DECEASED"}


def test_whom_the_register_forgot_is_unknown(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """An answer that knows nobody replaces what was known: nothing is certain about them any more."""
    attempt(rp, person, SAMIRA)
    known = backroom.evidence(SAMIRA)
    assert known is not None
    backroom.keep_evidence(NOBODY, replace(known, answered_at=datetime.now(UTC) - timedelta(hours=1)))
    asked = attempt(rp, person, NOBODY)
    assert_refused(person, asked, CANNOT, NEUTRAL)
    now_known = backroom.evidence(NOBODY)
    assert now_known is not None
    assert (now_known.register, now_known.birth.year) == ("unknown", None)
