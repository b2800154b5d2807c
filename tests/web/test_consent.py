"""Page P5 (rule 3): what it asks, what an answer covers, and for how long; nobody's answer ever serves another."""

from collections.abc import Iterator

import pytest

from tests.support.backroom import Backroom
from tests.support.consent_page import LAB, code_of, post, reach
from tests.support.person import FROUKE, HENDRIK, PIETER, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _nobody_agreed(backroom: Backroom) -> Iterator[None]:
    """Begin and end with nobody having agreed to anything."""
    backroom.forget_consents()
    yield
    backroom.forget_consents()


@pytest.fixture
def sources(vad_town: Town) -> tuple[str, ...]:
    """Give the vaccination register and the laboratory."""
    return vad_town.address("rivm"), LAB


def test_nothing_is_chosen_beforehand(rp: RelyingParty, person: Person, sources: tuple[str, ...]) -> None:
    """App, organisation, sources and kinds of data by name; no box ticked, no duration chosen, "not: your BSN"."""
    reach(person, rp, sources)
    page = person.page
    assert page.heading == "Mag Test rp-one deze gegevens krijgen?"
    for words in ("Test rp-one is van Testbedrijf B.V.", "RIVM", "Laboratorium Noord", "Niet: uw BSN"):
        assert words in page.text
    for words in ("Vaccinaties", "Documenten", "Alleen deze keer", "Totdat ik stop"):
        assert words in page.text
    fields = [field for form in page.forms for field in form.fields]
    assert {field.name for field in fields if field.kind in {"checkbox", "radio"}} == {"source", "duration"}
    assert not any(field.ticked for field in fields)


def test_errors_keep_what_was_chosen(rp: RelyingParty, person: Person, sources: tuple[str, ...]) -> None:
    """Each error stands at the top with a link to its field, and what was chosen stays chosen."""
    reach(person, rp, sources)
    page = person.press("consent-give")
    assert page.status == 400
    for words, target in [("Kies minstens 1 organisatie", "source-1"), ("Kies hoe lang", "duration-once")]:
        assert words in page.text
        assert f'href="#{target}"' in page.text
        assert target in page.elements
    assert "<title>Fout: " in page.text
    page = person.press("consent-give", {"source-2": True})
    assert page.status == 400
    assert 'href="#source-1"' not in page.text
    assert [f.identifier for form in page.forms for f in form.fields if f.ticked] == ["source-2"]
    page = person.press("consent-give", {"source-2": False, "duration-until-stopped": True})
    assert [f.identifier for form in page.forms for f in form.fields if f.ticked] == ["duration-until-stopped"]
    person.press("consent-give", {"source-1": True})
    assert code_of(person)


def test_only_what_was_chosen_gets_tokens(
    rp: RelyingParty, person: Person, sources: tuple[str, ...], backroom: Backroom
) -> None:
    """One of two sources ticked: tokens for that one, `invalid_target` for the other, on every way there is."""
    asked = reach(person, rp, sources)
    person.consent(only=2)
    own = rp.redeem(asked, code_of(person)).json()
    chosen, other = LAB, sources[0]
    assert rp.exchange(own["access_token"], chosen).status_code == 200
    assert rp.exchange(own["access_token"], other).json()["error"] == "invalid_target"
    assert rp.refresh(own["refresh_token"], resource=other).json()["error"] == "invalid_target"
    (given,) = backroom.events("consent.given")
    assert (given["resource"], given["client_id"], given["evidence"]["duration"]) == (chosen, "rp-one", "once")
    assert given["actor"] == given["represented"] == str(backroom.person_id(FROUKE))
    assert own["scope"] == "openid 51"


def test_once_is_once(rp: RelyingParty, person: Person) -> None:
    """The answer "only this time" covers this request alone: the next one asks again, in the same session too."""
    reach(person, rp, (LAB,))
    person.consent(duration="once")
    code_of(person)
    reach(person, rp, (LAB,))
    assert "consent-give" in person.page.elements


