"""Staff take all data of one person, for that person: with a reason, never without an event (AVG article 15)."""

import io
import json
import re
import zipfile
from collections.abc import Callable

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import STAFF, Colleague
from tests.support.mandate_pages import authorised
from tests.support.person import PIETER, Person
from vad.adapters.vault.person_references import AesPersonReferences

pytestmark = pytest.mark.usefixtures("no_mandates")

FARID = STAFF["farid"]["bsn"]
"""Nobody else's tests log in as him outside the pages for staff: all that is told of him happened here."""
WHY = {"reason": "He asked for all his data on paper.", "case_number": "2026-78"}


def page_of(backroom: Backroom, bsn: str) -> str:
    """The page of this person, by reference."""
    return f"/personen/{AesPersonReferences(backroom.foundation.keyring).of(backroom.person_id(bsn))}"


def test_the_helpdesk_takes_it_with_a_reason(
    colleague: Colleague, new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """Rules 40 and 42: nothing without a reason, the event names whom it is about, and he sees it; nobody is named."""
    farid = new_person()
    authorised((farid, FARID), (new_person(), PIETER), backroom, "48", "51")
    colleague.log_in_as("karin")
    path = page_of(backroom, FARID)
    page = colleague.open(f"{colleague.admin}{colleague.go(path).elements['all-data']['href']}")
    assert page.url == f"{colleague.admin}{path}/gegevens"
    assert colleague.press("download", {"reason": "short", "case_number": "1"}).status == 422
    assert backroom.events("person.exported") == []
    answer = colleague.request("POST", f"{path}/gegevens", csrf_token=colleague.csrf_token, **WHY)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        written, readable = files.read("vad.json").decode(), files.read("vad.html").decode()
    told = json.loads(written)
    assert {name: len(rows) for name, rows in told.items() if rows and name not in {"madeAt", "events"}} == {
        "person": 1,
        "mandates": 1,
        "permissions": 2,
        "notices": 1,
        "logins": 1,
    }
    assert (told["mandates"][0]["represented"], told["mandates"][0]["representative"][:7]) == ("you", "person ")
    assert told["contacts"] == []
    he, other = (str(backroom.person_id(bsn)) for bsn in (FARID, PIETER))
    (event,) = backroom.events("person.exported")
    assert (event["represented"], event["actor"], bool(event["staff"]), event["evidence"]) == (he, None, True, {})
    types = sorted(each["type"] for each in told["events"] if not each["type"].startswith("staff."))
    mandate = ["mandate.accepted", "mandate.offered", "mandate.reached"]
    assert types == ["login.succeeded", *mandate, "person.exported"]
    assert event["event_id"] in {each["event_id"] for each in told["events"]}, "it came first"
    [(fields,)] = backroom.ask("SELECT fields FROM audit_erasable WHERE event_id = %s::uuid", event["event_id"])
    assert fields == WHY
    for secret in (FARID, PIETER, he, other, "Pieter", WHY["reason"]):
        assert secret not in written + readable + path
    farid.open(f"{farid.town.issuer}/mijn/activiteit")
    assert "Alles over u in een bestand gezet" in farid.page.text
    assert re.search(r"medewerker van VAD", farid.page.text)


def test_nobody_else_takes_it(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Rule 44: an auditor reads the log and not this, and nobody of the helpdesk takes their own this way."""
    tom, karin = new_colleague(), new_colleague()
    tom.log_in_as("tom")
    karin.log_in_as("karin")
    own = page_of(backroom, STAFF["karin"]["bsn"])
    assert "all-data" not in tom.go(own).elements
    karin.go("/personen")
    for somebody in (tom, karin):
        assert somebody.request("GET", f"{own}/gegevens").status_code == 403
        token = somebody.csrf_token
        assert somebody.request("POST", f"{own}/gegevens", csrf_token=token, **WHY).status_code == 403
    assert [event["reason"] for event in backroom.events("staff.refused")] == ["not_permitted"] * 2 + ["own_case"] * 2
    assert backroom.events("person.exported") == []
