"""Rule 44: a signal about somebody, and a block against them, is about them; and they are not warned of it."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.api_client import Api
from tests.support.backroom import Backroom, Row
from tests.support.colleague import STAFF, Colleague
from tests.support.person import SEM_8, Person
from tests.support.staff_office import StaffOffice
from tests.support.town import Town
from tests.web.admin.test_audit_api import token
from tests.web.admin.test_signals import NOTE, happened
from tests.web.test_own_data import taken
from tests.web.test_staff_blocks import between, placed
from vad.bootstrap.upkeep import create_upkeep

TOM = STAFF["tom"]["bsn"]
WHY = {"reason": "What is known of this person", "case_number": "ZK-9"}
KINDS = ("staff.signal_raised", "staff.signal_handled", "approval.requested", "block.placed")


@pytest.fixture
def about_tom(
    new_colleague: Callable[[], Colleague], office: StaffOffice, backroom: Backroom, vad_town: Town
) -> Iterator[list[Row]]:
    """Let a signal about Tom be raised and handled, and let him be kept from acting for a child."""
    backroom.ask("DELETE FROM handled_signals")
    happened(backroom, 10, "mandate.code_refused", backroom.person_id(TOM), datetime.now(UTC))
    upkeep, _ = create_upkeep(vad_town.settings)
    while upkeep.tidy(datetime.now(UTC)):
        pass
    iris = new_colleague()
    iris.log_in_as("iris")
    start = f"/signalen/wrong_codes.{backroom.reference(TOM)}."
    [link] = {each["href"] for each in iris.go("/signalen").elements.values() if each.get("href", "").startswith(start)}
    iris.go(link)
    iris.press("signal-handle", NOTE)
    placed(office, between(backroom.person_id(SEM_8), backroom.person_id(TOM)))
    # A signal is raised once, be it by the test before this one.
    named = "SELECT row_to_json(e) FROM audit_events e WHERE type = ANY(%s) AND evidence::text LIKE %s"
    yield [row for (row,) in backroom.ask(named, list(KINDS), f"%{backroom.person_id(TOM)}%")]
    backroom.forget_mandates()
    backroom.ask("DELETE FROM handled_signals; DELETE FROM blocks; DELETE FROM outbox; DELETE FROM notices")


def test_whom_it_is_about_neither_lists_reads_nor_takes_it(
    new_colleague: Callable[[], Colleague], about_tom: list[Row], backroom: Backroom
) -> None:
    """An auditor of a signal about himself; another finds all of it by person, with his reference in each format."""
    assert {each["type"] for each in about_tom} == set(KINDS)
    tom, other, reference = new_colleague(), new_colleague(), backroom.reference(TOM)
    tom.log_in_as("tom")
    other.log_in_as("farid-audit")
    own = Api(tom.admin, token(tom))
    others = Api(other.admin, token(other, "farid-audit"))
    types = "&".join(f"type={kind}" for kind in KINDS)
    ids = {each["event_id"] for each in about_tom}

    page = tom.go(f"/logboek?{types}").text
    assert "Dit gaat over uzelf" not in page, "that there is something would warn him"
    assert [each for each in ids if each in page] == []
    assert {tom.request("GET", f"/logboek/{each}").status_code for each in ids} == {403}
    assert {own.get(f"/audit/events/{each}").json()["code"] for each in ids} == {"own_case"}
    listed = own.get("/audit/events", type=KINDS, limit=200).json()
    assert listed["ownLeftOut"] is False
    assert ids.isdisjoint(each["eventId"] for each in listed["events"])
    path = f"/logboek/export?{types}"
    for reader, seen in ((tom, set()), (other, ids)):
        reader.go(path)
        answer = reader.request("POST", path, csrf_token=reader.csrf_token, format="jsonl", **WHY)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
            lines = [json.loads(line) for line in files.read("events.jsonl").splitlines()]
        assert {each["event"]["event_id"] for each in lines} & ids == seen
        about = [each for each in lines if each["event"]["event_id"] in ids]
        assert all(reference in each["references"]["named"] for each in about)

    page = other.go(f"/logboek?person={reference}&{types}").text
    assert [each for each in ids if each not in page] == []
    found = others.get("/audit/events", person=reference, type=KINDS).json()["events"]
    assert {each["eventId"] for each in found} == ids
    assert all(reference in each["named"] for each in found)
    assert f"/personen/{reference}" in other.go(f"/logboek/{about_tom[0]['event_id']}").text


def asked_about_tom(auditor: Colleague, backroom: Backroom) -> None:
    """Look for signals about him, and take them away: that somebody looked is told, and not what for."""
    auditor.log_in_as("farid-audit")
    asked = f"person={backroom.reference(TOM)}&type=staff.signal_raised"
    auditor.go(f"/logboek?{asked}")
    path = f"/logboek/export?{asked}"
    auditor.go(path)
    auditor.request("POST", path, csrf_token=auditor.csrf_token, format="jsonl", **WHY)


def test_it_is_in_what_staff_take_and_warns_nobody(
    new_colleague: Callable[[], Colleague], new_person: Callable[[], Person], about_tom: list[Row], backroom: Backroom
) -> None:
    """AVG article 15: staff weigh whether it is told; the pages and the file of the person do not have it."""
    ids = {each["event_id"] for each in about_tom}
    karin, tom, path = new_colleague(), new_person(), f"/personen/{backroom.reference(TOM)}/gegevens"
    karin.log_in_as("karin")
    asked_about_tom(new_colleague(), backroom)

    def given(**more: str) -> dict[str, Any]:
        karin.go(path)
        answer = karin.request("POST", path, csrf_token=karin.csrf_token, **WHY, **more)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
            assert "vad.html" in files.namelist()
            told: dict[str, Any] = json.loads(files.read("vad.json"))
            return told

    plain = given()
    assert "events_to_weigh" not in plain
    assert ids.isdisjoint(each["event_id"] for each in plain["events"])
    weighed = {each["event_id"]: each for each in given(to_weigh="yes")["events_to_weigh"]}
    assert ids <= weighed.keys()
    blocks = [weighed[each["event_id"]] for each in about_tom if each["type"] == "block.placed"]
    assert {(each["evidence"]["against"], each["represented"][:7]) for each in blocks} == {("you", "person ")}
    for secret in (TOM, str(backroom.person_id(TOM)), str(backroom.person_id(SEM_8)), NOTE["reason"]):
        assert secret not in json.dumps(weighed)
    assert [each["evidence"] for each in backroom.events("person.exported")] == [{}, {"to_weigh": True}]

    tom.open(f"{tom.town.issuer}/mijn/activiteit.json")
    tom.log_in(TOM)
    activity = tom.send("GET", "/mijn/activiteit.json").json()["events"]
    own, readable = taken(tom)
    assert len(activity) > 1
    looked = [each["evidence"] for each in own["events"] if each["type"] in {"staff.viewed", "log.exported"}]
    assert {"action": "log.search", "page": "log.log"} in looked
    assert {"format": "jsonl"} in looked
    assert {name for each in looked for name in each} == {"action", "page", "format"}
    assert ids.isdisjoint({each["id"] for each in activity} | {each["event_id"] for each in own["events"]})
    assert "events_to_weigh" not in own
    assert "signal_raised" not in readable
