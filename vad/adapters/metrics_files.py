"""The files in which the processes of one `vad serve` count, and what becomes of those of a process that is gone.

prometheus_client takes away the states of a process that is gone and keeps its counts, since a sum must not go back.
With each process that is replaced there would be more files to read at every scrape. So their counts are put together
in one file per kind. Nobody reads meanwhile, or they would be counted twice or not at all. Where a process is killed at
it, the next one goes on.
"""

import fcntl
import os
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names their folder. prometheus_client reads it too, when it is imported: it is set before that."""
_LOCK = "lock"
_PAST = "past"
_COMING = ".new"
_REPLACED = ".replaced"
"""Where the names of the files stand that are in the coming one."""
_SUMS = ("counter", "histogram")


class Together(Collector):
    """What all processes counted, from their files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Each file that has a beginning. One of a process that starts right now is still empty: it counted nothing."""
        files = [str(file) for file in self._folder.glob("*.db") if _begun(file)]
        found: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
        return found


def _begun(file: Path) -> bool:
    with suppress(FileNotFoundError):
        return file.stat().st_size > 0
    return False


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Read all files inside the block: none is put together with another meanwhile."""
    with _locked(folder, fcntl.LOCK_SH):
        yield


def settle(folder: Path) -> None:
    """Put together what processes counted that are gone, and forget in which state they were.

    While somebody reads, nothing happens: nobody waits for it, and the next scrape makes up for it.
    """
    with suppress(BlockingIOError), _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
        for pid in {pid for file in folder.glob("*.db") if (pid := _pid(file)) and not _lives(pid)}:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
        for kind in _SUMS:
            past = folder / f"{kind}_{_PAST}.db"
            _replace(past)
            gone = [file for file in folder.glob(f"{kind}_*.db") if (pid := _pid(file)) and not _lives(pid)]
            if gone:
                _put_together(past, gone)
                _replace(past)


def _put_together(past: Path, gone: list[Path]) -> None:
    sums: defaultdict[str, float] = defaultdict(float)
    for file in (past, *gone):
        for key, value in _counts(file):
            sums[key] += value
    coming = past.with_suffix(_COMING)
    coming.unlink(missing_ok=True)
    written = MmapedDict(str(coming))  # type: ignore[no-untyped-call]
    for key, value in sums.items():
        written.write_value(key, value, 0.0)  # type: ignore[no-untyped-call]
    written.close()  # type: ignore[no-untyped-call]
    names = past.with_suffix(".names")
    names.write_text("\n".join(file.name for file in gone))
    # From here on it has happened: until then the next process begins anew, and after that it finishes this.
    names.replace(past.with_suffix(_REPLACED))


def _replace(past: Path) -> None:
    """Let what was put together take the place of its parts. Doing so twice is no different from once."""
    replaced = past.with_suffix(_REPLACED)
    if replaced.exists():
        for name in replaced.read_text().splitlines():
            past.with_name(name).unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            past.with_suffix(_COMING).replace(past)
        replaced.unlink()


def _counts(file: Path) -> Iterable[tuple[str, float]]:
    try:
        found = MmapedDict.read_all_values_from_file(str(file))  # type: ignore[no-untyped-call]
        return [(key, value) for key, value, _, _ in found]
    except (FileNotFoundError, struct.error):
        # There is no past yet; or a process was killed before its file had a beginning.
        return []


def _pid(file: Path) -> int | None:
    last = file.stem.rpartition("_")[2]
    return int(last) if last.isdecimal() else None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    with (folder / _LOCK).open("a") as file:
        fcntl.flock(file, how)
        yield
