"""A6: what somebody should look at, computed when it is looked at; and that somebody did (rule 43)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vad.domain.audit import Outcome
from vad.domain.errors import StaleFlowError
from vad.domain.identifiers import Sid
from vad.domain.justification import Justification
from vad.domain.mandate import Mandate, MandateState
from vad.domain.signal import CHANGE_TYPES, USE_TYPES, WRONG_CODE_TYPES, Signal, SignalKind, Thresholds
from vad.domain.staff import StaffAction, StaffMember, check
from vad.domain.staff_events import SignalHandled
from vad.services.ports.log_search import LogFilter, LoggedEvent, MandateFilter
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import PersonReferences
from vad.services.signal_counting import SignalCounting, counted

MOST = 50
"""Events, or mandates, that are shown of one signal."""
_IN_LOG: Final[Mapping[SignalKind, tuple[tuple[str, ...], str | None]]] = {
    SignalKind.MANY_PEOPLE: ((), None),
    SignalKind.WRONG_CODES: (WRONG_CODE_TYPES, None),
    SignalKind.REFUSALS_RISING: ((), Outcome.REFUSED.value),
    SignalKind.NIGHT_BURST: (USE_TYPES, None),
    SignalKind.APP_CHANGED: (CHANGE_TYPES, None),
}
"""Types and outcome of what is counted."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A signal as a page wants it."""

    signal: Signal
    reference: str
    """Of the person whom it is about; empty where it is nobody."""

    @property
    def name(self) -> str:
        """In an address."""
        return ".".join((self.signal.kind.value, self.reference or "-", self.signal.occasion))


@dataclass(frozen=True, slots=True)
class Counted:
    """What a signal counted, the newest first: mandates in force where it is about many people, events otherwise."""

    events: tuple[LoggedEvent, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    more: bool = False
    """Whether there is more than is told here."""


@dataclass(frozen=True, slots=True)
class Signals:
    """The use case."""

    work: UnitOfWorkFactory
    counting: SignalCounting
    references: PersonReferences
    limits: Thresholds

    def open(self, member: StaffMember, at: datetime) -> tuple[Shown, ...]:
        """Those that nobody has handled, but for what is about whoever looks: nobody is warned. `NotPermittedError`."""
        return tuple(each for each in self._all(member, at) if each.signal.person != member.person)

    def _all(self, member: StaffMember, at: datetime) -> tuple[Shown, ...]:
        check(member, StaffAction.SIGNALS_VIEW)
        found = counted(self.counting, self.limits, at)
        with self.work() as tx:
            handled = tx.signals.handled([each.key for each in found])
        return tuple(self._shown(each) for each in found if each.key not in handled)

    def named(self, member: StaffMember, name: str, at: datetime) -> Shown | None:
        """The open one with this name. Raises `NotPermittedError`, `OwnCaseError`."""
        shown = next((each for each in self._all(member, at) if each.name == name), None)
        if shown is not None and shown.signal.person is not None:
            check(member, StaffAction.SIGNALS_VIEW, [shown.signal.person])
        return shown

    def counted(self, member: StaffMember, signal: Signal) -> Counted:
        """What it counted, for who handles it: they need no right to search the log. Raises as `handle` does."""
        check(member, StaffAction.SIGNALS_HANDLE, [signal.person] if signal.person else [])
        with self.work() as tx:
            if signal.kind is not SignalKind.MANY_PEOPLE:
                events = tx.log.find(in_log(signal), MOST + 1)
                return Counted(events=events[:MOST], more=len(events) > MOST)
            held = MandateFilter(representative=signal.person, states=(MandateState.ACTIVE,))
            mandates = tx.log_questions.mandates(held, MOST + 1)
        theirs = tuple(each for each in mandates[:MOST] if member.person != each.represented)
        return Counted(mandates=theirs, more=len(mandates) > MOST)

    def handle(self, member: StaffMember, name: str, note: Justification, at: datetime, sid: Sid | None = None) -> None:
        """Say what was done about it. Raises `NotPermittedError`, `OwnCaseError`; `StaleFlowError` where it is over."""
        check(member, StaffAction.SIGNALS_HANDLE)
        shown = self.named(member, name, at)
        if shown is None:
            raise StaleFlowError("no such signal")
        signal = shown.signal
        with self.work() as tx:
            if not tx.signals.handle(signal.key, member.account, at):
                raise StaleFlowError("somebody has handled it")
            told = SignalHandled(
                staff=member.account,
                sid=sid,
                client_id=signal.client_id,
                evidence=signal.evidence,
                erasable=note.erasable,
            )
            tx.audit.append(told, at=at)
            tx.commit()

    def _shown(self, signal: Signal) -> Shown:
        return Shown(signal, self.references.of(signal.person) if signal.person else "")


def in_log(signal: Signal) -> LogFilter:
    """Where the log has what was counted; of many people, what was done for them."""
    types, outcome = _IN_LOG[signal.kind]
    return LogFilter(
        since=signal.since,
        until=signal.until,
        actor=signal.person,
        client_id=signal.client_id,
        types=types,
        outcome=outcome,
        for_another=signal.kind in {SignalKind.MANY_PEOPLE, SignalKind.NIGHT_BURST},
    )
