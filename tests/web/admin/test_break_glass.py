"""Break-glass access: for an hour, loudly, and looked into by another person (rule 44)."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.person import FROUKE
from tests.web.test_contacts import mails
from vad.adapters.postgres.break_glass import PostgresBreakGlass
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.transaction import Transaction
from vad.bootstrap.upkeep import create_upkeep
from vad.domain.break_glass import TAKEABLE, takeable
from vad.domain.identifiers import PersonId, StaffId
from vad.domain.staff import CHANGES, NEEDS_REASON, StaffAction, StaffMember
from vad.web.admin.words import ACTIONS

WHY = {"reason": "The helpdesk is out and somebody is in danger", "case_number": "ZK-112"}
USE, REVIEW = "/noodtoegang", "/noodtoegang/controle"


@pytest.fixture(autouse=True)
def nothing_taken(backroom: Backroom) -> Iterator[None]:
    """Let nobody have taken anything, before and afterwards: it opens pages to whoever took it."""
    forget = "DELETE FROM break_glass; DELETE FROM outbox WHERE kind = 'staff_mail'"
    backroom.ask(forget)
    yield
    backroom.ask(forget)


def take(colleague: Colleague, action: str = "keys.view", **changes: str) -> None:
    """Fill in the page and press its button."""
    page = colleague.go(USE)
    [identifier] = [f.identifier for form in page.forms for f in form.fields if f.value == action]
    colleague.press("break-glass-take", {identifier: True, **WHY, **changes})


def test_every_view_has_words() -> None:
    """Rule 44: what can be taken can be named, and nothing can be changed, taken away or unmasked with it."""
    assert ACTIONS.keys() >= TAKEABLE
    assert not TAKEABLE & (CHANGES | NEEDS_REASON)
    assert {StaffAction.LOG_EXPORT, StaffAction.PERSONS_EXPORT} <= NEEDS_REASON
    assert {StaffAction.PERSONS_UNMASK, StaffAction.PERSONS_UNMASK_IN_BULK} <= NEEDS_REASON


def test_it_is_loud_and_ends(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Rule 44: an event with the reason apart, an alarm, a banner on every page; after an hour it is over."""
    karin = new_colleague()
    karin.log_in_as("karin")
    assert karin.request("GET", REVIEW).status_code == 403
    take(karin)
    assert karin.page.heading == "Noodtoegang"
    assert "break-glass" in karin.page.elements
    assert "break-glass" in karin.go("/").elements
    [event] = backroom.events("staff.break_glass_taken")
    assert event["evidence"]["action"] == "keys.view"
    assert WHY["reason"] not in str(event)
    [erasable] = backroom.ask("SELECT fields FROM audit_erasable WHERE event_id = %s", event["event_id"])
    assert erasable == (WHY,)
    name = event["evidence"]["break_glass"]
    [alarm] = backroom.ask("SELECT payload FROM outbox WHERE payload ->> 'break_glass' = %s", name)
    assert alarm[0]["staff"] == event["staff"]
    assert "danger" not in str(alarm)
    told = len(mails(karin.town, "beheer@vad.example"))
    create_upkeep(karin.town.settings)[0].deliver(datetime.now(UTC))
    [mail] = mails(karin.town, "beheer@vad.example")[: -told or None]
    assert mail["subject"] == "Iemand nam noodtoegang in VAD"
    offered = [f.value for form in karin.go(USE).forms for f in form.fields if f.kind == "radio"]
    assert "keys.view" not in offered
    backroom.ask(
        "UPDATE break_glass SET taken_at = taken_at - interval '1 hour', ends_at = ends_at - interval '1 hour'"
    )
    assert "break-glass" not in karin.go("/").elements
    assert "keys.view" in [f.value for form in karin.go(USE).forms for f in form.fields]


def test_what_waits_the_longest_is_never_left_out(colleague: Colleague, backroom: Backroom) -> None:
    """However much was taken since; then comes what somebody looked into, the newest first."""
    colleague.log_in_as("karin")
    backroom.ask(
        "INSERT INTO break_glass SELECT gen_random_uuid(), account_id, person_id, 'keys.view', '', '',"
        " now() - n * interval '1 hour', now() - (n - 1) * interval '1 hour' FROM staff_accounts,"
        " generate_series(1, 510) AS n WHERE subject = 'karin'"
    )
    database = Database(backroom.town.database.migrate_url)
    with closing(database), Transaction(database) as transaction:
        found = PostgresBreakGlass(transaction).since(datetime.now(UTC))
    [[oldest]] = backroom.ask("SELECT min(taken_at) FROM break_glass")
    assert (len(found), found[0].taken_at) == (500, oldest)
    backroom.ask("DELETE FROM break_glass")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": "because"}, "Schrijf de reden in 10 tot 500 letters."),
        ({"reason": "The caller is 999993653, please"}, "Laat het BSN weg"),
        ({"case_number": "?"}, "Vul het nummer van de zaak in"),
    ],
)
def test_without_a_reason_there_is_none(
    colleague: Colleague, backroom: Backroom, changes: dict[str, str], words: str
) -> None:
    """Rule 40: a reason and a case number, with no BSN in them; what was typed stays on the page."""
    colleague.log_in_as("karin")
    take(colleague, **changes)
    assert words in colleague.page.text
    assert backroom.ask("SELECT count(*) FROM break_glass") == [(0,)]


