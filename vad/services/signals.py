"""A6: what somebody should look at, computed when it is looked at; and that somebody did (rule 43)."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.errors import StaleFlowError
from vad.domain.identifiers import Sid
from vad.domain.justification import Justification
from vad.domain.signal import Signal, Thresholds
from vad.domain.staff import StaffAction, StaffMember, check
from vad.domain.staff_events import SignalHandled
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import PersonReferences
from vad.services.signal_counting import SignalCounting, counted


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
