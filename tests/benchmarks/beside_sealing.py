"""What sealing costs those who ask for tokens: `python -m tests.benchmarks.run --sealing [EVENTS]`.

One server of VAD on one core is asked by 8 connections from another, in pairs of rounds: without `vad worker`, and with
it sealing what those tokens write. It runs where it can, like PostgreSQL. All the while it is asked how old the oldest
event is that has not been sealed yet. Then once more while the worker thins checkpoints of days ago, hour after hour:
each is a transaction that no event passes by before it ends.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from tests.benchmarks.load import measure
from tests.benchmarks.neighbourhood import built
from tests.benchmarks.processes import cpu_ms, pin
from tests.benchmarks.report import table
from tests.benchmarks.servers import Servers
from tests.support.database import ask
from tests.support.process_tree import parent_of
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_state import log_state
from vad.sandbox.child import Child, Program
from vad.sandbox.demo.configuration import DEFAULTS, PROJECT
from vad.sandbox.demo.programs import environment

FLOWS = ("W3", "W4", "WX")
"""Those that give tokens."""
MOST_TIMES = 1.05
"""As long as without the sealer may a token take."""
MOST_LAG = 2.0
"""Seconds that an event may wait until it is sealed."""
_LOOK_EVERY = 0.1
_PATIENCE = 60.0
_HOURS, _AN_HOUR = 150, 7_200
"""Of checkpoints that are old enough to be thinned: as many as the worker signs, two a second."""
# They are in nobody's way below the size of any tree; of what was signed nobody asks here.
_OLD = """
INSERT INTO log_checkpoints (size, root, note, signed_at, settled_before, cluster, previous)
SELECT n - %(all)s - 1, sha256('noise'), repeat('noise ', 40),
    date_trunc('day', now()) - interval '2 days' - (%(all)s - n) * interval '0.5 seconds', '1', 1, n - %(all)s - 2
FROM generate_series(1, %(all)s) AS n
"""
_THINNED = "SELECT count(*), COALESCE(sum(dropped), 0)::bigint FROM log_thinnings"


@dataclass(frozen=True)
class Round:
    """Of one flow, in one half of a pair."""

    each_ms: float
    """From one flow to the next, over all connections."""
    vad_ms: float
    postgres_ms: float
    """Processor time of each flow; PostgreSQL's with what it does for the sealer."""


Pairs = Sequence[tuple[Round, Round]]
"""Without the sealer, and with it."""


@dataclass
class Lag:
    """How old the oldest event that was not sealed was, each time somebody looked, in seconds."""

    url: str
    seen: list[float] = field(default_factory=list)
    thinning: bool = False
    """Only while there are checkpoints that are yet to be thinned."""

    @contextmanager
    def watched(self, *, noted: bool) -> Iterator[None]:
        """Look inside the block, in both halves alike."""
        over, database = threading.Event(), Database(self.url)

        def look() -> None:
            while not over.wait(_LOOK_EVERY):
                state = log_state(database)
                if noted and (state.unthinned > 0 or not self.thinning):
                    self.seen.append(state.waiting)

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            database.close()