def test_nothing_but_views_can_be_taken(colleague: Colleague, backroom: Backroom) -> None:
    """Rule 44: whatever a form says."""
    colleague.log_in_as("karin")
    colleague.go(USE)
    for action in ("keys.change", "persons.unmask_in_bulk", "log.export", "mandates.view", "nonsense"):
        form = {"csrf_token": colleague.csrf_token, "action": action, **WHY}
        assert colleague.request("POST", USE, **form).status_code == 400
    assert backroom.ask("SELECT count(*) FROM break_glass") == [(0,)]
    assert StaffAction.KEYS_CHANGE not in takeable(
        StaffMember(StaffId(UUID(int=1)), PersonId(UUID(int=2)), frozenset())
    )


def test_another_person_looks_into_it(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Rule 44: not who took it, by whatever account; once; an auditor sees it and says nothing."""
    karin, herself, tom, iris = (new_colleague() for _ in range(4))
    karin.log_in_as("karin")
    take(karin, "log.search")
    seen = backroom.reference(FROUKE)
    assert karin.go(f"/logboek?person={seen}").status == 200
    assert karin.go("/machtigingen").status == 200, "her own work, without it"
    iris.log_in_as("iris")
    [(name,)] = backroom.ask("SELECT break_glass_id FROM break_glass")
    page = iris.go(f"{REVIEW}/{name}")
    rows = re.findall(r"<tr.*?</tr>", page.text.partition("<tbody")[2], re.DOTALL)
    assert len(rows) == 1, "what was looked at with it, and nothing else that she did then"
    assert ("Zoeken in het logboek" in rows[0], seen[:11] in rows[0]) == (True, True)
    assert "/logboek" not in page.text.partition("<main")[2], "who reviews needs no right to the log"
    backroom.ask(
        "UPDATE break_glass SET taken_at = taken_at - interval '4 days', ends_at = ends_at - interval '4 days'"
    )
    upkeep, metrics = create_upkeep(karin.town.settings)
    upkeep.tidy(datetime.now(UTC))
    overdue = "vad_break_glass_reviews_overdue"
    assert metrics.registry.get_sample_value(overdue) == 1
    herself.log_in_as("karin-beheer")
    assert f"{REVIEW}/{name}" in herself.go(REVIEW).text
    page = herself.go(f"{REVIEW}/{name}")
    assert "U nam dit zelf. Iemand anders controleert het." in page.text
    assert herself.request("GET", f"{REVIEW}/{UUID(int=1)}").status_code == 404
    answer = herself.request("POST", f"{REVIEW}/{name}", csrf_token=herself.csrf_token, verdict="justified")
    assert answer.status_code == 403
    assert backroom.events("staff.refused")[-1]["reason"] == "own_case"
    tom.log_in_as("tom")
    assert "Nog niet gecontroleerd, te laat" in tom.go(REVIEW).text
    assert "justified" not in tom.go(f"{REVIEW}/{name}").elements
    assert "break-glass-waiting" not in tom.go("/").elements, "an auditor changes nothing"
    assert "break-glass-waiting" not in herself.go("/").elements, "her own"
    banner = "Noodtoegang die nog niemand heeft nagekeken: 1. Te laat: 1"
    assert banner in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", iris.go("/").text))
    iris.go(f"{REVIEW}/{name}")
    assert "Wat u vond, staat in het logboek." in iris.press("not-justified").text
    assert "Het was niet nodig" in iris.page.text
    assert "nog niemand heeft nagekeken" not in iris.go("/").text
    upkeep.tidy(datetime.now(UTC))
    assert metrics.registry.get_sample_value(overdue) == 0
    [event] = backroom.events("staff.break_glass_reviewed")
    assert (event["reason"], event["evidence"]["break_glass"]) == ("not_justified", str(name))
    again = iris.request("POST", f"{REVIEW}/{name}", csrf_token=iris.csrf_token, verdict="justified")
    assert again.status_code == 400
    with pytest.raises(Exception, match="ck_break_glass_four_eyes"):
        backroom.ask("UPDATE break_glass SET reviewed_person = person_id")
