"""Processes of a server: what they have used, what they hold, and on which cores they run."""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.process_tree import tree_of

MIB = 1024 * 1024


def cpu_ms(pid: int) -> float:
    """User and system time of a process tree so far; of those that end meanwhile (autovacuum) nothing."""
    total = 0.0
    for each in tree_of(pid):
        with suppress(FileNotFoundError, ProcessLookupError):
            total += own_cpu_ms(each)
    return total


def own_cpu_ms(pid: int) -> float:
    """User and system time of one process so far."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def pin(pid: int, cores: Iterable[int]) -> None:
    """Keep a process tree, with every thread it has and will have, on these cores."""
    wanted = set(cores)
    for each in tree_of(pid):
        for thread in Path(f"/proc/{each}/task").iterdir():
            os.sched_setaffinity(int(thread.name), wanted)


@dataclass(frozen=True)
class Memory:
    """Of one process, in MiB: without what it shares with others, with its part of that, and with all of it."""

    own: float
    pss: float
    rss: float


def largest(pid: int) -> Memory:
    """The memory of the worker that holds most."""
    return max((_memory(each) for each in tree_of(pid)[1:]), key=lambda each: each.pss)


def _memory(pid: int) -> Memory:
    lines = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    found = {line[0]: int(line[1]) * 1024 / MIB for line in lines}
    return Memory(found["Private_Clean:"] + found["Private_Dirty:"], found["Pss:"], found["Rss:"])


class Idle:
    """How much of these cores nobody used since it was made: 0 is none, 1 all."""

    def __init__(self, cores: Iterable[int]) -> None:
        self._names = {f"cpu{core}" for core in cores}
        self._begun, self._idle = time.monotonic(), self._so_far()

    def part(self) -> float:
        """The part until now."""
        return (self._so_far() - self._idle) / (time.monotonic() - self._begun) / len(self._names)

    def _so_far(self) -> float:
        lines = (line.split() for line in Path("/proc/stat").read_text().splitlines())
        idle = sum(int(line[4]) + int(line[5]) for line in lines if line[0] in self._names)
        return idle / os.sysconf("SC_CLK_TCK")
