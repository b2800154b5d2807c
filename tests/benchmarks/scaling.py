"""Two workers against one.

With four cores or more the server has cores of its own, and what it carries in a second is compared. With fewer, the
load and the stores run on the server's cores too, so what comes out in a second says little. Then the flows are divided
by the processor time that the workers themselves had. If two workers did each other harm, that would show in one of two
ways: each flow would cost more (this figure falls), or they would wait for each other (nobody uses the cores,
although there is always somebody asking).
"""

import os
import time
from dataclasses import dataclass

from tests.benchmarks.load import repeat, warm_up
from tests.benchmarks.processes import Idle, own_cpu_ms, pin
from tests.benchmarks.servers import Contender
from tests.support.process_tree import tree_of

FLOW = "W4"
OWN_CORES = 4
"""From how many on the server has its own."""


@dataclass(frozen=True)
class Carried:
    """What a number of workers did."""

    flows_per_second: float
    flows_per_core_second: float
    """Of the processor time that the workers had."""
    shares: tuple[float, ...]
    """The part of each worker in that time."""
    idle: float
    """The part of the cores that nobody used."""


@dataclass(frozen=True)
class Scaling:
    """One beside two."""

    one: Carried
    two: Carried
    cores: int

    @property
    def own_cores(self) -> bool:
        """Whether the server had its own."""
        return self.cores >= OWN_CORES

    @property
    def times(self) -> float:
        """How much two workers carry on two cores of their own, beside one on one."""
        if self.own_cores:
            return self.two.flows_per_second / self.one.flows_per_second
        return 2 * self.two.flows_per_core_second / self.one.flows_per_core_second


def carried(contender: Contender, workers: int, seconds: float) -> Carried:
    """Let a server carry as much as it can, on as many cores as it has workers."""
    cores = sorted(os.sched_getaffinity(0))
    own = len(cores) >= OWN_CORES
    callers, pid = contender.callers, contender.pid
    pin(pid, cores[:workers])
    loading = set(cores[workers:]) if own or workers == 1 else set(cores)
    loading = loading or set(cores)
    warm_up(callers, FLOW, seconds / 5, loading)
    working = tree_of(pid)[1:]
    before = [own_cpu_ms(each) for each in working]
    idle, begun = Idle(cores), time.monotonic()
    flows = len(repeat(callers, FLOW, seconds, loading))
    took, nobody = time.monotonic() - begun, idle.part()
    used = [own_cpu_ms(each) - then for each, then in zip(working, before, strict=True)]
    whole = sum(used) or 1.0
    shares = tuple(sorted((each / whole for each in used), reverse=True))
    return Carried(flows / took, flows * 1000 / whole, shares, nobody)
