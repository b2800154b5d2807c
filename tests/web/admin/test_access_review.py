"""Who of the staff could do what and did what, to be reviewed (rule 44)."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.adapters.postgres.staff_members import a_member
from tests.support.backroom import Backroom
from tests.support.colleague import STAFF, Colleague
from tests.support.person import FROUKE, PIETER
from tests.support.town import Town
from vad.adapters.postgres.access_review import PostgresStaffRecords
from vad.adapters.postgres.database import Database
from vad.domain.errors import NotPermittedError
from vad.domain.identifiers import StaffId
from vad.domain.review_period import ReviewPeriod
from vad.services.access_review import AccessReview, AccessReviews, Pair, review
from vad.services.access_review_csv import as_csv

QUARTER = ReviewPeriod(2018, 2)
"""A time of which no other test knows."""
BUSY, QUIET, GONE, STRANGER = (StaffId(UUID(int=each)) for each in (0xB1, 0xB2, 0xB3, 0xB4))
DAY = timedelta(days=1)
ASKED = "00000000-0000-0000-0000-0000000000a1"


def happened(backroom: Backroom, kind: str, staff: StaffId | None, at: datetime, **told: object) -> None:
    """Let the log say so; `sid` is a column, the rest evidence."""
    sid, outcome = told.pop("sid", None), "refused" if kind == "staff.refused" else "success"
    backroom.ask(
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, staff, sid, evidence)"
        " VALUES (gen_random_uuid(), %s, %s, %s, %s::uuid, %s, %s::jsonb)",
        at, kind, outcome, staff and str(staff), sid, json.dumps(told),
    )  # fmt: skip


@pytest.fixture(scope="module")
def records(the_town: Town) -> Iterator[PostgresStaffRecords]:
    """Give the records, as the role of the administration sees them."""
    database = Database(the_town.database.admin_url)
    yield PostgresStaffRecords(database)
    database.close()


@pytest.fixture
def known(backroom: Backroom) -> Iterator[None]:
    """Let there be accounts of that time."""
    since = QUARTER.since
    for account, bsn, ended in ((BUSY, FROUKE, None), (QUIET, PIETER, None), (GONE, PIETER, since - DAY)):
        backroom.ask(
            "INSERT INTO staff_accounts VALUES (%s::uuid, 'https://former.example', %s, %s::uuid, %s, %s)",
            str(account), str(account), str(backroom.person_id(bsn)), since - 200 * DAY, ended,
        )  # fmt: skip
    yield
    backroom.ask("DELETE FROM staff_accounts WHERE issuer = 'https://former.example'")


@pytest.fixture
def found(backroom: Backroom, known: None, records: PostgresStaffRecords) -> AccessReview:
    """Give the report of a quarter in which things happened; as well just before, and just after."""
    del known
    since, until = QUARTER.since, QUARTER.until
    happened(backroom, "staff.logged_in", None, since - 100 * DAY, sid="first of quiet", roles=["helpdesk"])
    happened(backroom, "staff.enrolled", QUIET, since - 100 * DAY + timedelta(minutes=5), sid="first of quiet")
    happened(backroom, "staff.logged_in", BUSY, since - DAY, roles=["auditor"])
    happened(backroom, "staff.logged_in", BUSY, since + DAY, roles=["administrator", "client_manager"])
    for _ in range(3):
        happened(backroom, "staff.viewed", BUSY, since, action="keys.view", page="keys.listed")
    happened(backroom, "staff.viewed", BUSY, since + DAY, action="log.search", break_glass=True)
    happened(backroom, "staff.break_glass_taken", BUSY, since + DAY, action="log.search")
    happened(backroom, "case.viewed", BUSY, since + DAY)
    happened(backroom, "person.unmasked", BUSY, since + DAY)
    happened(backroom, "staff.refused", BUSY, since + DAY, action="cases.view")
    happened(backroom, "block.placed", BUSY, since + 2 * DAY)
    happened(backroom, "approval.requested", QUIET, since - DAY, request=ASKED)
    happened(backroom, "approval.granted", BUSY, since + 2 * DAY, request=ASKED)
    happened(backroom, "approval.granted", BUSY, since + 2 * DAY, request=str(UUID(int=0xA2)))
    happened(backroom, "staff.viewed", STRANGER, until - timedelta(seconds=1), action="overview.view")
    happened(backroom, "staff.viewed", BUSY, until, action="overview.view")
    happened(backroom, "staff.logged_in", BUSY, until, roles=["helpdesk"])
    return review(records, QUARTER, datetime.now(UTC))


def test_the_report(found: AccessReview, backroom: Backroom, records: PostgresStaffRecords) -> None:
    """Rule 44: what was done within the period, by account; roles and logins up to its end; strangers stand out."""
    uses = {use.account.account: use for use in found.uses}
    assert set(uses) == {BUSY, QUIET, STRANGER}
    busy, quiet, stranger = uses[BUSY], uses[QUIET], uses[STRANGER]
    assert (busy.seen.roles, busy.seen.login_at) == (("administrator", "client_manager"), QUARTER.since + DAY)
    assert busy.views == {"keys.view": 3, "log.search": 1, "case.viewed": 1}
    assert busy.changes == {"block.placed": 1, "approval.granted": 2}
    assert (busy.logins, busy.unmaskings, busy.refused) == (1, 1, 1)
    assert (busy.break_glass_taken, busy.break_glass_views) == (1, 1)
    # The first login was before anybody knew whose account it is; it asked for something the day before the quarter.
    assert (quiet.seen.roles, quiet.seen.login_at) == (("helpdesk",), QUARTER.since - 100 * DAY)
    assert (quiet.views, quiet.changes, quiet.unused, busy.unused) == ({}, {}, True, False)
    assert stranger.account.enrolled_at is None
    assert sorted(found.pairs, key=lambda pair: pair.asked is None) == [Pair(QUIET, BUSY, 1), Pair(None, BUSY, 1)]
    early = {use.account.account: use for use in review(records, QUARTER, QUARTER.since + 80 * DAY).uses}
    assert not early[QUIET].unused

    text = "".join(as_csv(found))
    by_account = {line["account"]: line for line in csv.DictReader(io.StringIO(text, newline=""))}
    assert len(by_account) == len(found.uses)
    line = by_account[str(BUSY)]
    assert line["views_by_kind"] == "case.viewed=1 keys.view=3 log.search=1"
    assert line["approved_requests_of"] == f"{QUIET}=1 unknown=1"
    assert (line["roles_at_last_login"], line["unused_over_90_days"]) == ("administrator client_manager", "no")
    assert (by_account[str(QUIET)]["unused_over_90_days"], by_account[str(STRANGER)]["enrolled_at"]) == ("yes", "")
    assert not [each for each in (FROUKE, str(backroom.person_id(FROUKE))) if each in text]
    with pytest.raises(NotPermittedError):
        AccessReviews(records).review(a_member(backroom.person_id(FROUKE)), QUARTER, datetime.now(UTC))


def test_the_page(colleague: Colleague, backroom: Backroom) -> None:
    """Rule 44: whoever reviews sees accounts and no names, and takes them away; that they looked is an event."""
    colleague.log_in_as("iris")
    page = colleague.go("/toegang")
    assert (page.status, page.heading) == (200, "Wat medewerkers mochten en deden")
    [(own,)] = backroom.ask("SELECT account_id FROM staff_accounts WHERE subject = 'iris'")
    assert str(own) in page.text
    assert STAFF["iris"]["bsn"] not in page.text
    assert colleague.go("/toegang?periode==1%2B1").status == 200
    assert "Kwartaal 1 van 2017" in colleague.go("/toegang?periode=2017Q1").text
    assert "In deze periode waren er geen accounts." in colleague.page.text
    answer = colleague.request("GET", f"/toegang.csv?periode={datetime.now(UTC).year}")
    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    [mine] = [line for line in lines if line["account"] == str(own)]
    assert (mine["roles_at_last_login"], mine["unused_over_90_days"]) == ("administrator", "no")
    assert "access.review=" in mine["views_by_kind"]
    told = [each["evidence"] for each in backroom.events("staff.viewed")]
    seen = [(each["page"], each["period"]) for each in told if each["action"] == "access.review"]
    assert ("access_review.review", "2017Q1") in seen
    assert seen[-1] == ("access_review.file", str(datetime.now(UTC).year))