def test_until_i_stop_is_remembered(
    rp: RelyingParty, other_rp: RelyingParty, person: Person, sources: tuple[str, ...]
) -> None:
    """What holds "until I stop" is not asked again, for this app, this source and this data alone."""
    reach(person, rp, (LAB,))
    person.consent(duration="until_stopped")
    code_of(person)
    asked = reach(person, rp, (LAB,))
    assert rp.redeem(asked, code_of(person)).status_code == 200
    reach(person, rp, sources)
    shown = [f.value for form in person.page.forms for f in form.fields if f.name == "source"]
    assert shown == [sources[0]]
    reach(person, other_rp, (LAB,))
    assert "consent-give" in person.page.elements
    reach(person, rp, (LAB,), prompt="consent")
    assert "consent-give" in person.page.elements


def test_a_wider_request_asks_again(rp: RelyingParty, person: Person) -> None:
    """Consent to one kind of data does not cover another at the same source."""
    reach(person, rp, (LAB,))
    person.consent(duration="until_stopped")
    person.open(rp.ask(resources=(LAB,), scope="openid 48 51").url)
    assert "consent-give" in person.page.elements


def test_a_session_that_ended_meanwhile_gives_nothing(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Who was logged out between page and answer logs in again and is asked again."""
    reach(person, rp, (LAB,))
    backroom.end_session(person.cookies["vad_session"])
    status, _ = post(person, source=[LAB], duration=["once"])
    assert status == 303
    assert backroom.events("consent.given") == []
    person.open(person.page.url)
    assert "login-submit" in person.page.elements
    person.log_in(FROUKE)
    assert "consent-give" in person.page.elements


@pytest.mark.parametrize("duration", ["once", "until_stopped"])
def test_the_next_person_in_the_same_flow_is_asked_anew(
    rp: RelyingParty, person: Person, backroom: Backroom, duration: str
) -> None:
    """Consent of one person never serves another, not even in one browser, one flow and one form."""
    reach(person, rp, (LAB,), FROUKE)
    page = person.page
    assert post(person, source=[LAB], duration=[duration])[0] == 303
    backroom.end_session(person.cookies["vad_session"])
    person.open(page.url)
    person.log_in(PIETER)
    assert "consent-give" in person.page.elements
    assert {event["actor"] for event in backroom.events("consent.given")} == {str(backroom.person_id(FROUKE))}


def test_what_another_agreed_to_chooses_nothing_for_me(
    rp: RelyingParty, person: Person, sources: tuple[str, ...], backroom: Backroom
) -> None:
    """Somebody with a standing consent is still asked for the rest, whatever was ticked in this flow before them."""
    reach(person, rp, (LAB,), PIETER)
    person.consent(duration="until_stopped")
    code_of(person)
    backroom.end_session(person.cookies["vad_session"])
    reach(person, rp, sources, FROUKE)
    page = person.page
    assert post(person, source=list(sources), duration=["once"])[0] == 303
    backroom.end_session(person.cookies["vad_session"])
    person.open(page.url)
    person.log_in(PIETER)
    shown = [f.value for form in person.page.forms for f in form.fields if f.name == "source"]
    assert shown == [sources[0]]


def test_what_nobody_used_for_six_months_is_asked_again(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """What holds "until I stop" lapses after six months without use: asked again; use moves its end."""
    reach(person, rp, (LAB,), HENDRIK)
    person.consent(duration="until_stopped")
    code_of(person)
    end = "SELECT until - now() > interval '181 days' FROM consents"
    assert backroom.ask(end) == [(True,)]
    backroom.ask("UPDATE consents SET until = now() + interval '1 hour'")
    reach(person, rp, (LAB,), HENDRIK)
    code_of(person)
    assert backroom.ask(end) == [(True,)]
    backroom.ask("UPDATE consents SET given_at = now() - interval '200 days', until = now() - interval '1 second'")
    reach(person, rp, (LAB,), HENDRIK)
    assert "consent-give" in person.page.elements


def test_asked_again_what_is_unticked_is_a_no(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """With `prompt=consent` an earlier "until I stop" does not stand in for a box that is left empty now."""
    hospital, laboratory = vad_town.address("hospital"), "https://source.example"
    both = (hospital, laboratory)
    person.authorize(rp.ask(resources=both, scope="openid 48"), duration="until_stopped")
    asked = rp.ask(resources=both, scope="openid 48", prompt="consent")
    person.answer = None
    person.open(asked.url)
    person.consent(only=1)
    answer: dict[str, str] = person.answer or {}
    own = rp.redeem(asked, answer["code"]).json()
    assert rp.exchange(own["access_token"], hospital).status_code == 200
    assert rp.exchange(own["access_token"], laboratory).json()["error"] == "invalid_target"