class Comparison:
    """Where it happens."""

    def __init__(self, asked: argparse.Namespace, folder: Path, stack: ExitStack) -> None:
        self._asked, self._folder = asked, folder
        self._flows = [flow for flow in FLOWS if flow in asked.flows]
        self._cores = sorted(os.sched_getaffinity(0))
        self._place = stack.enter_context(built(folder))
        town, servers = self._place.town, Servers(self._place, folder, stack)
        child = servers.serve("vad", town.layout.port("vad"), {}, "--workers", "1")
        self._vad = servers.more("vad", child, town.issuer, self._place.apps.usual, asked.connections)
        pin(child.pid, self._cores[:1])
        self._url = town.database.superuser_url
        self._postgres = parent_of(ask(self._url, "SELECT pg_backend_pid()")[0][0])
        self._begun = 0

    def lines(self) -> tuple[list[str], bool]:
        """The table, and whether every event was sealed in time."""
        lag = Lag(self._url)
        found: dict[str, list[dict[bool, Round]]] = {flow: [] for flow in self._flows}
        for number in range(self._asked.rounds):
            halves = {sealed: self._half(lag, sealed=sealed) for sealed in ((False, True), (True, False))[number % 2]}
            for flow in self._flows:
                found[flow].append({sealed: half[flow] for sealed, half in halves.items()})
        pairs = {flow: [(each[False], each[True]) for each in rounds] for flow, rounds in found.items()}
        told, late = lag_line(lag.seen)
        thinning, late_then = self._thinning()
        heads = ["without / with the sealer", "ms for each", "CPU-ms of VAD", "of PostgreSQL", "times", "spread", ""]
        lines = [row(flow, each) for flow, each in pairs.items()]
        return [*table(heads, lines), "", told, thinning], not (late or late_then)

    def _thinning(self) -> tuple[str, bool]:
        """The same flows while the worker thins, and what that does to the lag."""
        with self._worker():
            pass  # what the last half left is sealed
        ask(self._url, _OLD % {"all": _HOURS * _AN_HOUR})
        ask(self._url, "ANALYZE log_checkpoints")
        lag = Lag(self._url, thinning=True)
        self._half(lag, sealed=True)
        [(hours, dropped)] = ask(self._url, _THINNED)
        if not lag.seen:
            raise SystemExit("the worker thins nothing")
        told, late = lag_line(lag.seen)
        return f"while {hours} hours were thinned of {dropped:,} checkpoints: {told}", late

    def _half(self, lag: Lag, *, sealed: bool) -> dict[str, Round]:
        with ExitStack() as stack:
            if sealed:
                stack.enter_context(self._worker(thinning=lag.thinning))
            stack.enter_context(lag.watched(noted=sealed))
            return {flow: self._round(flow) for flow in self._flows}

    def _round(self, flow: str) -> Round:
        before = cpu_ms(self._postgres)
        seconds = self._asked.seconds
        figures = measure(self._vad.callers, flow, seconds, self._vad.pid, self._cores[-1:])
        # The warm-up before it is a fifth of that, and as busy.
        of_postgres = (cpu_ms(self._postgres) - before) / figures.flows / 1.2
        return Round(seconds * 1000 / figures.flows, figures.cpu_ms, of_postgres)

    @contextmanager
    def _worker(self, *, thinning: bool = False) -> Iterator[None]:
        """One that has sealed what was there, or has begun to thin."""
        command = (sys.executable, "-c", "from vad.cli.main import main; main()", "worker")
        self._begun += 1
        known = environment((DEFAULTS, self._place.town.state.configuration))
        child = Child(Program(command, self._folder / f"worker-{self._begun}.log", known, PROJECT))
        database = Database(self._url)
        try:
            looks, since = 0, time.time()
            while not self._is_ready(database, since, thinning=thinning):
                looks += 1
                if child.wait(_LOOK_EVERY) or looks > _PATIENCE / _LOOK_EVERY:
                    raise SystemExit(f"the worker seals nothing: {'; '.join(child.last_words())}")
            yield
        finally:
            child.stop()
            database.close()

    def _is_ready(self, database: Database, since: float, *, thinning: bool) -> bool:
        """It has begun to do what it is measured at; how long it takes to start is no lag of a worker that runs."""
        state = log_state(database)
        if thinning:
            return state.signed_at > since and ask(self._url, _THINNED)[0][0] > 0
        return state.size > 0 and not state.waiting


def row(flow: str, pairs: Pairs) -> list[str]:
    """One line: the middle of all rounds, and of what each pair says."""

    def both(of: str) -> str:
        return " / ".join(f"{median(getattr(half, of) for half in halves):.2f}" for halves in zip(*pairs, strict=True))

    times = sorted(sealed.each_ms / alone.each_ms for alone, sealed in pairs)
    middle = median(times)
    spread = f"± {(times[-1] - times[0]) / 2:.0%}"
    over = "over budget" if middle > MOST_TIMES else ""
    return [flow, both("each_ms"), both("vad_ms"), both("postgres_ms"), f"{middle:.3f}", spread, over]


def lag_line(seen: Sequence[float]) -> tuple[str, bool]:
    """What is said of it, and whether it was too long."""
    late = max(seen) > MOST_LAG
    told = f"sealed after {median(seen):.2f} s, {quantiles(seen, n=20)[-1]:.2f} s (p95), {max(seen):.2f} s at most"
    return f"{told}; {len(seen)} looks{': over budget' if late else ''}", late
