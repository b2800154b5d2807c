"""The helpdesk takes a case, notes and answers; the person reads the answer. Nobody handles a case of their own."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import STAFF, Colleague
from vad.adapters.vault.person_references import AesPersonReferences
from vad.domain.audit import TokenRefused
from vad.domain.case import Case, CaseText, Reach, TextKind
from vad.domain.ground import Basis
from vad.domain.identifiers import CaseId, ClientId, PersonId, ResourceId
from vad.domain.inquiry_events import PersonUnmasked

HELPDESK = "karin"
TEXT = "Ik was dit niet, ik was op reis."


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave no case behind."""
    yield
    backroom.ask("DELETE FROM case_texts; DELETE FROM cases; DELETE FROM notices WHERE notice = 'case.answered'")


def a_case(backroom: Backroom, bsn: str, event_id: UUID | None = None) -> Case:
    """A case of this person, who wants a letter."""
    at = datetime.now(UTC)
    case = Case(CaseId(uuid4()), backroom.person_id(bsn), Reach.LETTER, at, event_id, at if event_id else None)
    with backroom.foundation.work() as tx:
        tx.cases.add(case, CaseText(uuid4(), case.case_id, TextKind.COMPLAINT, at, TEXT))
        tx.commit()
    return case


def test_from_waiting_to_answered(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Seen, taken, noted, answered: each an event about that person; they are told, and the outcome stands there."""
    case = a_case(backroom, "999990457")
    helpdesk = new_colleague()
    helpdesk.log_in_as(HELPDESK)
    assert case.reference in helpdesk.go("/meldingen").text
    assert TEXT in helpdesk.go(f"/meldingen/{case.case_id}").text
    helpdesk.press("case-take")
    assert "Gebeld met de app." in helpdesk.press("case-note", {"text": "Gebeld met de app."}).text
    address = f"/meldingen/{case.case_id}"
    without = {"action": "close", "text": "Dit was uw eigen app.", "outcome": "", "csrf_token": helpdesk.csrf_token}
    assert helpdesk.request("POST", address, **without).status_code == 400
    assert helpdesk.request("POST", address, **without | {"outcome": "explained"}).status_code == 303
    assert "case-close" not in helpdesk.go(address).elements
    assert case.reference not in helpdesk.go("/meldingen").text
    told = backroom.events("case.listed", "case.viewed", "case.taken", "case.noted", "case.closed")
    assert {event["type"] for event in told} == {
        "case.listed", "case.viewed", "case.taken", "case.noted", "case.closed"
    }  # fmt: skip
    assert all(event["represented"] == str(case.person_id) for event in told if event["type"] != "case.listed")
    assert TEXT not in str(told)
    assert backroom.ask("SELECT notice FROM notices WHERE about = %s", str(case.case_id)) == [("case.answered",)]
    assert backroom.ask("SELECT state, outcome FROM cases") == [("closed", "explained")]


def test_what_it_is_about_is_seen_without_the_log(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """The helpdesk sees of the event what the citizen saw: what, when, who, by which app, why; in words, no codes."""
    person, other = backroom.person_id("999990457"), uuid4()
    event = TokenRefused(
        actor=PersonId(other), represented=person, client_id=ClientId("pgo-demo"), resource=ResourceId("https://gp.example"),
        reason="NO_CONSENT", basis=Basis.MANDATE,
    )  # fmt: skip
    with backroom.foundation.work() as tx:
        tx.audit.append(event, at=datetime.now(UTC))
        tx.commit()
    [told] = [each for each in backroom.events("token.refused") if each["actor"] == str(other)]
    address = f"/meldingen/{a_case(backroom, '999990457', UUID(told['event_id'])).case_id}"
    karin, tom = new_colleague(), new_colleague()
    karin.log_in_as(HELPDESK)
    page = karin.go(address)
    refer = AesPersonReferences(backroom.foundation.keyring).of
    for said in (
        "App kreeg geen toegang", "Er was geen toestemming", "pgo-demo", "https://gp.example", "Machtiging",
        refer(PersonId(other))[:11], refer(person)[:11],
    ):  # fmt: skip
        assert said in page.text, said
    assert not {"token.refused", "NO_CONSENT", "/logboek"} & set(re.findall(r"[\w./]+", page.text))
    tom.log_in_as("tom")
    assert tom.go(address).elements["event"]["href"] == f"/logboek/{told['event_id']}"


def test_nobody_handles_a_case_of_their_own(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Rule 44: not even to read it; the list leaves it out; and who has no right sees nothing."""
    case = a_case(backroom, STAFF[HELPDESK]["bsn"])
    helpdesk = new_colleague()
    helpdesk.log_in_as(HELPDESK)
    assert case.reference not in helpdesk.go("/meldingen").text
    address = f"/meldingen/{case.case_id}"
    assert helpdesk.request("GET", address).status_code == 403
    assert helpdesk.request("POST", address, csrf_token=helpdesk.csrf_token, action="take").status_code == 403
    assert backroom.ask("SELECT state FROM cases") == [("open",)]


def test_nobody_handles_a_case_about_what_they_did(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Rule 44: by whatever account of theirs, or as somebody's helper; a colleague does."""
    did, herself, other = new_colleague(), new_colleague(), new_colleague()
    did.log_in_as(HELPDESK)
    [account] = backroom.ask("SELECT account_id FROM staff_accounts WHERE subject = %s", HELPDESK)
    person, karin = backroom.person_id("999990457"), backroom.person_id(STAFF[HELPDESK]["bsn"])
    herself.log_in_as("karin-beheer")
    other.log_in_as("farid")
    for event in (
        PersonUnmasked(staff=account[0], represented=person),
        PersonUnmasked(actor=karin, represented=person),
    ):
        with backroom.foundation.work() as tx:
            tx.audit.append(event, at=datetime.now(UTC))
            tx.commit()
        event_id = UUID(backroom.events("person.unmasked")[-1]["event_id"])
        address = f"/meldingen/{a_case(backroom, '999990457', event_id).case_id}"
        for looking in (did, herself):
            assert looking.request("GET", address).status_code == 403
            taken = looking.request("POST", address, csrf_token=looking.csrf_token, action="take")
            assert taken.status_code == 403
        own = [each for each in backroom.events("staff.refused") if each["reason"] == "own_case"]
        assert str(account[0]) in {each["staff"] for each in own}
        assert other.request("GET", address).status_code == 200
    assert {state for (state,) in backroom.ask("SELECT state FROM cases")} == {"open"}
