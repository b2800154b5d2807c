"""What happens between choosing a child and using what came of it (rules 3, 8, 9, 16 and 34)."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from tests.support.backroom import Backroom
from tests.support.person import IRIS, LOTTE_14, PIETER, SEM_8, TOM, Person
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.support.town import Town
from tests.web.test_acting import SOURCE, act, begin, pick
from vad.domain.identifiers import Bsn


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Let VAD know nothing that the register said of minors, and nothing be switched off, before and after."""
    backroom.forget_minors()
    backroom.forget_consents()
    yield
    backroom.ask("DELETE FROM blocks")


@pytest.fixture
def understands(backroom: Backroom) -> Iterator[Callable[[bool], None]]:
    """Give a function that changes whether the tests' app understands representation, as VAD has it registered."""

    def change(understands: bool) -> None:  # noqa: FBT001 - a switch
        backroom.ask("UPDATE clients SET representation = %s WHERE client_id = 'rp-acts'", understands)
        backroom.ask("UPDATE configuration_version SET version = version + 1")

    yield change
    change(True)  # noqa: FBT003 - a switch


def test_the_identifier_is_the_childs(acting_rp: RelyingParty, person: Person, vad_town: Town) -> None:
    """Rule 33: what a source opens is the BSN of whose data it is, never that of who asks."""
    hospital = vad_town.address("hospital")
    asked = acting_rp.ask(resources=(hospital,), scope="openid 48")
    person.open(asked.url)
    person.log_in(IRIS)
    pick(person, "Sem")
    person.press("acting-continue")
    person.consent()
    assert person.answer is not None
    own = acting_rp.redeem(asked, person.answer["code"]).json()["access_token"]
    claims = claims_of(acting_rp.exchange(own, hospital).json()["access_token"])
    key = ECKey.import_key(dict(vad_town.programs["hospital"]["private_key"]))
    inside = json.loads(jwe.decrypt_compact(claims["subject_identifier"], key).plaintext or b"")
    assert inside["sub"] == SEM_8


def test_a_refresh_goes_on_for_the_child(acting_rp: RelyingParty, person: Person) -> None:
    """A grant is for one person: what comes from it later is about the same child, a repeated refresh included."""
    held = act(acting_rp, person)
    first = acting_rp.refresh(held["refresh_token"]).json()
    again = acting_rp.refresh(held["refresh_token"]).json()
    assert first["refresh_token"] == again["refresh_token"]
    for token in (first["access_token"], again["access_token"]):
        assert claims_of(token)["sub"] == claims_of(held["access_token"])["sub"]
        assert claims_of(token)["act"] == claims_of(held["access_token"])["act"]


def test_somebody_else_logs_in_on_the_way(acting_rp: RelyingParty, person: Person) -> None:
    """Rule 9: a choice is the chooser's own; whoever logs in after that chooses anew, or has nobody to choose."""
    begin(acting_rp, person)
    pick(person, "Sem")
    flow = person.filled_in("acting-continue")["flow"][0]
    person.send("POST", "/uitloggen", {"csrf_token": [person.filled_in("logout")["csrf_token"][0]]})
    person.open(f"{person.town.issuer}/authorize/resume?flow={flow}")
    person.log_in(PIETER)
    assert "acting-continue" not in person.page.elements
    assert "consent-give" in person.page.elements
    assert "Sem Bos" not in person.page.text


