"""The pages for what takes two people: asked for by one, not for them to decide, approved by another (rule 44)."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.person import HENDRIK, SEM_8, TOM
from vad.sandbox.demo.browser import Page

WHY = {"reason": "De huisarts vraagt erom in een brief", "case_number": "2026/17"}


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave nothing switched off."""
    yield
    backroom.ask("DELETE FROM blocks; DELETE FROM outbox; DELETE FROM notices")


def in_a_month(prefix: str = "last") -> dict[str, str]:
    """Give the three fields of a day."""
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    return {f"{prefix}-day": str(day.day), f"{prefix}-month": str(day.month), f"{prefix}-year": str(day.year)}


def watched(auditor: Colleague, path: str, *, waits: bool = True) -> None:
    """An auditor finds the request, reads all of it, and can decide nothing (rule 43 g)."""
    text = auditor.go("/verzoeken").text
    others = text.partition("Anderen beslissen deze")[2].partition("Deze zijn klaar")
    assert (path in others[0], path in others[2]) == (waits, not waits)
    page = auditor.go(path)
    assert all(said in page.text for said in ("karin", *WHY.values()))
    assert ("others-decide" in page.elements, "approve" in page.elements) == (waits, False)
    assert ("farid" in page.text) is not waits
    token = auditor.csrf_token
    for step in ("goedkeuren", "weigeren", "intrekken"):
        refused = auditor.request("POST", f"{path}/{step}", csrf_token=token, reason="An auditor decides nothing")
        assert refused.status_code in {403, 409}, step


def test_a_block_from_the_form_to_its_end(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """By BSN in a form, shown by reference alone; each step on the pages, and each view an event."""
    asker, second, auditor = new_colleague(), new_colleague(), new_colleague()
    auditor.log_in_as("tom")
    asker.log_in_as("karin")
    second.log_in_as("farid")
    page = asker.go("/blokkades")
    assert "Er zijn er geen." in page.text
    page = asker.press(
        "ask",
        {"subject": SEM_8, "who-one": True, "against": HENDRIK, "block_reason-2": True, **in_a_month(), **WHY},
    )
    assert page.heading == "Een blokkade aanzetten", page.text
    assert SEM_8 not in page.text + page.url
    assert "approve" not in page.elements
    path = page.address.removeprefix(asker.admin)
    token = asker.csrf_token
    assert asker.request("POST", f"{path}/goedkeuren", csrf_token=token).status_code == 409
    assert backroom.ask("SELECT count(*) FROM blocks WHERE placed_by = 'staff'") == [(0,)]
    listed = second.go("/verzoeken")
    assert path in listed.text
    watched(auditor, path)
    page = second.go(path)
    for said in (WHY["reason"], WHY["case_number"], "Een zorgaanbieder vraagt erom", "karin"):
        assert said in page.text
    page = second.press("approve")
    assert re.search(r"U ging hiermee akkoord\.\s+Het is gedaan\.", page.text)
    watched(auditor, path, waits=False)
    assert backroom.ask("SELECT kind FROM blocks WHERE placed_by = 'staff'") == [("representative",)]
    page = second.go("/blokkades")
    page = second.press("lift-1", {"lift-1-reason": WHY["reason"], "lift-1-case_number": "2026/18"})
    assert page.heading == "Een blokkade uitzetten", page.text
    path = page.address.removeprefix(asker.admin)
    asker.go(path)
    page = asker.press("refuse", {"reason": "De brief is er niet meer bij"})
    assert "U zei nee" in page.text
    assert ("karin" in page.text, "Beslist door" in page.text, "farid" in page.text) == (True, True, True)
    assert "Iemand anders zei nee" in second.go(path).text
    assert len(backroom.ask("SELECT 1 FROM blocks WHERE placed_by = 'staff' AND lifted_at IS NULL")) == 1
    viewed = {row["evidence"]["page"] for row in backroom.events("staff.viewed")}
    assert {"staff_blocks.listed", "requests.listed", "requests.shown"} <= viewed


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        ({"subject": "123456789"}, "We kennen niemand met dit kenmerk of BSN.", "subject"),
        ({"reason": "kort"}, "Schrijf de reden in 10 tot 500 letters.", "reason"),
        ({"case_number": "?"}, "Vul het nummer van de zaak in", "case_number"),
        ({"last-year": "1999"}, "Vul een datum in de toekomst in", "last-day"),
        ({"last-day": "32"}, "Vul een datum in.", "last-day"),
        ({"against": SEM_8}, "Iemand kan hier niet bij de eigen gegevens weggehouden worden.", "against"),
    ],
)
def test_what_is_not_filled_in_right_is_told(
    colleague: Colleague, backroom: Backroom, changes: dict[str, str], said: str, field: str
) -> None:
    """On the same page, with what was typed and a link to the field; nothing is asked for."""
    before = backroom.ask("SELECT count(*) FROM staff_requests")
    colleague.log_in_as("karin")
    colleague.go("/blokkades")
    form: dict[str, str | bool] = {"subject": SEM_8, "who-one": True, "against": TOM, "block_reason-2": True}
    page: Page = colleague.press("ask", {**form, **in_a_month(), **WHY, **changes})
    assert (page.status, said in page.text) == (400, True), page.text
    assert f'href="#{field}"' in page.text
    assert page.elements[field.replace("last-day", "last") + "-error"]
    assert backroom.ask("SELECT count(*) FROM staff_requests") == before
