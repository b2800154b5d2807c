"""Whether VAD costs the same with a million persons as with ten thousand: `python -m tests.benchmarks.run --growth`.

Two neighbourhoods, each with its own PostgreSQL, are asked the same in turn. What is counted does not depend on the
machine: trips, look-ups in an index, and pages that these touch (EXPLAIN ANALYZE of each statement at the moment it is
sent, undone afterwards). Processor time is that of VAD and of PostgreSQL together.
"""

import argparse
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import structlog

from tests.benchmarks.callers import FLOWS, TITLES, Caller
from tests.benchmarks.load import repeat, warm_up
from tests.benchmarks.neighbourhood import Neighbourhood, built
from tests.benchmarks.processes import cpu_ms, pin
from tests.benchmarks.report import table
from tests.benchmarks.sampling import InProcess
from tests.benchmarks.servers import Contender, Servers
from tests.support.database import ask
from tests.support.plans import explaining, frames, overheard
from tests.support.process_tree import parent_of
from vad.adapters.postgres.query import Statement
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.bootstrap.foundation import lay_foundation
from vad.domain.identifiers import ClientId, PersonId
from vad.sandbox.load.loader import Wanted

MOST = 1.5
"""How many times as much the larger one may cost."""
_FEW = 10_000
_ASKED = 2_000
"""People about whom there is a decision, none of them twice in a row."""
_FLOWS = tuple(flow for flow in FLOWS if flow != "W1")
ANYBODY = "anybody"
"""A decision about somebody else each time: what a request rests on is read, and nothing is written."""


@dataclass
class Reads:
    """What was asked of PostgreSQL."""

    trips: int = 0
    look_ups: int = 0
    pages: int = 0

    def add(self, plan: dict[str, Any]) -> None:
        """Count a statement that was run."""
        self.pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        self.look_ups += _look_ups(plan)


def _look_ups(node: dict[str, Any]) -> int:
    own = node["Actual Loops"] if "Index Cond" in node else 0
    return int(own) + sum(map(_look_ups, node.get("Plans", ())))


@contextmanager
def counting(superuser_url: str) -> Iterator[Reads]:
    """Count what this process asks of PostgreSQL meanwhile."""
    reads = Reads()
    with explaining(superuser_url, "ANALYZE, BUFFERS, TIMING OFF") as explain:

        def note(statements: Sequence[Statement]) -> None:
            reads.trips += 1
            for each in statements:
                if not frames(each.text):
                    reads.add(explain(each))

        with overheard(note):
            yield reads


class Size:
    """One of the two."""

    def __init__(self, persons: int, folder: Path, stack: ExitStack) -> None:
        crowd = Wanted(persons, persons // 2, 2 * persons)
        self.place: Neighbourhood = stack.enter_context(built(folder, crowd))
        servers = Servers(self.place, folder, stack)
        town = self.place.town
        child = servers.serve("vad", town.layout.port("vad"), {}, "--workers", "1")
        self.vad: Contender = servers.more("vad", child, town.issuer, self.place.apps.usual, 8)
        pin(child.pid, sorted(os.sched_getaffinity(0))[:1])
        self._postgres = parent_of(ask(town.database.superuser_url, "SELECT pg_backend_pid()")[0][0])
        self._work: PostgresWork = lay_foundation(town.settings).work
        ask(town.database.superuser_url, "CHECKPOINT")  # or it would be written during the first round
        part = min(100.0, 200 * _ASKED / crowd.consents)
        sample = f"SELECT person_id::text, subject::text, client_id FROM consents TABLESAMPLE BERNOULLI ({part})"  # noqa: S608
        self._anybody = ask(town.database.superuser_url, f"{sample} LIMIT {_ASKED}")

    def reads(self, flow: str) -> Reads:
        """Of one flow, or one decision about somebody."""
        url, town = self.place.town.database.superuser_url, self.place.town
        if flow == ANYBODY:
            with counting(url) as reads:
                self._decide()
            return Reads(*(round(each / len(self._anybody)) for each in (reads.trips, reads.look_ups, reads.pages)))
        app = self.place.apps.usual
        caller = Caller(InProcess(town.app, town.issuer), town.issuer, app, self.place.browsers(app)[0])
        caller.authorize()
        with counting(url) as reads:
            FLOWS[flow](caller)
        return reads

    def costs(self, flow: str, seconds: float) -> tuple[float, float]:
        """Milliseconds of processor time for each: of VAD, and of PostgreSQL."""
        if flow == ANYBODY:
            self._decide()
            return self._timed(lambda: time.process_time() * 1000, lambda: self._decide(seconds))
        cores = set(sorted(os.sched_getaffinity(0))[-1:])
        warm_up(self.vad.callers, flow, seconds / 5, cores)
        return self._timed(lambda: cpu_ms(self.vad.pid), lambda: len(repeat(self.vad.callers, flow, seconds, cores)))

    def _timed(self, clock: Callable[[], float], act: Callable[[], int]) -> tuple[float, float]:
        before = clock(), cpu_ms(self._postgres)
        number = act()
        return (clock() - before[0]) / number, (cpu_ms(self._postgres) - before[1]) / number

    def _decide(self, seconds: float = 0.0) -> int:
        """Ask about everybody once, and again until the time is over; returns how often that was."""
        number, deadline = 0, time.monotonic() + seconds
        while not number or time.monotonic() < deadline:
            for person, subject, client in self._anybody:
                with self._work() as tx:
                    found = tx.standings.of_request(PersonId(person), PersonId(subject), ClientId(client), ())
                if found is None:
                    raise RuntimeError("somebody is not there")
            number += len(self._anybody)
        return number


def compared(asked: argparse.Namespace, folder: Path, stack: ExitStack) -> list[str]:
    """The table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    begun = time.monotonic()
    sizes = [Size(number, folder / str(number), stack) for number in (_FEW, asked.growth)]
    filled = time.monotonic() - begun
    rows, flows = [], [*(flow for flow in _FLOWS if flow in asked.flows), ANYBODY]
    for flow in flows:
        few, many = (size.reads(flow) for size in sizes)
        rounds = []
        for number in range(asked.rounds):
            turn = sizes if number % 2 else sizes[::-1]
            found = {size: size.costs(flow, asked.seconds) for size in turn}
            rounds.append([found[size] for size in sizes])
        rows.append(row(flow, few, many, rounds))
    head = ["", "SQL trips", "look-ups", "pages", "pages, times", "CPU-ms of VAD", "of PostgreSQL", "both, times", ""]
    shown = f"{_FEW:,} persons / {asked.growth:,} persons; started and filled in {filled:.0f} s"
    return [shown, "", *table(head, rows)]


def row(flow: str, few: Reads, many: Reads, rounds: Sequence[Sequence[tuple[float, float]]]) -> list[str]:
    """A line of the table; each round has what both sizes took of VAD and of PostgreSQL."""
    cpu = [[median(each[size][part] for each in rounds) for size in (0, 1)] for part in (0, 1)]
    times = median(sum(large) / sum(small) for small, large in rounds)
    pages = many.pages / max(few.pages, 1)
    return [
        flow if flow == ANYBODY else f"{flow}: {TITLES[flow]}",
        *(f"{a} / {b}" for a, b in ((few.trips, many.trips), (few.look_ups, many.look_ups), (few.pages, many.pages))),
        f"{pages:.2f}",
        *(f"{a:.2f} / {b:.2f}" for a, b in cpu),
        f"{times:.2f}",
        "over budget" if max(times, pages) > MOST or few.trips != many.trips or many.look_ups > few.look_ups else "",
    ]
