"""What auditors ask of the log (rule 43). That they looked is written down by the page or the API that shows it.

Every question asks the right of whoever asks, and refuses what is about themselves. From an answer about
many people that is left out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from vad.domain.age import AMSTERDAM
from vad.domain.birthday import AHEAD
from vad.domain.block import Block
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import OVER, Mandate, MandateState
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.ports.log_search import (
    Helper,
    LogFilter,
    LoggedEvent,
    LogPosition,
    MandateFilter,
    Overdue,
    ParentSeen,
    Refusals,
    Turning,
)
from vad.services.ports.records import UnitOfWorkFactory

PAGE = 50
"""Events on a page."""
MOST = 500
"""Lines of an answer that has no pages."""
USES = ("token.issued", "token.refused", "authorization.granted", "authorization.refused")
"""The events of using a mandate; all others about it are of its life."""
_PARENTS_SEEN_WITHIN = timedelta(days=400)
"""How long ago the last decision on parental authority may be: a parent who asks seldom asks once a year."""
_MANY_MANDATES = 1000


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
    """By parental authority, as the register said when they last asked before that moment."""
    blocks: tuple[Block, ...]
    """What stood in the way then."""


@dataclass(frozen=True, slots=True)
class LogInquiry:
    """The use case. Raises `NotPermittedError` and `OwnCaseError`."""

    work: UnitOfWorkFactory

    def search(
        self, member: StaffMember, wanted: LogFilter, after: LogPosition | None = None, limit: int = PAGE
    ) -> tuple[LoggedEvent, ...]:
        """(b), (c), (e), (g): events, the newest first; older than `after`."""
        concerned = (wanted.person, wanted.actor, wanted.represented)
        check(member, StaffAction.LOG_SEARCH, [each for each in concerned if each is not None])
        with self.work() as tx:
            return tx.log.find(wanted, limit, after)

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
            known = tx.log_questions.mandates(MandateFilter(represented=represented), _MANY_MANDATES)
            begun = tx.log_questions.begun([each.mandate_id for each in known])
            parents = tx.log_questions.parents(represented, at - _PARENTS_SEEN_WITHIN, at)
            blocks = tx.log_questions.blocks(represented, at)
        terms = (term for each in known if (term := _term(each, begun)) is not None)
        return Standing(
            tuple(
                each
                for each in terms
                if each.began_at <= at < each.ended_at and each.mandate.representative != member.person
            ),
            tuple(each for each in parents if each.actor != member.person),
            tuple(each for each in blocks if each.against != member.person),
        )

    def overdue(self, member: StaffMember, since: datetime, until: datetime) -> tuple[Overdue, ...]:
        """(d) Mandates and parental access that were used beyond end, death or birthday. There must be none."""
        check(member, StaffAction.LOG_SEARCH)
        with self.work() as tx:
            questions = tx.log_questions
            found = questions.uses_after_end(since, until, MOST) + questions.uses_after_birthday(since, until, MOST)
            gone = questions.ended_by_death(since, until, MOST)
            people = (tx.persons.get(each) for each in gone)
            dead = {each.person_id for each in people if each and each.evidence and each.evidence.deceased}
            living = (
                each
                for one in dead
                for each in questions.mandates(MandateFilter(person=one, states=(MandateState.ACTIVE,)), MOST)
            )
            found += tuple(
                Overdue("death", each.mandate_id, each.represented, each.representative, each.changed_at)
                for each in living
                if each.represented is not None
            )
        return tuple(each for each in found if member.person not in {each.represented, each.actor})

    def turning(self, member: StaffMember, at: datetime, days: int = 30) -> tuple[Turning, ...]:
        """(h) Children who turn 12 or 16 within so many days, or might: of the day a month is all that is in clear."""
        check(member, StaffAction.LOG_SEARCH)
        today = at.astimezone(AMSTERDAM).date()
        first, last = today - timedelta(days=AHEAD[0]), today + timedelta(days=days - AHEAD[0])
        with self.work() as tx:
            found = tx.log_questions.turning(first.replace(day=1), last, MOST)
        return tuple(each for each in found if member.person not in {each.child, each.holder})

    def helpers(self, member: StaffMember, more_than: int) -> tuple[Helper, ...]:
        """(i) Who may act for more than so many people."""
        check(member, StaffAction.LOG_SEARCH)
        with self.work() as tx:
            found = tx.log_questions.helpers(more_than, MOST)
        return tuple(each for each in found if each.representative != member.person)


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
