"""What an answer to auditors rests on, and that it says when it is not all there is (rule 43)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from tests.adapters.postgres.mandate_records import in_force
from tests.adapters.postgres.postgres_records import AT, a_person
from tests.support.bsns import bsns
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.age import BirthDate
from vad.domain.assent import Assent
from vad.domain.assurance import LevelOfAssurance
from vad.domain.audit import AuditEvent, PersonDeceased, TokenIssued, TokenRefused
from vad.domain.ground import Basis
from vad.domain.identifiers import AssentId, PersonId, StaffId
from vad.domain.mandate_events import MandateAccepted
from vad.domain.person import Evidence
from vad.domain.staff import StaffMember, StaffRole
from vad.services.log_inquiry import LogInquiry
from vad.services.parental_standing import SEEN_WITHIN, ground_at
from vad.services.ports.log_search import LogFilter
from vad.services.register_evidence import keep

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AUDITOR = StaffMember(StaffId(uuid4()), PersonId(uuid4()), frozenset({StaffRole.AUDITOR}))
ALONE, AGREED = Basis.PARENTAL_AUTHORITY, Basis.PARENTAL_AUTHORITY_AND_ASSENT
TWELVE_TOMORROW = BirthDate(2014, 11, 22)
NEW = bsns()


@pytest.fixture
def new(work: PostgresWork, people: tuple[PersonId, PersonId]) -> Iterator[PersonId]:
    """Give people whom no other test knows."""
    return (a_person(work, bsn) for bsn in NEW)


def happened(work: PostgresWork, *events: tuple[AuditEvent, datetime]) -> None:
    """Let the log hold these."""
    with work() as tx:
        for event, at in events:
            tx.audit.append(event, at=at)
        tx.commit()


def told(work: PostgresWork, person: PersonId, birth: BirthDate, at: datetime, *, deceased: bool = False) -> None:
    """Let a register have answered this."""
    with work() as tx:
        known = tx.persons.get(person)
        assert known is not None
        keep(tx, known, Evidence(birth, deceased=deceased, register="brp", answered_at=at), at)
        tx.commit()


def parents(work: PostgresWork, child: PersonId, at: datetime) -> list[tuple[PersonId, Basis]]:
    """Who could act, and on what ground."""
    return [(each.actor, each.basis) for each in LogInquiry(work).could_act(AUDITOR, child, at).parents]


def test_a_parent_whom_the_register_refused_since_is_not_named(work: PostgresWork, new: Iterator[PersonId]) -> None:
    """(a) What counts is the newest decision that is about authority, not about the app or the consent."""
    child, parent, other = next(new), next(new), next(new)
    happened(
        work,
        (TokenIssued(actor=parent, represented=child, basis=ALONE), AT),
        (TokenIssued(actor=other, represented=child, basis=ALONE), AT),
        (TokenRefused(actor=parent, represented=child, reason="NO_CONSENT"), AT + DAY),
        (TokenRefused(actor=parent, represented=child, reason="NO_GROUND"), AT + 2 * DAY),
    )
    assert sorted(parents(work, child, AT + DAY + HOUR)) == sorted([(parent, ALONE), (other, ALONE)])
    assert parents(work, child, AT + 2 * DAY + HOUR) == [(other, ALONE)]
    assert parents(work, child, AT + SEEN_WITHIN + HOUR) == [], "nobody knows after so long"


def test_a_parent_has_what_the_child_agreed_to_then(work: PostgresWork, new: Iterator[PersonId]) -> None:
    """(a) From twelve on an agreement must have stood at that moment, given and not yet taken back."""
    child, parent = next(new), next(new)
    happened(
        work,
        (TokenIssued(actor=parent, represented=child, basis=ALONE), AT - HOUR),
        (TokenRefused(actor=parent, represented=child, reason="NO_ASSENT"), AT + 2 * DAY),
    )
    told(work, child, TWELVE_TOMORROW, AT)
    given = Assent(AssentId(uuid4()), child, parent, "48", LevelOfAssurance.SUBSTANTIEEL, AT + 3 * DAY, AT + 1000 * DAY)
    with work() as tx:
        assert tx.assents.add(given)
        tx.assents.withdraw(child, parent, None, AT + 5 * DAY)
        tx.commit()
    assert parents(work, child, AT) == [(parent, ALONE)]
    assert parents(work, child, AT + DAY) == [], "it turned twelve, and had agreed to nothing"
    assert parents(work, child, AT + 4 * DAY) == [(parent, AGREED)]
    assert parents(work, child, AT + 5 * DAY) == [], "it took that back"
    told(work, child, TWELVE_TOMORROW, AT + 4 * DAY - HOUR, deceased=True)
    assert parents(work, child, AT + 4 * DAY) == []


@pytest.mark.parametrize(
    ("birth", "decided", "agreed", "ground"),
    [
        (BirthDate(2015, 1, 1), ALONE, False, ALONE),
        (BirthDate(2014, 11, 21), ALONE, False, None),
        (BirthDate(2014, 11, 21), ALONE, True, AGREED),
        (BirthDate(2014), ALONE, True, None),  # whether it was twelve nobody knows
        (BirthDate(2010, 11, 22), AGREED, True, AGREED),
        (BirthDate(2010, 11, 21), AGREED, True, None),
        (BirthDate(2010), AGREED, True, None),
        (None, ALONE, False, ALONE),
        (None, AGREED, False, None),
        (None, AGREED, True, AGREED),
    ],
)
def test_what_a_birthday_makes_of_a_ground(
    *, birth: BirthDate | None, decided: Basis, agreed: bool, ground: Basis | None
) -> None:
    """Rules 6 to 8: on the day itself, and unknown is no."""
    assert ground_at(decided, birth, AT, agreed=agreed) is ground


def test_every_mandate_is_looked_at(work: PostgresWork, new: Iterator[PersonId]) -> None:
    """(a) However many somebody gave: the oldest is as much in force as the newest."""
    both = (next(new), next(new))
    given = [in_force(work, both, str(number)) for number in range(48, 53)]
    happened(work, *((MandateAccepted(represented=both[0], evidence=each.as_record()), AT) for each in given))
    found = LogInquiry(work, most=2).could_act(AUDITOR, both[0], AT + DAY)
    assert {each.mandate.mandate_id for each in found.terms} == {each.mandate_id for each in given}


def test_the_dead_act_for_nobody(work: PostgresWork, new: Iterator[PersonId]) -> None:
    """(d) What was used after a register first told of a death, and mandates that nobody ended: found, either side."""
    dead, helper, child, subject = (next(new) for _ in range(4))
    given, held = in_force(work, (dead, helper), "48"), in_force(work, (subject, dead), "48")
    for at in (AT + DAY, AT + 2 * DAY):
        told(work, dead, BirthDate(1950, 1, 1), at, deceased=True)
    used = {"mandate": str(given.mandate_id)}
    happened(
        work,
        (TokenIssued(actor=dead, represented=child, basis=ALONE), AT + HOUR),
        (TokenIssued(actor=dead, represented=child, basis=ALONE), AT + DAY + timedelta(minutes=10)),
        (TokenIssued(actor=dead, represented=child, basis=ALONE), AT + DAY + HOUR),
        (TokenIssued(actor=helper, represented=dead, basis=Basis.MANDATE, evidence=used), AT + DAY + 2 * HOUR),
    )
    inquiry = LogInquiry(work)
    with work() as tx:
        first = tx.log.find(LogFilter(since=AT, until=AT + 9 * DAY, person=dead, types=[PersonDeceased.type]), 9)
    assert [each.recorded_at for each in first] == [AT + DAY], "once"
    found = inquiry.overdue(AUDITOR, AT, AT + 9 * DAY)
    assert {(each.kind, each.at) for each in found.lines} == {("death", AT + DAY)}
    uses = [(each.represented, each.actor, each.mandate) for each in found.lines if each.event_id]
    assert uses == [(dead, helper, given.mandate_id), (child, dead, None)]
    standing = [each for each in found.lines if not each.event_id]
    assert {(each.mandate, each.represented, each.actor) for each in standing} == {
        (given.mandate_id, dead, helper),
        (held.mandate_id, subject, dead),
    }
    assert inquiry.overdue(AUDITOR, AT, AT + 2 * DAY).lines == tuple(each for each in found.lines if each.event_id), (
        "the worker has a day to end them"
    )
    assert inquiry.overdue(AUDITOR, AT, AT + DAY).lines == ()
    assert inquiry.overdue(replace(AUDITOR, person=dead), AT, AT + 9 * DAY).lines == ()
    for most, more in ((1, True), (2, False)):
        assert LogInquiry(work, most).overdue(AUDITOR, AT, AT + 9 * DAY).more is more


def test_an_answer_says_that_there_is_more(
    work: PostgresWork, new: Iterator[PersonId], database: FreshDatabase
) -> None:
    """(h), (i): one line too many, and it says so; exactly as many, and it does not."""
    one, two, three = (next(new) for _ in range(3))
    in_force(work, (one, two), "48")
    in_force(work, (one, three), "48")
    ask(database.superuser_url, "DELETE FROM birthdays")
    for child in (one, two):
        insert = "INSERT INTO birthdays (child, holder, years, month) VALUES (%s::uuid, %s::uuid, 12, %s)"
        ask(database.superuser_url, insert, (str(child), str(three), date(2026, 10, 1)))
    for most, lines, more in ((1, 1, True), (2, 2, False)):
        inquiry = LogInquiry(work, most)
        for answer in (inquiry.helpers(AUDITOR, 0), inquiry.turning(AUDITOR, AT)):
            assert (len(answer.lines), answer.more) == (lines, more)
