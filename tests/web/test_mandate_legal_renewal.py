"""A mandate on the ground of law goes on by a new decision: by two of the staff, through to the token (rule 29)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.backroom import Backroom
from tests.support.mandate_pages import log_in_for
from tests.support.person import ANNEKE, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.staff_office import WHY, StaffOffice
from tests.web.test_mandate_legal import SOURCE, WILLEM, WILLEMS_NAME, _nothing_left, asked, people, wanted_for
from vad.adapters.postgres.errors import StoreFaultError
from vad.domain.approval import OutdatedError
from vad.domain.errors import OwnCaseError
from vad.domain.identifiers import RequestId
from vad.domain.mandate import MOST_YEARS, TermError
from vad.domain.mandate_legal import Legal, LegalKind
from vad.domain.mandate_parties import Unable
from vad.domain.staff import StaffMember
from vad.services.ports.mandate_legal import ListedLegal

__all__ = ["_nothing_left"]
TODAY = datetime.now(UTC).date()
LATER = TODAY + timedelta(days=700)


@pytest.fixture
def made(office: StaffOffice, backroom: Backroom) -> ListedLegal:
    """Give one that two of the staff made, to be reviewed in a year."""
    willem, anneke = people(backroom, WILLEM, ANNEKE)
    office.deciding.approvals.approve(office.second, asked(office, wanted_for(willem, anneke)), datetime.now(UTC))
    return standing(office)


def standing(office: StaffOffice) -> ListedLegal:
    """The one that is in force."""
    [listed] = office.deciding.mandates_by_law.standing(office.asker, datetime.now(UTC))
    return listed


def renewal(
    office: StaffOffice,
    made: ListedLegal,
    reference: str = "C/10/777777",
    review: date = LATER,
    by: StaffMember | None = None,
) -> RequestId:
    """Let one of the staff ask for it."""
    now, renewals = datetime.now(UTC), office.deciding.legal_renewals
    return renewals.ask(by or office.asker, made.mandate_id, reference, review, WHY, now)


def test_it_goes_on_by_a_new_decision(
    office: StaffOffice,
    made: ListedLegal,
    acting_rp: RelyingParty,
    new_person: Callable[[], Person],
    backroom: Backroom,
) -> None:
    """Nothing moves before the second person; then its end does, both are told, and what rests on it lives on."""
    wanted, curator = acting_rp.ask(resources=(SOURCE,), scope="openid 48"), new_person()
    log_in_for(acting_rp, curator, ANNEKE, WILLEMS_NAME, wanted)
    curator.press("acting-continue")
    curator.consent(duration="until_stopped")
    assert curator.answer is not None, curator.page.text
    held = acting_rp.redeem(wanted, curator.answer["code"]).json()
    backroom.ask("DELETE FROM notices; DELETE FROM outbox")
    request_id = renewal(office, made)
    assert standing(office) == made
    office.deciding.approvals.approve(office.second, request_id, datetime.now(UTC))
    renewed = standing(office)
    assert (renewed.mandate_id, renewed.reference) == (made.mandate_id, "C/10/777777")
    assert renewed.ends_at.date() >= LATER > made.ends_at.date()
    assert "access_token" in acting_rp.exchange(held["access_token"], SOURCE).json()
    [changed] = backroom.events("mandate.changed")
    assert (changed["actor"], changed["staff"]) == (None, str(office.second.account))
    evidence = changed["evidence"]
    assert (changed["reason"], evidence["reference"], evidence["former_reference"]) == (
        "renewed",
        "C/10/777777",
        "C/10/123456",
    )
    assert evidence["asked_by"] == str(office.asker.account)
    assert len(backroom.ask("SELECT DISTINCT person_id FROM notices")) == 2
    office.agreed(lambda member, _why, _at: renewal(office, made, "C/10/888888", LATER + timedelta(days=9), member))
    assert standing(office).reference == "C/10/888888"


def test_what_does_not_let_it_go_on(office: StaffOffice, made: ListedLegal, backroom: Backroom) -> None:
    """The same decision, no later day, too late a day, a case of one's own; a block, an end or a renewal meanwhile."""
    approvals, now = office.deciding.approvals, datetime.now(UTC)
    for reference, review, why in (
        ("C/10/123456", LATER, "same_decision"),
        ("C/10/777777", made.ends_at.date() - timedelta(days=9), "no_later"),
        ("Willem Kok, zie brief", LATER, Unable.NOTHING),
        (WILLEM, LATER, Unable.NOTHING),
    ):
        with pytest.raises(OutdatedError, match=why):
            renewal(office, made, reference, review)
    with pytest.raises(TermError):
        renewal(office, made, review=TODAY + timedelta(days=MOST_YEARS * 366 + 9))
    for person in (made.represented, made.representative):
        with pytest.raises(OwnCaseError):
            renewal(office, made, by=replace(office.asker, person=person))
    waiting = [renewal(office, made, f"C/10/77777{number}") for number in range(3)]
    with pytest.raises(OwnCaseError):
        approvals.approve(replace(office.second, person=made.representative), waiting[0], now)
    place = "INSERT INTO blocks VALUES (gen_random_uuid(), %s, 'representation', '', 'staff', now(), now() + '1 day')"
    backroom.ask(place, str(made.represented))
    with pytest.raises(OutdatedError, match=Unable.NEUTRAL):
        approvals.approve(office.second, waiting[0], now)
    backroom.ask("DELETE FROM blocks")
    approvals.approve(office.second, waiting[1], now)
    with pytest.raises(OutdatedError, match=Unable.MOVED_ON):
        approvals.approve(office.second, waiting[2], now)
    last = renewal(office, standing(office), "C/10/999999", LATER + timedelta(days=9))
    law = office.deciding.mandates_by_law
    office.agreed(lambda member, why, at: law.ask_to_end(member, made.mandate_id, why, at))
    with pytest.raises(OutdatedError, match=Unable.MOVED_ON):
        approvals.approve(office.second, last, now)
    with pytest.raises(OutdatedError, match=Unable.MOVED_ON):
        renewal(office, made)


@pytest.mark.parametrize("approving", ["nobody", "who asked", "the representative"])
def test_the_database_counts_eyes_here_too(
    office: StaffOffice, made: ListedLegal, backroom: Backroom, approving: str
) -> None:
    """Whoever has the rights of the service and none of its rules can't let one go on alone, or their own."""
    people_by = {"who asked": office.asker.person, "the representative": made.representative}
    now = datetime.now(UTC)
    until = made.ends_at + timedelta(days=9)

    def moved() -> None:
        with office.deciding.mandates_by_law.work() as tx:
            if approving in people_by:
                legal = Legal(LegalKind.CURATOR, "C/10/777777", office.asker.person, people_by[approving])
                tx.legal_mandates.renew(made.mandate_id, legal, until)
            known = tx.mandates.get(made.mandate_id)
            assert known is not None
            tx.mandates.keep(known.ending(until, now))
            tx.commit()

    with pytest.raises(StoreFaultError):
        moved()
    assert standing(office) == made
    assert backroom.events("mandate.changed") == []
