"""What the worker does with signals: it counts the open ones, and says once of each that it is there (A6)."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from vad.domain.signal import SignalKind, Thresholds
from vad.domain.staff_events import SignalRaised
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.signal_counting import SignalCounting, counted


@dataclass(frozen=True, slots=True)
class SignalWatch:
    """A chore of the worker. Of two workers at the same moment each may say it: twice is better than not at all."""

    work: UnitOfWorkFactory
    counting: SignalCounting
    limits: Thresholds
    tell: Callable[[Mapping[SignalKind, int]], None]
    """Is told how many of each kind are open."""

    def __call__(self, at: datetime) -> int:
        """Look; returns how many are new."""
        found = counted(self.counting, self.limits, at)
        with self.work() as tx:
            handled = tx.signals.handled([each.key for each in found])
            left = [each for each in found if each.key not in handled]
            raised = tx.signals.raised() if left else frozenset()
            new = [each for each in left if each.key not in raised]
            tx.audit.append(*(SignalRaised(client_id=each.client_id, evidence=each.evidence) for each in new), at=at)
            tx.commit()
        kinds = Counter(each.kind for each in left)
        self.tell({kind: kinds[kind] for kind in SignalKind})
        return len(new)
