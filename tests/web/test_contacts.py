"""Where somebody wants to be told (P15): proved by a code in a real mail, changed and removed with notice (rule 28)."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.person import SAMIRA, Person
from tests.support.town import Town
from vad.bootstrap.upkeep import create_upkeep
from vad.domain.notice import Notice
from vad.services.contacts import MOST_CODES
from vad.services.notifications import tell
from vad.services.upkeep import Upkeep

PAGE = "/mijn/berichten"


@pytest.fixture(scope="module")
def worker(the_town: Town) -> Upkeep:
    """Give what `vad worker` runs."""
    return create_upkeep(the_town.settings)[0]


@pytest.fixture(autouse=True)
def _nobody_is_told(backroom: Backroom) -> Iterator[None]:
    forget = "DELETE FROM outbox; DELETE FROM notices; DELETE FROM contacts"
    backroom.ask(forget)
    yield
    backroom.ask(forget)


def an_address() -> str:
    """Give an address that nobody else has."""
    return f"samira-{uuid4().hex[:8]}@post.example"


def mails(town: Town, address: str) -> list[dict[str, Any]]:
    """What has come in for this address, newest first."""
    items = requests.get(f"{town.address('post')}/items", timeout=10).json()
    return [item for item in items if item["kind"] == "mail" and item["to"] == address]


def letters(town: Town, name: str) -> list[dict[str, Any]]:
    """What was posted to somebody of this name, newest first."""
    items = requests.get(f"{town.address('post')}/items", timeout=10).json()
    return [item for item in items if item["kind"] == "letter" and name in item["text"]]


def code_in(mail: dict[str, Any]) -> str:
    """The code that a mail shows."""
    (code,) = re.findall(r"^(\d{6})$", mail["text"], re.MULTILINE)
    return str(code)


def deliver(worker: Upkeep, after: timedelta = timedelta()) -> None:
    """One round of the worker, some time from now."""
    assert worker.deliver(datetime.now(UTC) + after).defects == ()


def logged_in(person: Person) -> Person:
    """Go to the page, through DigiD."""
    person.open(f"{person.town.issuer}{PAGE}")
    person.log_in(SAMIRA)
    return person


def ask(person: Person, worker: Upkeep, address: str) -> str:
    """Enter an address; give the code that comes."""
    page = person.press("contact-ask", {"email": address})
    assert "We hebben een code gestuurd." in page.text
    deliver(worker)
    return code_in(mails(person.town, address)[0])


def confirm(person: Person, worker: Upkeep, address: str) -> None:
    """Enter an address, and the code that comes."""
    code = ask(person, worker, address)
    assert "Berichten gaan nu naar uw e-mailadres." in person.press("contact-prove", {"code": code}).text


def queued(backroom: Backroom) -> list[tuple[str, str]]:
    """What waits: kind of message, and notice."""
    statement = """
        SELECT kind, notice FROM outbox JOIN notices ON notice_id = (payload ->> 'notice_id')::uuid ORDER BY 1, 2
    """
    return [(kind, notice) for kind, notice in backroom.ask(statement)]


def test_an_address_is_proved_used_changed_and_removed(
    person: Person, worker: Upkeep, backroom: Backroom, vad_town: Town
) -> None:
    """Each step is in the log; who had the address before is told there, and by letter."""
    first, second, samira = an_address(), an_address(), backroom.person_id(SAMIRA)
    confirm(logged_in(person), worker, first)
    assert queued(backroom) == [("letter", "email.set")]
    with backroom.foundation.work() as tx:
        tell(tx, samira, Notice.MANDATE_CHANGED, datetime.now(UTC), about="m1")
        tx.commit()
    deliver(worker)
    assert mails(vad_town, first)[0]["subject"] == "Er is iets veranderd in uw machtigingen"
    assert letters(vad_town, "Amrani")[0]["subject"] == "U krijgt berichten nu per e-mail"
    confirm(person, worker, second)
    assert queued(backroom) == [("letter", "email.changed"), ("mail", "email.changed")]
    deliver(worker)
    assert mails(vad_town, first)[0]["subject"] == "Uw e-mailadres bij VAD is veranderd"
    assert letters(vad_town, "Amrani")[0]["subject"] == "Uw e-mailadres bij VAD is veranderd"
    assert "Berichten komen nu per post." in person.press("contact-remove").text
    deliver(worker)
    assert mails(vad_town, second)[0]["subject"] == "Uw e-mailadres bij VAD is veranderd"
    types = ("contact.set", "contact.changed", "contact.removed", "notice.sent")
    assert [event["type"] for event in backroom.events(*types) if event["type"] != "notice.sent"] == list(types[:3])
    sent = sorted((event["evidence"]["notice"], event["evidence"]["by"]) for event in backroom.events("notice.sent"))
    assert sent == [
        *[("email.changed", "letter")] * 2,
        *[("email.changed", "mail")] * 2,
        *[("email.check", "mail")] * 2,
        ("email.set", "letter"),
        ("mandate.changed", "mail"),
    ]
    assert all(address not in f"{backroom.events(*types)}" for address in (first, second))


def test_wrong_codes_are_counted(person: Person, worker: Upkeep, backroom: Backroom) -> None:
    """Five times, right or wrong; then not even the right one counts, and a new code has to be sent."""
    address = an_address()
    code = ask(logged_in(person), worker, address)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for entered in (wrong, "", "abc", code[:5], "1 2 3"):
        page = person.press("contact-prove", {"code": entered})
        assert page.status == 400
        assert "Deze code klopt niet." in page.text
    assert "Deze code werkt niet meer." in person.press("contact-prove", {"code": code}).text
    assert backroom.ask("SELECT state FROM contacts") == [("pending",)]
    assert len(backroom.events("contact.not_proved")) == 5
    confirm(person, worker, address)


def test_a_code_is_for_one_address_one_person_and_half_an_hour(
    person: Person, new_person: Callable[[], Person], worker: Upkeep, backroom: Backroom
) -> None:
    """Of an address that was replaced it counts no more; too late neither, nor for somebody else."""
    first = ask(logged_in(person), worker, an_address())
    second = ask(person, worker, an_address())
    other = new_person()
    other.open(f"{other.town.issuer}{PAGE}")
    other.log_in()
    ask(other, worker, an_address())
    assert other.press("contact-prove", {"code": second}).status == 400
    if first != second:  # once in a million
        assert person.press("contact-prove", {"code": first}).status == 400
    backroom.ask("UPDATE contacts SET asked_at = asked_at - interval '30 minutes'")
    assert "Deze code werkt niet meer." in person.press("contact-prove", {"code": second}).text
    assert backroom.ask("SELECT count(*) FROM contacts WHERE state = 'confirmed'") == [(0,)]
    # A mail that comes too late is not sent at all.
    person.press("contact-ask", {"email": (late := an_address())})
    deliver(worker, timedelta(minutes=31))
    assert mails(person.town, late) == []


def test_what_is_no_address_is_kept_to_be_mended(person: Person, backroom: Backroom) -> None:
    """The field has the fault and what was typed; nothing is sent. Nor is it without a token of the form."""
    logged_in(person)
    for typed in ("", "samira", "samira@", "a@b", "sam ira@post.example", "samira@post.example\nBcc: x@post.example"):
        page = person.press("contact-ask", {"email": typed})
        assert page.status == 400
        assert "Vul een e-mailadres in, zoals naam@voorbeeld.nl" in page.text
        assert "Fout: " in page.text
    assert 'value="samira@post.example' in page.text
    assert backroom.ask("SELECT count(*) FROM contacts") == [(0,)]
    answer = person.send("POST", PAGE, {"action": "ask", "email": an_address()})
    assert answer.status_code == 400
    assert backroom.ask("SELECT count(*) FROM contacts") == [(0,)]


def test_codes_are_not_sent_without_end(person: Person, worker: Upkeep) -> None:
    """The addresses that somebody enters may be another's: so many a day."""
    logged_in(person)
    for _ in range(MOST_CODES):
        ask(person, worker, an_address())
    address = an_address()
    page = person.press("contact-ask", {"email": address})
    assert page.status == 400
    assert "U heeft vandaag te vaak een code gevraagd." in page.text
    deliver(worker)
    assert mails(person.town, address) == []


