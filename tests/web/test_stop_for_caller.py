"""The telephone: the helpdesk stops a mandate by letter for whoever says its stop code and birth date (rule 24)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.support.letters import Letters, stop
from tests.support.person import ANNEKE, GERRIT_WITHOUT, Person
from tests.support.staff_office import StaffOffice
from tests.web.test_mandate_letters import letters, worker
from vad.domain.age import BirthDate
from vad.domain.errors import NotPermittedError, OwnCaseError
from vad.domain.staff import StaffMember, StaffRole
from vad.services.mandate_codes import CodeRefusedError

__all__ = ["letters", "worker"]


def test_the_helpdesk_stops_what_strangers_have_locked(
    letters: Letters, new_person: Callable[[], Person], office: StaffOffice
) -> None:
    """With both right, by the right role, in nobody's own case; what staff try is an event, by their account."""
    letters.ask()
    letters.bring(letters.code())
    stop_code = letters.code()
    for _ in range(5):
        stop(new_person(), stop_code, BirthDate(1950, 1, 1))
    now, born, stop_for = datetime.now(UTC), letters.born[GERRIT_WITHOUT], office.deciding.stop_code.stop_for_caller
    refused: tuple[tuple[StaffMember, str, BirthDate, type[Exception]], ...] = (
        (office.asker, stop_code, BirthDate(1950, 1, 1), CodeRefusedError),
        (office.asker, "K7P4-9QXM-2C", born, CodeRefusedError),
        (office.asker, "no code", born, CodeRefusedError),
        (office.with_role(StaffRole.ADMINISTRATOR).asker, stop_code, born, NotPermittedError),
        (replace(office.asker, person=letters.backroom.person_id(ANNEKE)), stop_code, born, OwnCaseError),
    )
    for member, code, birth, error in refused:
        with pytest.raises(error):
            stop_for(member, code, birth, now)
    assert letters.states() == ["active"]
    tried = letters.backroom.events("mandate.code_refused")
    assert [(each["actor"], each["staff"], each["reason"]) for each in tried] == [
        (None, str(office.asker.account), "wrong")
    ] * 3
    assert stop_for(office.asker, stop_code.lower(), born, now)
    assert letters.states() == ["revoked"]
    [event] = letters.backroom.events("mandate.stopped")
    assert (event["actor"], event["staff"], event["reason"]) == (
        None,
        str(office.asker.account),
        "stop_code_by_phone",
    )
    assert not stop_for(office.asker, stop_code, born, now)