def test_two_tabs(acting_rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """P4: the form goes on with whom it showed; for whoever was chosen since, in another tab, it is stale."""
    begin(acting_rp, person)
    pick(person, "Sem")
    form = person.filled_in("acting-continue")
    other = form | {"represented": [backroom.handle(TOM, form["flow"][0])]}
    for action in ("continue", "choose"):
        assert person.send("POST", person.page.url, other | {"action": [action]}).status_code == 400
    assert "acting-continue" in person.open(person.page.url).elements


def test_an_app_that_is_not_let_any_more(
    acting_rp: RelyingParty, person: Person, source: RelyingParty, understands: Callable[[bool], None]
) -> None:
    """Rule 34: its registration is looked at each time, after the grant as before it."""
    held = act(acting_rp, person)
    at_source = acting_rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    understands(False)  # noqa: FBT003 - a switch
    assert source.introspect(at_source).json() == {"active": False}
    assert acting_rp.exchange(held["access_token"], SOURCE).json()["error"] == "invalid_target"
    assert acting_rp.refresh(held["refresh_token"]).json()["error"] == "invalid_target"
    assert acting_rp.userinfo(held["access_token"]).status_code == 401


@pytest.mark.parametrize("away", [False, True])
def test_what_is_known_of_the_parent_gets_old(
    acting_rp: RelyingParty, person: Person, backroom: Backroom, vad_town: Town, *, away: bool
) -> None:
    """Rule 4: for acting it is a quarter of an hour old at most, so the register is asked again, or it is a no."""
    held = act(acting_rp, person)
    known = backroom.evidence(IRIS)
    assert known is not None
    backroom.keep_evidence(IRIS, replace(known, answered_at=known.answered_at - timedelta(minutes=16)))
    if away:
        with vad_town.misbehaving("brp", "error500"):
            assert acting_rp.exchange(held["access_token"], SOURCE).json()["error"] == "invalid_grant"
        backroom.wait_for_brp()
        return
    assert acting_rp.exchange(held["access_token"], SOURCE).status_code == 200
    renewed = backroom.evidence(IRIS)
    assert renewed is not None
    assert renewed.answered_at > known.answered_at - timedelta(minutes=1)


def test_a_refusal_keeps_what_it_rested_on(acting_rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Rule 39: the log holds what the register said of the child too, without a number."""
    held = act(acting_rp, person)
    person_id = backroom.person_id(SEM_8)
    backroom.change_minor(person_id, Bsn(TOM))
    assert acting_rp.exchange(held["access_token"], SOURCE).json()["error"] == "invalid_grant"
    (refused,) = backroom.events("token.refused")
    assert refused["reason"] == "NO_GROUND"
    assert refused["evidence"]["authority"] == ["EenhoofdigOuderlijkGezag"]
    assert refused["represented"] == str(person_id)
    assert not any(bsn in json.dumps(refused) for bsn in (IRIS, TOM, SEM_8))


def test_a_block_is_not_told_from_age(acting_rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Rule 3: what a child of 14 switched off changes no word of what a parent reads."""
    begin(acting_rp, person)
    words = "Lotte Bos is 12 jaar of ouder."
    assert words in person.page.text
    place = "INSERT INTO blocks VALUES (gen_random_uuid(), %s, 'representation', '', 'subject', now())"
    backroom.ask(place, str(backroom.person_id(LOTTE_14)))
    assert words in person.open(person.page.url).text
    assert person.page.text.count("Lotte Bos") == 2  # once more in that very sentence


def test_consents_are_stopped_for_one_person(acting_rp: RelyingParty, person: Person) -> None:
    """P14: what was agreed to for the child stands by itself, with the child's name, and ends by itself."""
    own = acting_rp.ask(resources=(SOURCE,), scope="openid 51")
    person.open(own.url)
    person.log_in(TOM)
    person.press("represented-continue", {"represented-myself": True})
    person.consent(duration="until_stopped")
    act_again = acting_rp.ask(resources=(SOURCE,), scope="openid 51")
    person.open(act_again.url)
    pick(person, "Sem")
    person.press("acting-continue")
    person.consent(duration="until_stopped")
    page = person.open(f"{person.town.issuer}/mijn/toestemmingen")
    sections = page.text.split("<section")[1:]
    (number,) = (each for each, text in enumerate(sections, 1) if "Dit gaat om gegevens van Sem Bos." in text)
    assert len(sections) == 2
    page = person.press(f"stop-{number}")
    assert "Sem Bos" not in page.text
    assert len(page.text.split("<section")[1:]) == 1
