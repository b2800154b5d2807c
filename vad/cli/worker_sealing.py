"""The worker's second thread: it seals the log, so that no delivery and no chore ever delays that."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog

from vad.adapters.metrics import Fault, Metrics
from vad.domain.errors import LogBrokenError, LogNotPublishedError, UnavailableError
from vad.services import faults
from vad.services.log_keeping import LogKeeping
from vad.services.ports.sealed_log import Turn

_POLL = 0.5
"""Seconds between two looks for events, and so between two checkpoints."""
_LONGEST_POLL = 60.0
_MOST_DOUBLINGS = 10
_PATIENCE = 2.0
"""Seconds for the last turn. One that PostgreSQL does not answer is left: it counts as never begun."""


@contextmanager
def sealing(keeping: LogKeeping | None, metrics: Metrics) -> Iterator[None]:
    """Seal inside the block; a turn that has begun is ended first, if it can. Without a key nothing is, as is told."""
    if keeping is None:
        structlog.get_logger(__name__).warning("log_not_sealed")
        yield
        return
    stopping = threading.Event()
    thread = threading.Thread(target=_Loop(keeping, metrics).run, args=(stopping,), name="sealer", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(_PATIENCE)


class _Loop:
    """Goes round until told to stop, whatever happens: what is not sealed now is sealed later."""

    def __init__(self, keeping: LogKeeping, metrics: Metrics) -> None:
        self._keeping = keeping
        self._metrics = metrics
        self._log = structlog.get_logger(__name__)
        self._told: str | None = None
        """What was said last: the same trouble is said once."""
        self._troubles = 0

    def run(self, stopping: threading.Event) -> None:
        pause = 0.0
        while not stopping.wait(pause):
            pause = self._turn()

    def _turn(self) -> float:
        """One turn; for how many seconds to wait after it."""
        try:
            turn = self._keeping.turn(datetime.now(UTC))
        except UnavailableError as error:
            self._waits(error)
        except LogBrokenError as error:
            self._broken(error)
        except LogNotPublishedError as error:
            self._not_published(error)
        except Exception as error:  # noqa: BLE001 - a sealer that dies of a defect seals nothing any more
            if self._is_news(Fault.LOG_SEALER):
                told = {"where": faults.places(error), "causes": faults.causes(error)}
                self._log.error("log_sealer_fault", reason=faults.class_of(error), **told)
        else:
            return self._sealed(turn)
        self._troubles = min(self._troubles + 1, _MOST_DOUBLINGS)
        return min(_POLL * 2.0**self._troubles, _LONGEST_POLL)

    def _sealed(self, turn: Turn) -> float:
        """What was signed is published at once; what hinders that hinders no sealing."""
        try:
            self._keeping.publish()
        except LogBrokenError as error:
            self._broken(error)
        except LogNotPublishedError as error:
            self._not_published(error)
        except UnavailableError as error:
            self._waits(error)
        else:
            self._told, self._troubles = None, 0
        return 0.0 if turn.more else _POLL

    def _broken(self, error: LogBrokenError) -> None:
        if self._is_news(Fault.LOG_BROKEN):
            self._log.error("log_broken", reason=str(error))

    def _waits(self, error: UnavailableError) -> None:
        if self._is_news(None):
            self._log.warning("log_sealer_waits", reason=str(error))

    def _not_published(self, error: LogNotPublishedError) -> None:
        if self._is_news(Fault.LOG_NOT_PUBLISHED):
            self._log.error("log_not_published", reason=str(error))

    def _is_news(self, trouble: Fault | None) -> bool:
        """Whether this is another trouble than the one before; then it is counted."""
        before, self._told = self._told, trouble.value if trouble else "waits"
        if before == self._told:
            return False
        if trouble is not None:
            self._metrics.fault(trouble)
        return True
