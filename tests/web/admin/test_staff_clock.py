"""The clock of the pages for staff is set back and forth: no login lives longer for it, and no request is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.person import SEM_8
from tests.support.staff_office import WHY, StaffOffice
from vad.domain.approval import ApprovalError, ApprovalFault, RequestState
from vad.domain.block import BlockReason
from vad.services.approvals import ApprovalUpkeep
from vad.services.staff_blocks import WantedBlock


@contextmanager
def clock_off_by(off: timedelta) -> Iterator[None]:
    """Let every clock but that of PostgreSQL and Redis be that much wrong, and go on ticking."""
    with time_machine.travel(datetime.now(UTC) + off, tick=True):
        yield


@pytest.mark.parametrize("off", [timedelta(minutes=-2), timedelta(hours=-2), timedelta(minutes=16)])
def test_a_login_does_not_outlive_a_wrong_clock(colleague: Colleague, off: timedelta) -> None:
    """Used in the future: nobody knows how long ago that was, so whoever it is logs in again. Seconds are no matter."""
    colleague.log_in_as("karin")
    with clock_off_by(timedelta(seconds=-30)):
        assert colleague.request("GET", "/").status_code == 200
    with clock_off_by(off):
        answer = colleague.request("GET", "/")
        assert (answer.status_code, "/inloggen" in answer.headers["Location"]) == (303, True)


def test_a_login_under_a_wrong_clock_is_over_with_it(colleague: Colleague) -> None:
    """One that began with a clock hours ahead is not worth more than others once that is right again."""
    with clock_off_by(timedelta(hours=3)):
        colleague.log_in_as("karin")
        assert colleague.request("GET", "/").status_code == 200
    assert colleague.request("GET", "/").status_code == 303


def test_a_request_waits_as_long_as_it_says(office: StaffOffice, backroom: Backroom) -> None:
    """Eight days ahead nobody may decide it, and nothing is written down; with the clock right again it goes on."""
    now = datetime.now(UTC)
    wanted = WantedBlock(backroom.person_id(SEM_8), None, BlockReason.CARE_PROVIDER, (now + timedelta(days=30)).date())
    request = office.deciding.blocks.ask_to_place(office.asker, wanted, WHY, now)
    approvals, upkeep = office.deciding.approvals, ApprovalUpkeep(backroom.worker.work)
    try:
        for days in (8, -8):
            upkeep.record_expired(now + timedelta(days=days))
            assert approvals.view(office.asker, request).state is RequestState.REQUESTED
        with pytest.raises(ApprovalError) as refused:
            approvals.approve(office.second, request, now + timedelta(days=8))
        assert refused.value.why is ApprovalFault.OVER
        assert approvals.approve(office.second, request, datetime.now(UTC)).state is RequestState.APPROVED
        assert backroom.events("approval.expired") == []
    finally:
        backroom.ask("DELETE FROM blocks; DELETE FROM outbox; DELETE FROM notices")
        backroom.forget_minors()
