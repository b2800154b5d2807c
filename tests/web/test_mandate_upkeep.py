"""What ends a mandate without anybody's doing, and the worker that writes it down (rules 25 and 27)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.backroom import Backroom
from tests.support.mandate_pages import at_home, authorised, offered
from tests.support.person import CORNELIA_DECEASED, HENDRIK, SAMIRA, Person
from vad.domain.mandate import MandateState


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave nothing behind: one town serves every test."""
    backroom.forget_mandates()
    backroom.forget_evidence(CORNELIA_DECEASED)
    yield
    backroom.forget_mandates()
    backroom.forget_evidence(CORNELIA_DECEASED)


def test_nobody_acts_on_what_the_clock_has_ended(new_person: Callable[[], Person], backroom: Backroom) -> None:
    """Rule 25: the page says so before the worker has written it down; then the worker does, once, and tells both."""
    father, helper = new_person(), new_person()
    authorised((father, HENDRIK), (helper, SAMIRA), backroom, "51")
    offered(father, HENDRIK, "48")
    backroom.change_mandates("starts_at = now() - interval '1 day'")
    backroom.change_mandates("ends_at = now() - interval '1 hour' WHERE state = 'active'")
    backroom.change_mandates("answer_by = now() - interval '1 hour' WHERE state = 'offered'")
    page = at_home(father, HENDRIK, "/mijn/machtigingen/gegeven")
    assert "Verlopen" in page.text
    assert "Niet op tijd beantwoord" in page.text
    mandates = backroom.mandate_upkeep()
    assert [mandates.record_overdue(datetime.now(UTC)) for _ in range(2)] == [2, 0]
    assert len(backroom.events("mandate.expired")) == len(backroom.events("mandate.lapsed")) == 1
    told = "SELECT count(*) FROM notices JOIN mandates ON about LIKE mandate_id || '%' WHERE notice = 'mandate.ended'"
    assert backroom.ask(told) == [(2,)]


@pytest.mark.parametrize("side", ["represented", "representative"])
def test_the_worker_ends_what_the_register_ended(
    new_person: Callable[[], Person], backroom: Backroom, side: str
) -> None:
    """Rule 27: each live mandate is asked about once a day; the one of somebody who died is ended, and says why."""
    father, helper = new_person(), new_person()
    authorised((father, HENDRIK), (helper, SAMIRA), backroom, "51")
    tomorrow = datetime.now(UTC) + timedelta(hours=25)
    mandates = backroom.mandate_upkeep()
    assert mandates.recheck(tomorrow) == 1
    assert not backroom.events("mandate.ended")
    backroom.change_mandates(f"{side} = %s", str(backroom.person_id(CORNELIA_DECEASED)))
    assert mandates.recheck(tomorrow + timedelta(hours=25)) == 1
    assert mandates.recheck(tomorrow + timedelta(hours=25)) == 0
    (ended,) = backroom.events("mandate.ended")
    assert ended["reason"] == "deceased"
    [[state]] = backroom.ask("SELECT state FROM mandates")
    assert state == MandateState.ENDED.value
    (noted,) = backroom.events("person.deceased")
    assert noted["represented"] == str(backroom.person_id(CORNELIA_DECEASED))


def test_a_register_that_was_away_is_asked_again_soon(new_person: Callable[[], Person], backroom: Backroom) -> None:
    """Rule 27: the daily question that got no answer is put again after a quarter of an hour, not after a day."""
    father, helper = new_person(), new_person()
    authorised((father, HENDRIK), (helper, SAMIRA), backroom, "51")
    tomorrow, mandates = datetime.now(UTC) + timedelta(hours=25), backroom.mandate_upkeep()
    father.town.fault("brp", "error500")
    try:
        assert mandates.recheck(tomorrow) == 0
    finally:
        father.town.fault("brp")
        backroom.wait_for_brp()
    mandates = backroom.mandate_upkeep()
    assert mandates.recheck(tomorrow + timedelta(minutes=14)) == 0
    assert mandates.recheck(tomorrow + timedelta(minutes=16)) == 1
    assert mandates.recheck(tomorrow + timedelta(minutes=32)) == 0, "it was answered: a day later"
    assert not backroom.events("mandate.ended")
