"""What auditors ask of the log (rule 43). That they looked is written down by the page or the API that shows it.

Every question asks the right of whoever asks, and refuses what is about themselves. From an answer about
many people that is left out.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from vad.domain.age import AMSTERDAM
from vad.domain.birthday import AHEAD
from vad.domain.block import Block
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import OVER, Mandate
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.parental_standing import parents_at
from vad.services.ports.log_search import (
    Answer,
    Helper,
    LogFilter,
    LoggedEvent,
    LogPosition,
    LogQuestions,
    MandateFilter,
    Overdue,
    ParentSeen,
    Refusals,
    Turning,
)
from vad.services.ports.records import UnitOfWorkFactory

T = TypeVar("T")
PAGE = 50
"""Events on a page."""
MOST = 500
"""Lines of an answer that has no pages."""
USES = ("token.issued", "token.refused", "authorization.granted", "authorization.refused")
"""The events of using a mandate; all others about it are of its life."""


@dataclass(frozen=True, slots=True)
class Term:
    """A mandate that was in force at some moment, with when that began and ended as the log tells."""

    mandate: Mandate
    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """(a) Who could act for somebody at a moment, and on what ground."""

    terms: tuple[Term, ...]
    """On a mandate, or by law."""
    parents: tuple[ParentSeen, ...]
    """By parental authority: as `parents_at` says."""
    blocks: tuple[Block, ...]
    """What stood in the way then."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """A part of the log without what is about whoever reads it."""

    events: tuple[LoggedEvent, ...]
    more: bool
    """Whether another page comes after it."""
    own_left_out: bool
    """Whether something was left out in the time of this page."""


@dataclass(frozen=True, slots=True)
class LogInquiry:
    """The use case. Raises `NotPermittedError` and `OwnCaseError`."""

    work: UnitOfWorkFactory
    most: int = MOST
    """Lines of an answer that has no pages, and how many mandates are read at a time."""

    def search(
        self, member: StaffMember, wanted: LogFilter, after: LogPosition | None = None, limit: int = PAGE
    ) -> tuple[LoggedEvent, ...]:
        """(b), (c), (e), (g): events, the newest first; older than `after`.

        One about whoever looks has a line that says no more than that. Of what might warn them there is none.
        """
        concerned = (wanted.person, wanted.actor, wanted.represented)
        check(member, StaffAction.LOG_SEARCH, [each for each in concerned if each is not None])
        with self.work() as tx:
            return tx.log.find(replace(wanted, unwarned=member.person), limit, after)

    def page(self, member: StaffMember, wanted: LogFilter, after: LogPosition | None, limit: int) -> LogPage:
        """The same for who has no room for a line that says no more than that it is about themself."""
        concerned = (wanted.person, wanted.actor, wanted.represented)
        check(member, StaffAction.LOG_SEARCH, [each for each in concerned if each is not None])
        with self.work() as tx:
            found = tx.log.find(replace(wanted, without=member.person), limit + 1, after)
            more = len(found) > limit
            looked_at = replace(wanted, since=found[limit - 1].recorded_at) if more else wanted
            own = any(tx.log.find(each, 1, after) for each in _own(looked_at, member.person))
        return LogPage(found[:limit], more=more, own_left_out=own)

    def event(self, member: StaffMember, event_id: UUID) -> LoggedEvent | None:
        """(f) One event with the evidence behind it."""
        check(member, StaffAction.LOG_SEARCH)
        with self.work() as tx:
            found = tx.log.event(event_id)
        if found is not None:
            check(member, StaffAction.LOG_SEARCH, found.people)
        return found

    def around(self, member: StaffMember, event: LoggedEvent) -> tuple[LoggedEvent, ...]:
        """What else happened in the same request, or at the same app for the same cause."""
        if event.correlation_id is None:
            return ()
        hour = timedelta(hours=1)
        wanted = LogFilter(
            since=event.recorded_at - hour, until=event.recorded_at + hour, correlation_id=event.correlation_id
        )
        return tuple(each for each in self.search(member, wanted) if each.event_id != event.event_id)

    def refusals(self, member: StaffMember, since: datetime, until: datetime) -> tuple[Refusals, ...]:
        """(e) How often what was refused, and why."""
        check(member, StaffAction.LOG_SEARCH)
        with self.work() as tx:
            return tx.log.refusals(since, until)

    def could_act(self, member: StaffMember, represented: PersonId, at: datetime) -> Standing:
        """(a) Who could act for this person at `at`, on what ground."""
        check(member, StaffAction.LOG_SEARCH, (represented,))
        with self.work() as tx:
            terms = tuple(self._terms_at(tx.log_questions, represented, at))
            parents = parents_at(tx, represented, at)
            blocks = tx.log_questions.blocks(represented, at)
        return Standing(
            tuple(each for each in terms if each.mandate.representative != member.person),
            tuple(each for each in parents if each.actor != member.person),
            tuple(each for each in blocks if each.against != member.person),
        )

    def _terms_at(self, questions: LogQuestions, represented: PersonId, at: datetime) -> Iterator[Term]:
        """All that were in force at `at`, however many this person ever gave."""
        after = None
        while page := questions.mandates(MandateFilter(represented=represented), self.most, after):
            begun = questions.begun([each.mandate_id for each in page])
            terms = (term for each in page if (term := _term(each, begun)) is not None)
            yield from (term for term in terms if term.began_at <= at < term.ended_at)
            after = (page[-1].changed_at, page[-1].mandate_id)

    def _cut(self, *found: Sequence[T]) -> Answer[T]:
        """At most so many of each, and whether there was more of any; each was asked for one more."""
        lines = tuple(each for some in found for each in some[: self.most])
        return Answer(lines, any(len(some) > self.most for some in found))

    def overdue(self, member: StaffMember, since: datetime, until: datetime) -> Answer[Overdue]:
        """(d) Mandates and parental access that were used beyond end, death or birthday. There must be none."""
        check(member, StaffAction.LOG_SEARCH)
        with self.work() as tx:
            questions, most = tx.log_questions, self.most + 1
            found = self._cut(
                questions.uses_after_end(since, until, most),
                questions.uses_after_birthday(since, until, most),
                questions.uses_after_death(since, until, most),
                questions.outliving(until, most),
            )
        lines = tuple(each for each in found.lines if member.person not in {each.represented, each.actor})
        return Answer(lines, found.more)

    def turning(self, member: StaffMember, at: datetime, days: int = 30) -> Answer[Turning]:
        """(h) Children who turn 12 or 16 within so many days, or might: of the day a month is all that is in clear."""
        check(member, StaffAction.LOG_SEARCH)
        today = at.astimezone(AMSTERDAM).date()
        first, last = today - timedelta(days=AHEAD[0]), today + timedelta(days=days - AHEAD[0])
        with self.work() as tx:
            found = self._cut(tx.log_questions.turning(first.replace(day=1), last, self.most + 1))
        lines = tuple(each for each in found.lines if member.person not in {each.child, each.holder})
        return Answer(lines, found.more)

    def helpers(self, member: StaffMember, more_than: int) -> Answer[Helper]:
        """(i) Who may act for more than so many people."""
        check(member, StaffAction.LOG_SEARCH)
        with self.work() as tx:
            found = self._cut(tx.log_questions.helpers(more_than, self.most + 1))
        return Answer(tuple(each for each in found.lines if each.representative != member.person), found.more)


def life(mandate_id: MandateId, since: datetime, until: datetime, types: Collection[str] = ()) -> LogFilter:
    """(b), (g) The filter for everything about one mandate: with `USES` its uses."""
    return LogFilter(since=since, until=until, mandate=mandate_id, types=types)


def _term(mandate: Mandate, begun: Mapping[MandateId, datetime]) -> Term | None:
    began = begun.get(mandate.mandate_id)
    if began is None:
        return None
    # It ended with its last move, and at the latest with its term, whether or not anybody wrote that down.
    ended = min(mandate.changed_at, mandate.ends_at) if mandate.state in OVER else mandate.ends_at
    return Term(mandate, max(began, mandate.starts_at).astimezone(UTC), ended)


def _own(wanted: LogFilter, person: PersonId) -> Iterator[LogFilter]:
    """What the same filter finds of this person, in each place that it leaves open."""
    if wanted.actor is None:
        yield replace(wanted, actor=person)
    if wanted.represented is None:
        yield replace(wanted, represented=person)
    yield replace(wanted, naming=person)
