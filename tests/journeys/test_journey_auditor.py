"""An auditor: from a question to the evidence, a signed export, and the review of access (rules 43 and 44)."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.adapters.postgres.mandate_records import in_force
from tests.journeys.gate import gate
from tests.journeys.test_journey_staff import passes
from tests.journeys.test_journey_staff_requests import log_in
from tests.support.backroom import Backroom
from tests.support.person import FROUKE, PIETER, SEM_8
from tests.support.visitor import Hands, NewVisitor, Visitor
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.tlog.ed25519 import CheckpointKey
from vad.adapters.vault.person_references import AesPersonReferences
from vad.domain.audit import TokenRefused
from vad.domain.identifiers import PersonId

pytestmark = pytest.mark.journey


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Let nobody act for anybody, and no child be known, before and after."""
    for turn in range(2):
        backroom.forget_mandates()
        backroom.ask("DELETE FROM birthdays")
        if not turn:
            yield


VERIFIER = Path(__file__).parents[2] / "vad/adapters/tlog/verify_proof.py"


def test_from_a_question_to_a_proof(new_visitor: NewVisitor, backroom: Backroom, tmp_path: Path) -> None:
    """Each page passes what a page must; what is taken away proves itself to the program that needs nothing of VAD."""
    key, someone = CheckpointKey.from_text(CheckpointKey.generate_text("log.example/vad")), PersonId(uuid4())
    refused_and_sealed(backroom, key, someone)
    reference = AesPersonReferences(backroom.foundation.keyring).of(someone)
    auditor = new_visitor()
    log_in(auditor, "tom", "/logboek")
    asked_who_could_act(auditor, backroom.reference(FROUKE))
    auditor.open(f"{auditor.town.address('admin')}/logboek/vragen")
    auditor.press("#refusals")
    auditor.sees("Wat is geweigerd, en waarom?")
    expect(auditor.page.locator("main")).to_contain_text("token.refused")
    passes(auditor)
    asked_what_should_not_be(auditor, backroom)
    asked_who_turns_twelve(auditor, backroom)

    auditor.press("nav a[href='/logboek']")
    auditor.with_hands(Hands.KEYBOARD).press("#filter summary")
    for field, value in {"since-day": "31", "since-month": "2", "since-year": "2026", "actor": "x"}.items():
        auditor.page.fill(f"#{field}", value)
    auditor.press("#show")
    gate(auditor, "staff-log-missing", english=False)
    auditor.page.get_by_role("link", name="Vul een datum in die bestaat").click()
    expect(auditor.page.locator("#since-day")).to_be_focused()
    for field, value in {"since-day": "1", "since-month": "1", "person": reference}.items():
        auditor.page.fill(f"#{field}", value)
    auditor.page.select_option("#type", "token.refused")
    auditor.press("#show")
    auditor.at("since=2026-01-01.*")
    found = auditor.page.url
    gate(auditor, "staff-log")
    auditor.press("main table a[href^='/logboek/']")
    gate(auditor, "staff-log-event")
    auditor.open(found)

    auditor.press("#export")
    gate(auditor, "staff-log-export")
    auditor.press("#download")
    gate(auditor, "staff-log-export-missing", english=False)
    auditor.with_hands(Hands.KEYBOARD).choose("input[name=format][value=jsonl]")
    auditor.page.fill("#reason", "Jaarlijkse controle van weigeringen")
    auditor.page.fill("#case_number", "AUD-2026-2")
    with auditor.page.expect_download() as begun:
        auditor.press("#download")
    proved(begun.value.path().read_bytes(), key, tmp_path)

    auditor.press("nav a[href='/toegang']")
    auditor.sees("Wat medewerkers mochten en deden")
    auditor.press(f"a[href$='periode={datetime.now(UTC).year}']")
    expect(auditor.page.locator("#accounts tbody tr").first).to_be_visible()
    passes(auditor)


