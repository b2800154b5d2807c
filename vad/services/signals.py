"""A6: what somebody should look at, computed when it is looked at; and that somebody did (rule 43)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from vad.domain.errors import StaleFlowError
from vad.domain.identifiers import PersonId, Sid
from vad.domain.justification import Justification
from vad.domain.signal import (
    USE_TYPES,
    USUAL_DAYS,
    WRONG_CODE_TYPES,
    Signal,
    SignalKind,
    Thresholds,
    many_people,
    night_before,
    of_the_day,
    refusals_rising,
)
from vad.domain.staff import StaffAction, StaffMember, check
from vad.domain.staff_events import SignalHandled
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import PersonReferences

MOST = 50
"""Of one kind: whoever has more of them has another problem."""
_DAY = timedelta(days=1)


class SignalCounting(Protocol):
    """Counts in the stores, each by an index."""

    def helpers(self, least: int, at: datetime, most: int) -> tuple[tuple[PersonId, int], ...]:
        """Who may act for at least so many people, and for how many."""

    def doers(
        self,
        types: tuple[str, ...],
        since: datetime,
        until: datetime,
        least: int,
        most: int,
        *,
        for_others: bool = False,
    ) -> tuple[tuple[PersonId, int], ...]:
        """Who did such a thing at least so often, and how often; `for_others`: only what they did for somebody else."""

    def refusals(self, at: datetime, days: int) -> tuple[int, ...]:
        """How much was refused in each 24 hours up to `at`, the last first."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A signal as a page wants it."""

    signal: Signal
    reference: str
    """Of the person whom it is about; empty where it is nobody."""
    own: bool
    """It is about the member of staff who looks."""

    @property
    def name(self) -> str:
        """In an address."""
        return ".".join((self.signal.kind.value, self.reference or "-", self.signal.occasion))


@dataclass(frozen=True, slots=True)
class Signals:
    """The use case."""

    work: UnitOfWorkFactory
    counting: SignalCounting
    references: PersonReferences
    limits: Thresholds

    def open(self, member: StaffMember, at: datetime) -> tuple[Shown, ...]:
        """Those that nobody has handled. Raises `NotPermittedError`."""
        check(member, StaffAction.SIGNALS_VIEW)
        found = self._all(at)
        with self.work() as tx:
            handled = tx.signals.handled([each.key for each in found])
        return tuple(self._shown(member, each) for each in found if each.key not in handled)

    def named(self, member: StaffMember, name: str, at: datetime) -> Shown | None:
        """The open one with this name."""
        return next((each for each in self.open(member, at) if each.name == name), None)

    def handle(self, member: StaffMember, name: str, note: Justification, at: datetime, sid: Sid | None = None) -> None:
        """Say what was done about it. Raises `NotPermittedError`, `OwnCaseError`; `StaleFlowError` where it is over."""
        check(member, StaffAction.SIGNALS_HANDLE)
        shown = self.named(member, name, at)
        if shown is None:
            raise StaleFlowError("no such signal")
        signal = shown.signal
        check(member, StaffAction.SIGNALS_HANDLE, [signal.person] if signal.person else [])
        with self.work() as tx:
            if not tx.signals.handle(signal.key, member.account, at):
                raise StaleFlowError("somebody has handled it")
            evidence = {"signal": signal.kind.value, "occasion": signal.occasion, "measured": signal.measured}
            if signal.person is not None:
                evidence["person"] = str(signal.person)
            tx.audit.append(
                SignalHandled(staff=member.account, sid=sid, evidence=evidence, erasable=note.erasable), at=at
            )
            tx.commit()

    def _all(self, at: datetime) -> tuple[Signal, ...]:
        limits, since = self.limits, at - _DAY
        found = [many_people(*each, at) for each in self.counting.helpers(limits.people, at, MOST)]
        for who, number in self.counting.doers(WRONG_CODE_TYPES, since, at, limits.wrong_codes, MOST):
            found.append(of_the_day(SignalKind.WRONG_CODES, who, number, since, at))
        rising = refusals_rising(self.counting.refusals(at, USUAL_DAYS + 1), limits, at)
        found += [rising] if rising is not None else []
        begins, ends = night_before(at)
        for who, number in self.counting.doers(USE_TYPES, begins, ends, limits.night_uses, MOST, for_others=True):
            found.append(of_the_day(SignalKind.NIGHT_BURST, who, number, begins, ends))
        return tuple(found)

    def _shown(self, member: StaffMember, signal: Signal) -> Shown:
        reference = self.references.of(signal.person) if signal.person else ""
        return Shown(signal, reference, own=signal.person == member.person)
