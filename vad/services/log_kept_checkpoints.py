"""Which checkpoints have to be there: each that was signed, but for those that were dropped by the rule (ADR 0028).

Each names the one before it. Where that is gone, an event of the log must say that the checkpoints of that hour were
thinned, and which of them stay. Those must be there.
"""

from collections.abc import Container, Sequence

from vad.services.log_report import Fault, Report
from vad.services.ports.log_reading import LogReading, ReadCheckpoint


class KeptCheckpoints:
    """Those of one verification, which asks for them from where it begins to the end."""

    def __init__(self, log: LogReading, report: Report, purged: Container[str]) -> None:
        self._log, self._report = log, report
        self._before = self._begun = report.begun
        self._staying: set[int] = set()
        for each in log.thinnings():
            # Of an event that is in an archive alone there is nothing to read any more.
            if each.by_rule and (each.agrees or each.told_in in purged):
                self._staying |= each.staying
            else:
                report.add(each.index, Fault.CHANGED, "of dropped checkpoints it says otherwise", each.event_id)
        for size in log.without_checkpoint(sorted(self._staying)):
            self._missing(size, ", which was to stay")

    def within(self, after: int, upto: int) -> Sequence[ReadCheckpoint]:
        """Those of trees larger than the one and not larger than the other; the next call begins where this ends."""
        found = self._log.checkpoints(after, upto)
        for each in found:
            previous = self._before if each.previous is None else each.previous
            # What was dropped came before one of its hour that stays.
            if self._begun < previous != self._before and each.size not in self._staying:
                self._missing(previous, "")
            self._before = each.size
        return found

    def _missing(self, size: int, which: str) -> None:
        self._report.add(size - 1, Fault.MISSING, f"the checkpoint of {size} events is gone{which}")
