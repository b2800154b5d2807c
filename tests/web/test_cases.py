"""Reporting that something is not right (rule 42): people hear a reference, and read the answer on their own page."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.support.backroom import Backroom
from tests.support.person import PIETER, SAMIRA, Person
from vad.domain.case import LONGEST_TEXT, CaseText, TextKind
from vad.domain.contact import Contact, ContactState, EmailAddress
from vad.domain.identifiers import ContactId, StaffId

pytestmark = pytest.mark.slow

TEXT = "Ik was dit niet. Ik was die dag in het ziekenhuis."


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave no case behind: a person may open five in a day."""
    yield
    backroom.ask("DELETE FROM case_texts; DELETE FROM cases; DELETE FROM contacts")


@pytest.fixture
def samira(person: Person) -> Person:
    """Give somebody who is at their activity, where there is a login to speak of."""
    person.open(f"{person.town.issuer}/mijn/activiteit")
    person.log_in(SAMIRA)
    return person


def reported(person: Person, *, text: str = TEXT, reach: str = "letter", about: str = "") -> tuple[int, str]:
    """Report something; the status and the page that it leads to."""
    person.open(f"{person.town.issuer}/mijn/melding{about}")
    answer = person.send(
        "POST", f"/mijn/melding{about}", person.filled_in("case-send") | {"text": [text], "reach": [reach]}
    )
    if answer.status_code == 303:
        return 303, person.open(f"{person.town.issuer}{answer.headers['Location']}").text
    return answer.status_code, answer.text


def first_link(person: Person) -> str:
    """The way from the newest line of the activity."""
    found = re.search(r"/mijn/melding(/[0-9a-f-]{36})", person.open(f"{person.town.issuer}/mijn/activiteit").text)
    assert found is not None
    return found.group(1)


def test_from_a_line_to_a_reference(samira: Person, backroom: Backroom) -> None:
    """The form shows which event it is; the receipt gives a reference; the event names both and none of the words."""
    about = first_link(samira)
    page = samira.open(f"{samira.town.issuer}/mijn/melding{about}")
    assert "Ingelogd met DigiD" in page.text
    status, text = reported(samira, about=about)
    assert status == 303
    ((reference, event_id, sealed),) = backroom.ask(
        "SELECT reference, event_id::text, text_sealed FROM cases JOIN case_texts USING (case_id)"
    )
    assert f"Het nummer is {reference}." in text
    assert TEXT in text
    assert re.fullmatch(r"M[2-9A-Z]{4}-[2-9A-Z]{3}-[2-9A-Z]{3}", reference)
    assert b"ziekenhuis" not in bytes(sealed)
    (event,) = backroom.events("case.opened")
    assert event["evidence"] == {"case": reference, "event": event_id}
    assert event_id == about.strip("/")
    assert "Gemeld dat er iets niet klopt" in samira.open(f"{samira.town.issuer}/mijn/activiteit").text


def test_what_was_filled_in_is_kept(samira: Person, backroom: Backroom) -> None:
    """Nothing is chosen beforehand; a fault says what is missing, and the words stay."""
    page = samira.open(f"{samira.town.issuer}/mijn/melding")
    assert not any(field.ticked for form in page.forms for field in form.fields)
    for text, reach, fault in (
        (" ", "letter", "Schrijf op wat er niet klopt"),
        ("x" * (LONGEST_TEXT + 1), "letter", "Schrijf op wat er niet klopt"),
        (TEXT, "", "Kies hoe u hoort"),
        (TEXT, "mail", "Kies hoe u hoort"),  # no address was set
        (TEXT, "pigeon", "Kies hoe u hoort"),
    ):
        status, answer = reported(samira, text=text, reach=reach)
        assert (status, fault in answer) == (400, True)
        assert text.strip() in answer
    assert backroom.ask("SELECT count(*) FROM cases") == [(0,)]


def test_by_mail_where_there_is_an_address(samira: Person, backroom: Backroom) -> None:
    """A confirmed address can be chosen; nothing else can be filled in, so no stranger is told."""
    at, me = datetime.now(UTC), backroom.person_id(SAMIRA)
    address = EmailAddress("samira@post.example")
    contact = Contact(ContactId(uuid4()), me, address, "nl", ContactState.PENDING, at)
    with backroom.foundation.work() as tx:
        tx.contacts.ask(contact)
        tx.contacts.confirm(contact, at)
        tx.commit()
    assert reported(samira, reach="mail")[0] == 303
    assert backroom.ask("SELECT reach FROM cases") == [("mail",)]


def test_nobody_speaks_of_what_they_do_not_see(
    samira: Person, new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """Another's event, or one that there is not: the same page that says there is nothing."""
    about = first_link(samira)
    assert reported(samira)[0] == 303
    pieter = new_person()
    pieter.open(f"{pieter.town.issuer}/mijn/activiteit")
    pieter.log_in(PIETER)
    for strange in (about, f"/{uuid4()}"):
        assert pieter.send("GET", f"/mijn/melding{strange}").status_code == 404
    ((reference,),) = backroom.ask("SELECT reference FROM cases")
    text = pieter.open(f"{pieter.town.issuer}/mijn/meldingen?nieuw={reference}").text
    assert "Wij hebben uw melding ontvangen" not in text
    assert TEXT not in text


def test_five_a_day(samira: Person, backroom: Backroom) -> None:
    """People have to read them. The sixth is told so, and the next day there is room again."""
    assert [reported(samira)[0] for _ in range(6)] == [303] * 5 + [429]
    backroom.ask("UPDATE cases SET made_at = made_at - interval '1 day'")
    assert reported(samira)[0] == 303


def test_a_forged_form_opens_nothing(samira: Person, backroom: Backroom) -> None:
    """Without the proof that the form is ours."""
    forged = {"csrf_token": "x" * 64, "text": TEXT, "reach": "letter"}
    assert samira.send("POST", "/mijn/melding", forged).status_code == 400
    assert backroom.ask("SELECT count(*) FROM cases") == [(0,)]


def test_one_logs_in_first(person: Person) -> None:
    """A report is a person's own."""
    for path in ("/mijn/melding", f"/mijn/melding/{uuid4()}", "/mijn/meldingen"):
        assert person.open(f"{person.town.issuer}{path}").heading == "Inloggen bij VAD"
    person.log_in(SAMIRA)
    assert person.page.heading == "Mijn meldingen"


def test_the_answer_and_what_was_erased(samira: Person, backroom: Backroom) -> None:
    """What the helpdesk wrote for the person stands there, their notes do not; erased words leave the rest."""
    assert reported(samira)[0] == 303
    backroom.ask(
        "UPDATE cases SET state = 'closed', taken_by = %s, taken_at = now(), outcome = 'corrected', closed_at = now()",
        str(uuid4()),
    )
    backroom.ask("DELETE FROM case_texts")
    at = datetime.now(UTC)
    with backroom.foundation.work() as tx:
        (case,) = tx.cases.of(backroom.person_id(SAMIRA))
        for kind, text in (
            (TextKind.NOTE, "Gebeld met de app."),
            (TextKind.ANSWER, "De app deed dit. Het is gestopt."),
        ):
            tx.cases.write(CaseText(uuid4(), case.case_id, kind, at, text, StaffId(uuid4())))
        tx.commit()
    text = samira.open(f"{samira.town.issuer}/mijn/meldingen").text
    assert "Het klopte niet, en wij deden er iets aan" in text
    assert "De app deed dit. Het is gestopt." in text
    assert "Gebeld" not in text
    assert TEXT not in text
