"""Which processes live, and who started them."""

import os
from contextlib import suppress
from io import FileIO

_ENDED = frozenset((b"Z", b"X"))
"""States of what has ended, and is there only until somebody asks how."""


def children_of(pid: int) -> list[int]:
    """The living processes that any thread of this one has started."""
    return [child for child, parent in _parents().items() if parent == pid]


def parent_of(pid: int) -> int:
    """The process that started this one."""
    return _parents()[pid]


def tree_of(pid: int) -> list[int]:
    """A process and all that came of it, itself first."""
    parents, found = _parents(), [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def waits_for_a_core(pid: int) -> dict[int, float]:
    """Seconds that each thread of this process could have run and had to wait, which a busy machine is to blame for."""
    found: dict[int, float] = {}
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.scandir(f"/proc/{pid}/task"):
            with suppress(FileNotFoundError, ProcessLookupError), FileIO(f"{thread.path}/schedstat") as stat:
                found[int(thread.name)] = int(stat.read().split()[1]) / 1e9
    return found


def _parents() -> dict[int, int]:
    """Each living process with its parent, by what it says itself.

    `/proc/<pid>/task/<pid>/children` knows those of one thread alone, those that have ended among them, and may leave
    out any of them while others come and go (proc(5)).
    """
    known: dict[int, int] = {}
    for folder in os.scandir("/proc"):  # by hand: tests look many times a second
        if folder.name.isdigit():
            try:
                with FileIO(f"/proc/{folder.name}/stat") as stat:
                    # The state and the parent stand behind the name, which may hold anything.
                    state, parent, *_ = stat.read().rpartition(b")")[2].split(maxsplit=2)
            except (FileNotFoundError, ProcessLookupError):
                continue
            if state not in _ENDED:
                known[int(folder.name)] = int(parent)
    return known
