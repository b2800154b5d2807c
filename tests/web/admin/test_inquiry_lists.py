"""A2 and A4: what is longer than a page goes on at the next one, with all that was chosen."""

import re
from datetime import datetime
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID
from zipfile import ZipFile

import pytest

from tests.support.api_client import Api
from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.person import FROUKE
from tests.web.admin.test_audit_api import token
from tests.web.admin.test_inquiry_pages import WHY, mandate, reference
from vad.domain.age import AMSTERDAM

pytestmark = pytest.mark.usefixtures("no_mandates")

__all__ = ["mandate"]


def test_what_was_chosen_stays_chosen(colleague: Colleague, backroom: Backroom) -> None:
    """A4: what signals lead to, use for others of several types, on each page, in the form and in the export alike."""
    backroom.ask(
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, represented, reason, evidence)"
        " SELECT gen_random_uuid(), now(), (ARRAY['token.issued', 'token.refused', 'token.exchanged'])[1 + n % 3],"
        " 'success', a, CASE WHEN n > 180 THEN a ELSE gen_random_uuid() END, 'CHOSEN', '{}'"
        " FROM generate_series(1, 240) AS n, gen_random_uuid() AS a"
    )
    colleague.log_in_as("tom")
    first = "/logboek?reason=CHOSEN&type=token.issued&type=token.refused&for_another=yes"
    seen: list[str] = []
    address: str | None = first
    while address:
        page = colleague.go(address)
        seen += re.findall(r'href="/logboek/([0-9a-f-]{36})"', page.text)
        chosen = set(parse_qsl(urlsplit(page.elements["export"]["href"]).query))
        assert chosen == set(parse_qsl(urlsplit(first).query))
        address = page.elements.get("further", {}).get("href")
    assert (len(seen), len(set(seen))) == (120, 120)
    colleague.go(first)
    assert '<option value="token.issued token.refused" selected' in colleague.page.text
    page = colleague.press("show", {"outcome": "", "basis": ""})
    assert set(parse_qsl(urlsplit(page.url).query)) == chosen
    assert "<code>for_another</code>" in colleague.go(page.elements["export"]["href"]).text
    export = page.elements["export"]["href"]
    answer = colleague.request("POST", export, csrf_token=colleague.csrf_token, format="jsonl", **WHY)
    with ZipFile(BytesIO(answer.content)) as files:
        taken = files.read("events.jsonl").decode()
    assert (taken.count("\n"), [each for each in seen if each not in taken]) == (120, [])
    assert colleague.request("GET", "/logboek?for_another=no").status_code == 422


def test_all_mandates_of_a_person_can_be_seen(colleague: Colleague, mandate: UUID, backroom: Backroom) -> None:
    """A2: twenty-five to a page, as in the list of all."""
    backroom.ask(
        "ALTER TABLE mandates DISABLE TRIGGER check_mandate;"
        " INSERT INTO mandates SELECT gen_random_uuid(), route, 'revoked', represented, representative, starts_at,"
        " ends_at, made_at, answer_by, changed_at, version, NULL, NULL, NULL, 0, last_used_at, checked_at"
        " FROM mandates, generate_series(1, 30);"
        " ALTER TABLE mandates ENABLE ALWAYS TRIGGER check_mandate"
    )
    colleague.log_in_as("karin")
    seen: list[str] = []
    address: str | None = f"/personen/{reference(backroom, FROUKE)}"
    while address:
        page = colleague.go(address)
        seen += re.findall(r'href="/machtigingen/([0-9a-f-]{36})"', page.text)
        address = page.elements.get("further", {}).get("href")
    assert len(set(seen)) == 31
    assert str(mandate) in seen


def test_pages_of_the_log_follow_each_other(colleague: Colleague, backroom: Backroom) -> None:
    """A4: fifty to a page, none twice and none left out."""
    backroom.ask(
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, reason, evidence)"
        " SELECT gen_random_uuid(), now(), 'token.refused', 'refused', 'PAGES', '{}' FROM generate_series(1, 70)"
    )
    colleague.log_in_as("tom")
    seen: list[str] = []
    address: str | None = "/logboek?reason=PAGES"
    while address:
        page = colleague.go(address)
        seen += re.findall(r'href="/logboek/([0-9a-f-]{36})"', page.text)
        address = page.elements.get("further", {}).get("href")
    assert (len(seen), len(set(seen))) == (70, 70)


def test_of_today_the_api_tells_as_much_as_the_page(colleague: Colleague, mandate: UUID, backroom: Backroom) -> None:
    """(a): who could act until now, and not who will be able to tonight."""
    backroom.change_mandates("ends_at = now() + interval '2 minutes'")
    colleague.log_in_as("tom")
    today = datetime.now(AMSTERDAM).date()
    told = Api(colleague.admin, token(colleague)).get(
        "/audit/questions/could-act", represented=reference(backroom, FROUKE), at=str(today)
    )
    assert [each["mandateId"] for each in told.json()["mandates"]] == [str(mandate)]
