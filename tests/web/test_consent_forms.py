"""The form of page P5: saying no, and forms that are forged, old, foreign, incomplete or sent twice."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.backroom import Backroom
from tests.support.consent_page import LAB, code_of, post, reach
from tests.support.database import ask
from tests.support.person import FROUKE, PIETER, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town

pytestmark = pytest.mark.slow

NO_LONGER = "Deze pagina werkt niet meer"


@pytest.fixture(autouse=True)
def _nobody_agreed(backroom: Backroom) -> Iterator[None]:
    """Begin and end with nobody having agreed to anything."""
    backroom.forget_consents()
    yield
    backroom.forget_consents()


def test_saying_no_is_access_denied(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Refusing sends the person back with `access_denied`; the log knows who refused what."""
    asked = reach(person, rp, (LAB,))
    person.press("consent-refuse")
    assert person.answer is not None
    assert person.answer["error"] == "access_denied"
    assert person.answer["state"] == dict(asked.parameters)["state"]
    (event,) = backroom.events("consent.refused")
    assert (event["actor"], event["evidence"]) == (str(backroom.person_id(FROUKE)), {"resources": [LAB]})
    assert backroom.events("consent.given") == []


def test_a_form_without_an_answer_is_a_no(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Only the button that says so gives consent; anything else in its place does not."""
    reach(person, rp, (LAB,))
    status, _ = post(person, source=[LAB], duration=["once"], action=["Give"])
    assert status == 303
    assert backroom.events("consent.given") == []


BAD_DIGESTS = [[], [""], ["0" * 64], ["\u20ac" * 64], ["\x00"]]


@pytest.mark.parametrize("digest", BAD_DIGESTS)
def test_a_form_must_say_what_it_showed(
    rp: RelyingParty, person: Person, backroom: Backroom, digest: list[str]
) -> None:
    """Agreeing is agreeing to what was shown: without its digest nothing is recorded, and no fault of ours either."""
    reach(person, rp, (LAB,))
    status, text = post(person, source=[LAB], duration=["once"], shown_digest=digest)
    assert status == 400
    assert NO_LONGER in text
    assert backroom.events("consent.given") == []


def test_the_digest_of_another_page_is_refused(
    rp: RelyingParty, other_rp: RelyingParty, new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """What was shown in another flow, for another app or to somebody else is something else."""
    person, other = new_person(), new_person()
    reach(other, rp, (LAB,), PIETER)
    digests = [other.filled_in("consent-give")["shown_digest"]]
    for party in (other_rp, rp):
        reach(person, party, (LAB,))
        digests.append(person.filled_in("consent-give")["shown_digest"])
    for digest in digests[:-1]:
        assert post(person, source=[LAB], duration=["once"], shown_digest=digest)[0] == 400
    assert backroom.events("consent.given") == []
    assert post(person, source=[LAB], duration=["once"], shown_digest=digests[-1])[0] == 303


def test_a_registration_that_changed_is_asked_anew(
    vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom
) -> None:
    """An app that got another name between page and answer has not been agreed to under that name."""
    owner = vad_town.database.migrate_url
    before = "SELECT name FROM clients WHERE client_id = 'rp-one'"
    assert ask(owner, before) == [("Test rp-one",)]
    rename = "UPDATE clients SET name = %s WHERE client_id = 'rp-one'"
    bump = "UPDATE configuration_version SET version = version + 1"
    reach(person, rp, (LAB,))
    try:
        ask(owner, rename, ("Een andere app",))
        ask(owner, bump)
        vad_town.app.extensions["vad.services"].registrations.check()
        assert post(person, source=[LAB], duration=["once"])[0] == 400
    finally:
        ask(owner, rename, ("Test rp-one",))
        ask(owner, bump)
        vad_town.app.extensions["vad.services"].registrations.check()
    assert backroom.events("consent.given") == []


@pytest.mark.parametrize("source", ["https://elsewhere.example", "", "rivm"])
def test_only_what_was_shown_can_be_chosen(
    vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom, source: str
) -> None:
    """A source that the page did not show, beside one that it did: nothing at all is recorded."""
    reach(person, rp, (LAB,))
    chosen = vad_town.address(source) if source == "rivm" else source
    assert post(person, source=[LAB, chosen], duration=["once"])[0] == 400
    assert backroom.events("consent.given") == []


@pytest.mark.parametrize("duration", [[], [""], ["forever"], ["ONCE"]])
def test_a_duration_must_be_one_that_was_offered(rp: RelyingParty, person: Person, duration: list[str]) -> None:
    """Anything else is no answer to "how long?"."""
    reach(person, rp, (LAB,))
    status, text = post(person, source=[LAB], duration=duration)
    assert status == 400
    assert "Kies hoe lang uw toestemming geldt" in text


def test_answering_twice_counts_once(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """A double click records one consent, and the flow gives one code."""
    reach(person, rp, (LAB,))
    assert post(person, source=[LAB], duration=["once"])[0] == 303
    assert post(person, source=[LAB], duration=["once"])[0] == 303
    assert len(backroom.events("consent.given")) == 1
    person.press("consent-give", {"source-1": True, "duration-once": True})
    assert code_of(person)
    assert post_again(person) == 400


def post_again(person: Person) -> int:
    """Answer a page of a flow that is over."""
    form = {"csrf_token": ["x"], "flow": ["x"], "action": ["give"]}
    return person.send("POST", "/toestemming", form).status_code


@pytest.mark.parametrize("token", [[], [""], ["x"]])
def test_a_forged_answer_does_nothing(rp: RelyingParty, person: Person, backroom: Backroom, token: list[str]) -> None:
    """Without the proof that the form is ours: 400, neither consent nor refusal."""
    reach(person, rp, (LAB,))
    of_session = person.filled_in("logout")["csrf_token"]
    for csrf in (token, of_session):
        for action in ("give", "refuse"):
            assert post(person, source=[LAB], duration=["once"], csrf_token=csrf, action=[action])[0] == 400
    assert backroom.events("consent.given", "consent.refused") == []
    person.consent()
    assert code_of(person)
