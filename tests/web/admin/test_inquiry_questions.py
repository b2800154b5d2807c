"""A4: questions that start from one mandate, person or event, and the proof of one event."""

import re
from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import STAFF, Colleague
from tests.support.person import FROUKE, PIETER
from tests.web.admin.test_inquiry_pages import last, mandate, reference
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.tlog.ed25519 import CheckpointKey
from vad.sandbox.demo.browser import Page

pytestmark = pytest.mark.usefixtures("no_mandates")

__all__ = ["mandate"]


def test_questions_about_one_mandate_person_or_event(colleague: Colleague, mandate: UUID, backroom: Backroom) -> None:
    """A4: (b), (c), (f) and (g) start from a field, and lead to an address with references and numbers alone."""
    backroom.ask(
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, basis, actor, represented, reason, evidence)"
        " SELECT gen_random_uuid(), now(), 'token.refused', 'refused', 'mandate', representative, represented,"
        " 'NO_CONSENT', jsonb_build_object('mandate', mandate_id) FROM mandates"
    )
    who, event = reference(backroom, PIETER), last(backroom, "token.refused")["event_id"]
    colleague.log_in_as("tom")

    def asked(button: str, **typed: str) -> Page:
        colleague.go("/logboek/vragen")
        return colleague.press(button, typed)

    uses = asked("ask-uses", mandate=str(mandate))
    assert (uses.text.count("<code>token.refused</code>"), "<code>mandate.accepted</code>" in uses.text) == (1, False)
    assert "Er was geen toestemming" in uses.text
    life = asked("ask-life", mandate=str(mandate))
    assert all(f"<code>{kind}</code>" in life.text for kind in ("token.refused", "mandate.accepted", "mandate.offered"))
    did = asked("ask-did", did=who)
    assert (did.url.endswith(f"/logboek?actor={who}"), "<code>token.refused</code>" in did.text) == (True, True)
    assert set(re.findall(r'>Wie</span><div><a [^>]*href="/personen/([^"]+)"', did.text)) == {who}, "and nobody else"
    assert asked("ask-event", event=str(event)).address.endswith(f"/logboek/{event}")
    assert f"/machtigingen/{mandate}" in colleague.page.elements["mandate"]["href"]
    for button, field in (("ask-uses", "mandate"), ("ask-life", "mandate"), ("ask-did", "did"), ("ask-event", "event")):
        for wrong in (FROUKE, str(uuid4()), ""):
            page = asked(button, **{field: wrong})
            assert (page.status, f"{field}-error" in page.elements) == (422, True)
            assert not wrong or wrong not in page.text + page.url
    page = asked("ask-did", did=who, **{"since-day": "31", "since-month": "2", "since-year": "2026"})
    assert (page.status, 'href="#since-day"' in page.text, page.elements["did"]["value"]) == (422, True, who)
    page = colleague.go(f"/personen/{who}")
    assert colleague.go(page.elements["could-act"]["href"]).elements["person"]["value"] == who
    page = colleague.go(f"/machtigingen/{mandate}")
    for link, kinds in (("uses", {"token.refused"}), ("life", {"token.refused", "mandate.accepted"})):
        found = set(
            re.findall(r"<code>((?:token|mandate)\.[a-z_]+)</code>", colleague.go(page.elements[link]["href"]).text)
        )
        assert kinds <= found, link


def test_the_proof_of_one_event(colleague: Colleague, backroom: Backroom) -> None:
    """A4: from the page of the event, once it is sealed; nobody gets that of their own."""
    colleague.log_in_as("tom")
    event, own = (str(uuid4()) for _ in range(2))
    for number, person in ((event, str(uuid4())), (own, str(backroom.person_id(STAFF["tom"]["bsn"])))):
        backroom.ask(
            "INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, evidence)"
            " VALUES (%s::uuid, now(), 'token.refused', 'refused', %s::uuid, '{}')",
            number,
            person,
        )
    answer = colleague.request("GET", f"/logboek/{event}/bewijs")
    assert (answer.status_code, 'id="unproved"' in answer.text) == (409, True)
    key = CheckpointKey.from_text(CheckpointKey.generate_text("log.example/vad"))
    with closing(Database(backroom.town.database.worker_url)) as worker:
        while PostgresSealedLog(worker).seal(key, datetime.now(UTC)).more:
            pass
    answer = colleague.request("GET", colleague.go(f"/logboek/{event}").elements["proof"]["href"])
    assert (answer.status_code, answer.text.partition("@")[0]) == (200, "c2sp.org/tlog-proof")
    assert f'filename="{event}.tlog-proof"' in answer.headers["Content-Disposition"]
    assert colleague.request("GET", f"/logboek/{own}/bewijs").status_code == 403
