"""`vad worker`: what happens after a commit, and what the clock alone brings about."""

import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial

import click
import structlog

from vad.adapters import logs
from vad.adapters.heartbeat import Heartbeat, open_door
from vad.adapters.metrics import Fault, Metrics
from vad.bootstrap.log_keeping import log_keeping
from vad.bootstrap.upkeep import create_upkeep
from vad.cli.common import known_settings, plain_errors
from vad.cli.worker_sealing import sealing
from vad.domain.errors import UnavailableError, VadError
from vad.services import faults
from vad.services.upkeep import Upkeep

_POLL = 1.0
"""Seconds between two looks at the outbox."""
_LONGEST_POLL = 60.0
"""Seconds, while nothing succeeds because of a defect: each time twice as long as before."""
_MOST_DOUBLINGS = 10
_SLOW_JOBS = 600.0
"""Seconds between two rounds of what waits for no delivery, by a clock that nobody sets."""


@click.command()
def worker() -> None:
    """Deliver the outbox and write down what the clock has ended, until told to stop."""
    with plain_errors(), _told_to_stop() as told_to_stop:
        known = known_settings()
        logs.configure(known.log.level)
        upkeep, metrics = create_upkeep(known)
        heartbeat = Heartbeat(known.metrics.worker_stuck_after)
        keeping = log_keeping(known)
        with _door(known.metrics.worker_bind, heartbeat, metrics):
            structlog.get_logger(__name__).info("worker_ready")
            with sealing(keeping, metrics):
                _go_round(upkeep, metrics, heartbeat, told_to_stop)


def _go_round(upkeep: Upkeep, metrics: Metrics, heartbeat: Heartbeat, told_to_stop: Callable[[float], bool]) -> None:
    log = structlog.get_logger(__name__)
    slow_jobs_at, waits, faulty, pause = time.monotonic(), False, 0, 0.0
    while not told_to_stop(pause):
        heartbeat.beat()
        at, busy, pause = datetime.now(UTC), False, _POLL
        try:
            busy = _deliver(upkeep, metrics, at) > 0
            if time.monotonic() >= slow_jobs_at:
                busy = upkeep.tidy(at, partial(_chore_failed, metrics)) > 0 or busy
                slow_jobs_at = time.monotonic() + (0.0 if busy else _SLOW_JOBS)
            waits, faulty = False, 0
            pause = 0.0 if busy else _POLL
        except UnavailableError as error:
            # A store that is away comes back: there is nothing to do but wait, and to say so once.
            if not waits:
                log.warning("worker_waits", reason=str(error))
            waits = True
        except Exception as error:  # noqa: BLE001 - a worker that dies of a defect delivers nothing any more
            reason = str(error) if isinstance(error, VadError) else None
            log.error("worker_fault", reason=reason, **_told(error))  # noqa: TRY400 - its text stays out
            metrics.fault(Fault.WORKER)
            pause = min(_POLL * 2.0**faulty, _LONGEST_POLL)
            faulty = min(faulty + 1, _MOST_DOUBLINGS)
        heartbeat.beat(pause)


@contextmanager
def _door(bind: str | None, heartbeat: Heartbeat, metrics: Metrics) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(open_door(bind, heartbeat, metrics.registry))
        except OSError as error:
            raise click.ClickException(f"metrics.worker_bind: {error.strerror}") from error
        yield


def _deliver(upkeep: Upkeep, metrics: Metrics, at: datetime) -> int:
    """Deliver a batch and tell of defects; returns how many messages were taken."""
    delivery = upkeep.deliver(at)
    for defect in delivery.defects:
        message = defect.message
        structlog.get_logger(__name__).error(
            "delivery_fault", message_id=str(message.message_id), kind=message.kind, **_told(defect.error)
        )
        metrics.fault(Fault.DELIVERY)
    return delivery.taken


def _chore_failed(metrics: Metrics, error: Exception) -> None:
    """Tell that one of the chores failed; the others are done all the same, and this one again in the next round."""
    log = structlog.get_logger(__name__)
    if isinstance(error, UnavailableError):
        log.warning("chore_waits", reason=str(error))
        return
    log.error("chore_fault", reason=str(error) if isinstance(error, VadError) else None, **_told(error))
    metrics.fault(Fault.CHORE)


def _told(error: Exception) -> dict[str, object]:
    return {
        "exception_class": faults.class_of(error),
        "where": faults.places(error),
        "causes": faults.causes(error),
    }


@contextmanager
def _told_to_stop() -> Iterator[Callable[[float], bool]]:
    """A function that waits at most so many seconds and tells whether SIGTERM or SIGINT has come.

    Not an Event: its lock may be held by the very code that the handler interrupts, and nobody would ever let go.
    """
    heard, rung = socket.socketpair()
    rung.settimeout(0)
    with heard, rung:
        handlers = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
        former = signal.set_wakeup_fd(rung.fileno())
        try:
            yield lambda seconds: bool(select.select([heard], [], [], seconds)[0])
        finally:
            signal.set_wakeup_fd(former)
            for number, handler in handlers.items():
                signal.signal(number, handler)