def refused_and_sealed(backroom: Backroom, key: CheckpointKey, person: PersonId) -> None:
    """Let a token have been refused for this person, and the log be sealed up to there."""
    with backroom.foundation.work() as tx:
        tx.audit.append(
            TokenRefused(actor=person, represented=person, reason="BLOCKED", client_id=None, evidence={"block": "x"}),
            at=datetime.now(UTC),
        )
        tx.commit()
    worker = Database(backroom.town.database.worker_url)
    sealed = PostgresSealedLog(worker)
    while sealed.seal(key, datetime.now(UTC)).more:
        pass
    worker.close()


def asked_who_could_act(auditor: Visitor, reference: str) -> None:
    """By the form of the question, with a day that does not exist first."""
    auditor.press("#questions")
    gate(auditor, "staff-log-questions")
    auditor.page.fill("#person", reference)
    auditor.page.fill("#on-month", "13")
    auditor.press("#ask")
    gate(auditor, "staff-log-questions-missing", english=False)
    expect(auditor.page.locator("#on-month")).to_have_value("13")
    for part, value in (("day", "1"), ("month", "3"), ("year", "2026")):
        auditor.page.fill(f"#on-{part}", value)
    auditor.press("#ask")
    auditor.at("on=2026-03-01.*")
    gate(auditor, "staff-log-could-act")


def asked_what_should_not_be(auditor: Visitor, backroom: Backroom) -> None:
    """(d): nothing, then a day that does not exist, then a use of what was over."""
    auditor.open(f"{auditor.town.address('admin')}/logboek/vragen")
    auditor.press("#overdue")
    expect(auditor.page.locator("#none")).to_be_visible()
    gate(auditor, "staff-log-overdue")
    auditor.page.fill("#since-month", "13")
    auditor.press("#show")
    gate(auditor, "staff-log-overdue-missing", english=False)
    auditor.page.get_by_role("alert").get_by_role("link").click()
    expect(auditor.page.locator("#since-day")).to_be_focused()
    in_force(backroom.foundation.work, (backroom.person_id(FROUKE), backroom.person_id(PIETER)))
    backroom.change_mandates(
        "starts_at = now() - interval '9 days', changed_at = now(), ends_at = now() - interval '1 day'"
    )
    backroom.ask(
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, basis, actor, represented, evidence)"
        " SELECT gen_random_uuid(), now(), 'token.issued', 'success', 'mandate', representative, represented,"
        " jsonb_build_object('mandate', mandate_id) FROM mandates"
    )
    auditor.page.fill("#since-month", "1")
    auditor.with_hands(Hands.KEYBOARD).press("#show")
    expect(auditor.page.locator("main table")).to_contain_text("De machtiging was voorbij")
    passes(auditor)


def asked_who_turns_twelve(auditor: Visitor, backroom: Backroom) -> None:
    """(h): somebody, then a day that is over."""
    child, parent = (str(backroom.person_id(bsn)) for bsn in (SEM_8, PIETER))
    backroom.ask(
        "INSERT INTO birthdays"
        " SELECT %s::uuid, %s::uuid, 12, date_trunc('month', now() - interval '45 days')::date, 0, NULL",
        child,
        parent,
    )
    auditor.open(f"{auditor.town.address('admin')}/logboek/vragen")
    auditor.press("#turning")
    expect(auditor.page.locator("main table tbody tr")).to_have_count(1)
    gate(auditor, "staff-log-turning")
    auditor.page.fill("#until-year", "2020")
    auditor.with_hands(Hands.KEYBOARD).press("#show")
    gate(auditor, "staff-log-turning-missing", english=False)
    auditor.page.get_by_role("alert").get_by_role("link").click()
    expect(auditor.page.locator("#until-day")).to_be_focused()


def proved(taken: bytes, key: CheckpointKey, folder: Path) -> None:
    """The one event in it stands in the log that this key signs."""
    with zipfile.ZipFile(io.BytesIO(taken)) as archive:
        [line] = archive.read("events.jsonl").decode().splitlines()
        [proof] = map(json.loads, archive.read("proofs.jsonl").decode().splitlines())
    file = folder / "proof.txt"
    file.write_text(proof["proof"], encoding="utf-8")
    command = [sys.executable, str(VERIFIER), str(key.verifier), "inclusion", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    entry = done.stdout.rpartition("\nproved: ")[0]
    assert line.startswith(f'{{"event":{entry},'), "the proof is of the event beside it"
