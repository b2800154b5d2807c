"""The load: connections that repeat a flow side by side, while the processor time of the server is read."""

import math
import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.benchmarks.callers import FLOWS, Caller
from tests.benchmarks.processes import cpu_ms


@dataclass(frozen=True)
class Figures:
    """Of one flow, at one server, in one round."""

    flows: int
    cpu_ms: float
    """Of the server, per flow."""
    p50_ms: float
    p99_ms: float


def measure(callers: Sequence[Caller], flow: str, seconds: float, pid: int, cores: Iterable[int]) -> Figures:
    """Repeat a flow on every connection, after a short warm-up. A single wrong answer ends it."""
    wanted = set(cores)
    warm_up(callers, flow, seconds / 5, wanted)
    before = cpu_ms(pid)
    took = sorted(repeat(callers, flow, seconds, wanted))
    used = cpu_ms(pid) - before
    return Figures(len(took), used / len(took), _percentile(took, 0.50), _percentile(took, 0.99))


def warm_up(callers: Sequence[Caller], flow: str, seconds: float, cores: set[int]) -> None:
    """Dial anew, for the server may have hung up meanwhile, and have tokens that live."""
    for caller in callers:
        caller.close()
        caller.authorize()
    repeat(callers, flow, seconds, cores)


def repeat(callers: Sequence[Caller], flow: str, seconds: float, cores: set[int]) -> list[float]:
    """How long each flow took, in milliseconds. Every caller goes at least once."""
    deadline, act = time.monotonic() + seconds, FLOWS[flow]

    def go(caller: Caller) -> list[float]:
        os.sched_setaffinity(0, cores)  # of this thread alone
        took: list[float] = []
        while not took or time.monotonic() < deadline:
            begun = time.perf_counter()
            act(caller)
            took.append((time.perf_counter() - begun) * 1000)
        return took

    with ThreadPoolExecutor(len(callers)) as crowd:
        return [each for took in crowd.map(go, callers) for each in took]


def _percentile(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * part) - 1)]
