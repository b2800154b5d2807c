"""Parent and child are told before a birthday on which the child's rights change (rule 12)."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from tests.support.backroom import Backroom
from tests.support.person import IRIS, LOTTE_14, MILAN_6, PIETER, SEM_8, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.bootstrap import registers
from vad.domain.age import AMSTERDAM, birthday
from vad.domain.identifiers import PersonId
from vad.domain.notice import Notice
from vad.services.birthday_notices import BirthdayNotices

CHILD = (Notice.CHILD_TURNS_12, Notice.YOU_TURN_12)


@pytest.fixture(autouse=True)
def _nobody_is_told(backroom: Backroom) -> Iterator[None]:
    forget = "DELETE FROM birthdays; DELETE FROM outbox; DELETE FROM notices"
    backroom.ask(forget)
    backroom.forget_minors()
    yield
    backroom.ask(forget)


@pytest.fixture
def notices(backroom: Backroom) -> BirthdayNotices:
    """Give what the worker does."""
    foundation = backroom.worker
    register = registers.persons(foundation.settings, registers.caller(foundation, "brp"))
    return BirthdayNotices(foundation.work, register)


@pytest.fixture
def turns_12(acting_rp: RelyingParty, person: Person, backroom: Backroom) -> date:
    """Let Iris see for whom she may act; give the day on which Sem turns twelve."""
    person.open(acting_rp.ask(resources=("https://source.example",), scope="openid 51").url)
    person.log_in(IRIS)
    evidence = backroom.evidence(SEM_8)
    assert evidence is not None
    assert evidence.birth.earliest is not None
    return birthday(evidence.birth.earliest, 12)


def on(day: date) -> datetime:
    """Early that day, in the Netherlands."""
    return datetime.combine(day, time(0, 5), AMSTERDAM).astimezone(UTC)


def told(backroom: Backroom, *people: PersonId) -> Counter[tuple[PersonId, str]]:
    """Who was told what."""
    rows = backroom.ask("SELECT person_id, notice FROM notices")
    found = ((PersonId(UUID(str(person))), notice) for person, notice in rows)
    return Counter((person, notice) for person, notice in found if person in people)


def all_of(day: date, notices: BirthdayNotices) -> None:
    """What the worker does on one day."""
    while notices.tell(on(day)):
        pass


def test_both_are_told_sixty_and_fourteen_days_before(
    turns_12: date, notices: BirthdayNotices, backroom: Backroom
) -> None:
    """Each once, however often the worker looks; and nothing is left when it is over."""
    parent, child = backroom.person_id(IRIS), backroom.person_id(SEM_8)
    expected: Counter[tuple[PersonId, str]] = Counter()
    for days, number in ((61, 0), (60, 1), (59, 1), (15, 1), (14, 2), (13, 2), (0, 2)):
        all_of(turns_12 - timedelta(days=days), notices)
        all_of(turns_12 - timedelta(days=days), notices)
        expected = Counter({(parent, CHILD[0].value): number, (child, CHILD[1].value): number})
        assert told(backroom, parent, child) == +expected, days
    assert backroom.ask("SELECT kind, count(*) FROM outbox GROUP BY kind") == [("letter", 4)]
    assert backroom.ask("SELECT years FROM birthdays WHERE child = %s", str(child)) == [(16,)]


def test_what_is_noted_is_a_month(turns_12: date, backroom: Backroom) -> None:
    """Of each child the birthdays that lie ahead, for this parent, once; no date of birth stands in clear."""
    months = backroom.ask("SELECT child, holder, years, month FROM birthdays ORDER BY years, child::text")
    parent = str(backroom.person_id(IRIS))
    children = {bsn: str(backroom.person_id(bsn)) for bsn in (SEM_8, LOTTE_14, MILAN_6)}
    assert {(str(child), years) for child, _, years, _ in months} == {
        *((children[bsn], years) for bsn in (SEM_8, MILAN_6) for years in (12, 16)),
        (children[LOTTE_14], 16),
    }
    assert {str(holder) for _, holder, _, _ in months} == {parent}
    assert all(month.day == 1 for _, _, _, month in months)
    assert (turns_12 - timedelta(days=60)).replace(day=1) in {month for *_, month in months}


def test_who_holds_no_authority_is_not_told(turns_12: date, notices: BirthdayNotices, backroom: Backroom) -> None:
    """Nor anybody of a child that the register does not know; what was noted about them is forgotten."""
    child, stranger = backroom.person_id(SEM_8), backroom.person_id(PIETER)
    backroom.ask("UPDATE birthdays SET holder = %s WHERE child = %s", str(stranger), str(child))
    all_of(turns_12 - timedelta(days=60), notices)
    assert told(backroom, stranger, child) == Counter()
    assert backroom.ask("SELECT years FROM birthdays WHERE child = %s", str(child)) == [(16,)]


def test_while_the_register_is_away_it_waits(
    turns_12: date, notices: BirthdayNotices, backroom: Backroom, vad_town: Town
) -> None:
    """For the next day: nobody is told on what may not be true any more."""
    parent, child = backroom.person_id(IRIS), backroom.person_id(SEM_8)
    with vad_town.misbehaving("brp", "error500"):
        all_of(turns_12 - timedelta(days=60), notices)
    backroom.wait_for_brp()
    assert told(backroom, parent, child) == Counter()
    all_of(turns_12 - timedelta(days=59), notices)
    assert told(backroom, parent, child) == Counter({(parent, CHILD[0].value): 1, (child, CHILD[1].value): 1})
