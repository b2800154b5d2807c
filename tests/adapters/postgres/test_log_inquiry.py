"""What auditors are answered: by right alone, and never about themselves (rules 43 and 44)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from tests.adapters.postgres.mandate_records import an_offer, in_force, kept
from tests.adapters.postgres.postgres_records import AT
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.audit import LoginSucceeded, TokenIssued
from vad.domain.errors import NotPermittedError, OwnCaseError
from vad.domain.ground import Basis
from vad.domain.identifiers import ClientId, PersonId, StaffId
from vad.domain.mandate import MandateState
from vad.domain.mandate_events import MandateAccepted
from vad.domain.staff import StaffMember, StaffRole
from vad.services.correlation import Correlation, correlated
from vad.services.log_inquiry import LogInquiry
from vad.services.mandate_inquiry import PAGE, FoundMandates, MandateInquiry
from vad.services.ports.log_search import LogFilter, MandateFilter

DAY = timedelta(days=1)
AUDITOR = StaffMember(StaffId(uuid4()), PersonId(uuid4()), frozenset({StaffRole.AUDITOR}))
PERIOD = LogFilter(since=AT - DAY, until=AT + 30 * DAY)


@pytest.fixture
def inquiry(work: PostgresWork) -> LogInquiry:
    """Give the use case."""
    return LogInquiry(work)


def test_who_could_act_at_a_moment(inquiry: LogInquiry, work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """From when it was accepted until it was stopped or its term was over; nobody on an offer alone."""
    subject, helper = people
    stopped, running = in_force(work, people, "48"), in_force(work, people, "51")
    with work() as tx:
        tx.mandates.add(an_offer(people, "63"), b"x" * 32)
        for mandate in (stopped, running):
            tx.audit.append(MandateAccepted(represented=subject, evidence=mandate.as_record()), at=AT + DAY)
        parental = TokenIssued(actor=helper, represented=subject, basis=Basis.PARENTAL_AUTHORITY)
        tx.audit.append(parental, at=AT + 2 * DAY)
        tx.commit()
    assert kept(work, stopped.moved(MandateState.REVOKED, AT + 3 * DAY)) == [True]
    for at, mandates, parents in (
        (AT, set(), 0),
        (AT + DAY, {stopped.mandate_id, running.mandate_id}, 0),
        (AT + 3 * DAY, {running.mandate_id}, 1),
        (running.ends_at, set(), 1),
    ):
        found = inquiry.could_act(AUDITOR, subject, at)
        assert {term.mandate.mandate_id for term in found.terms} == mandates, at
        assert len(found.parents) == parents, at
        assert inquiry.could_act(AUDITOR, helper, at).terms == ()
        about_me = inquiry.could_act(replace(AUDITOR, person=helper), subject, at)
        assert (about_me.terms, about_me.parents) == ((), ()), "what one does oneself is left out"


def test_what_is_about_who_asks_is_left_out(
    inquiry: LogInquiry, work: PostgresWork, people: tuple[PersonId, PersonId]
) -> None:
    """Rule 44: of answers about many people, and of a page of mandates, which tells where the next one begins."""
    subject, helper = people
    mandates = [in_force(work, people, str(number)) for number in range(48, 48 + PAGE)]
    search = MandateInquiry(work).search
    whole = search(AUDITOR, MandateFilter(person=subject))
    assert {each.mandate_id for each in whole.mandates} == {each.mandate_id for each in mandates}
    own = search(replace(AUDITOR, person=helper), MandateFilter(person=subject))
    assert own.mandates == ()
    assert own.further == whole.further is not None
    assert search(AUDITOR, MandateFilter(person=subject), whole.further) == FoundMandates((), None)
    assert [each.representative for each in inquiry.helpers(AUDITOR, 0).lines] == [helper]
    assert inquiry.helpers(replace(AUDITOR, person=helper), 0).lines == ()


def test_pages_without_oneself_are_full_and_say_so(inquiry: LogInquiry, work: PostgresWork) -> None:
    """Rule 44: what is about the reader takes no place in a page, and each page says whether it had any."""
    me, *others = (PersonId(uuid4()) for _ in range(5))
    reader = replace(AUDITOR, person=me)
    period = replace(PERIOD, client_id=ClientId(f"app-{me}"))
    sides = [(others[0], others[0]), (me, me), (me, others[1]), (others[1], me), (others[1], others[1])]
    sides += [(others[2], others[2]), (others[3], others[3]), (me, me)]
    told = partial(LoginSucceeded, client_id=period.client_id)
    with work() as tx:
        for number, (actor, represented) in enumerate(sides):
            tx.audit.append(told(actor=actor, represented=represented), at=AT + timedelta(minutes=number))
        tx.commit()
    pages, after = [], None
    while True:
        page = inquiry.page(reader, period, after, 2)
        pages.append(([each.actor for each in page.events], page.own_left_out))
        if not page.more:
            break
        after = page.events[-1].position
    assert pages == [([others[3], others[2]], True), ([others[1], others[0]], True)]
    quiet = replace(period, since=AT + timedelta(minutes=4), until=AT + timedelta(minutes=7))
    assert inquiry.page(reader, quiet, None, 9).own_left_out is False
    for side, other in (("actor", others[1]), ("represented", others[1]), ("person", others[1])):
        page = inquiry.page(reader, replace(period, **{side: other}), None, 9)  # type: ignore[arg-type]
        assert ([each.actor for each in page.events], page.own_left_out) == ([others[1]], True), side
    assert inquiry.page(reader, replace(period, person=others[0]), None, 9).own_left_out is False
    with pytest.raises(OwnCaseError):
        inquiry.page(reader, replace(period, actor=me), None, 9)


def test_one_event_and_what_was_around_it(inquiry: LogInquiry, work: PostgresWork) -> None:
    """By the request or the cause that they share."""
    person = PersonId(uuid4())
    with correlated(Correlation("r", f"cause of {person}", None)), work() as tx:
        tx.audit.append(LoginSucceeded(actor=person), TokenIssued(actor=person), at=AT)
        tx.commit()
    first, second = inquiry.search(AUDITOR, replace(PERIOD, actor=person))
    assert inquiry.around(AUDITOR, first) == (second,)
    assert inquiry.event(AUDITOR, uuid4()) is None


QUESTIONS: list[Callable[[LogInquiry, StaffMember, PersonId], object]] = [
    lambda inquiry, member, person: inquiry.search(member, replace(PERIOD, person=person)),
    lambda inquiry, member, person: inquiry.search(member, replace(PERIOD, actor=person)),
    lambda inquiry, member, person: inquiry.could_act(member, person, AT),
    lambda inquiry, member, person: inquiry.event(
        member, inquiry.search(AUDITOR, replace(PERIOD, actor=person))[0].event_id
    ),
]
GENERAL: list[Callable[[LogInquiry, StaffMember], object]] = [
    lambda inquiry, member: inquiry.search(member, PERIOD),
    lambda inquiry, member: inquiry.event(member, uuid4()),
    lambda inquiry, member: inquiry.refusals(member, AT, AT + DAY),
    lambda inquiry, member: inquiry.overdue(member, AT, AT + DAY),
    lambda inquiry, member: inquiry.turning(member, AT),
    lambda inquiry, member: inquiry.helpers(member, 9),
]


@pytest.mark.parametrize("role", [role for role in StaffRole if role is not StaffRole.AUDITOR])
def test_nobody_but_an_auditor_asks(inquiry: LogInquiry, role: StaffRole) -> None:
    """Each question asks the right of whoever asks."""
    member = StaffMember(StaffId(uuid4()), PersonId(uuid4()), frozenset({role}))
    for general in GENERAL:
        with pytest.raises(NotPermittedError):
            general(inquiry, member)
        general(inquiry, AUDITOR)
    for about in QUESTIONS[:-1]:
        with pytest.raises(NotPermittedError):
            about(inquiry, member, PersonId(uuid4()))


def test_nobody_asks_about_themselves(inquiry: LogInquiry, work: PostgresWork) -> None:
    """Not by a filter, and not by an event that was found otherwise."""
    with work() as tx:
        tx.audit.append(LoginSucceeded(actor=AUDITOR.person), at=AT)
        tx.commit()
    another = replace(AUDITOR, person=PersonId(uuid4()))
    [event] = inquiry.search(another, replace(PERIOD, actor=AUDITOR.person))
    for about in QUESTIONS[:-1]:
        with pytest.raises(OwnCaseError):
            about(inquiry, AUDITOR, AUDITOR.person)
    with pytest.raises(OwnCaseError):
        inquiry.event(AUDITOR, event.event_id)