def test_a_mail_that_is_refused_becomes_a_letter(person: Person, worker: Upkeep, backroom: Backroom) -> None:
    """What must arrive goes by post when the server says never; when it says later, it is tried later."""
    confirm(logged_in(person), worker, an_address())
    samira = backroom.person_id(SAMIRA)
    backroom.ask("DELETE FROM outbox")
    for number, (address, posted) in enumerate({"onbekend@post.example": 1, "later@post.example": 0}.items()):
        with backroom.foundation.work() as tx:
            contact = tx.contacts.confirmed(samira)
            assert contact is not None
            place = {"table": "contacts", "column": "address_sealed", "row": str(contact.contact_id)}
            sealed = tx.contacts._sealer.seal(address.encode(), **place)  # noqa: SLF001 - an address that went bad
            tell(tx, samira, Notice.MANDATE_ENDED, datetime.now(UTC), about=f"m{number}")
            tx.commit()
        backroom.ask("UPDATE contacts SET address_sealed = %s WHERE state = 'confirmed'", sealed.value)
        before = len(letters(person.town, "Amrani"))
        for minutes in range(3):
            deliver(worker, timedelta(minutes=minutes))
        assert len(letters(person.town, "Amrani")) - before == posted
        assert queued(backroom) == []
        backroom.ask("DELETE FROM outbox")
    assert [mail["subject"] for mail in mails(person.town, "later@post.example")]
