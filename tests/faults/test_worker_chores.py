"""What the worker does from time to time: one chore that fails holds up no other."""

import time
from datetime import datetime

import pytest
import structlog

from tests.support.backroom import Backroom
from vad.adapters.heartbeat import Heartbeat
from vad.adapters.metrics import Fault, Metrics
from vad.cli import worker
from vad.domain.errors import StoreUnavailableError
from vad.services.upkeep import Upkeep


@pytest.mark.parametrize(
    ("error", "told", "faults"),
    [
        (KeyError("a defect"), "chore_fault", 1.0),
        (StoreUnavailableError("PostgreSQL: too slow"), "chore_waits", 0.0),
    ],
)
def test_a_chore_that_fails_hinders_no_other(backroom: Backroom, error: Exception, told: str, faults: float) -> None:
    """It is told, with nothing of what the error says of data; what comes after it is done in the same round."""
    done: list[datetime] = []

    def fails(_at: datetime) -> int:
        raise error

    def works(at: datetime) -> int:
        done.append(at)
        return 0

    metrics = Metrics()
    upkeep = Upkeep(backroom.worker.work, {}, time.monotonic, chores=(fails, works))
    with structlog.testing.capture_logs() as lines:
        worker._go_round(upkeep, metrics, Heartbeat(60.0), lambda _pause: bool(done))  # noqa: SLF001 - the round itself
    assert len(done) == 1
    assert [line["event"] for line in lines] == [told]
    assert "a defect" not in str(lines)
    counted = metrics.registry.get_sample_value("vad_faults_total", {"event": Fault.CHORE.value})
    assert (counted or 0.0) == faults


def test_without_anybody_who_hears_it_the_fault_ends_the_round(backroom: Backroom) -> None:
    """Nothing fails in silence."""

    def fails(_at: datetime) -> int:
        raise KeyError

    with pytest.raises(KeyError):
        Upkeep(backroom.worker.work, {}, time.monotonic, chores=(fails,)).tidy(datetime.now().astimezone())
