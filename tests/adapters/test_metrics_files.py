"""What processes counted that are gone: kept, in one file per kind, and never counted twice."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from prometheus_client import CollectorRegistry

from vad.adapters.metrics_files import FOLDER, Together, reading, settle

COUNT = """
import os, signal
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
registry = CollectorRegistry()
Counter("asked", "How often.", ("who",), registry=registry).labels("anna").inc(2)
Histogram("took", "How long.", buckets=(1.0, 5.0), registry=registry).observe(3.0)
Gauge("open", "Now.", registry=registry, multiprocess_mode="livemax").set(1)
os.kill(os.getpid(), signal.SIGKILL)
"""
SETTLE = """
import os, signal, sys
from pathlib import Path
from vad.adapters.metrics_files import settle
left = int(sys.argv[2])

def hook(event, _arguments):
    global left
    if event in ("os.rename", "os.remove"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
settle(Path(sys.argv[1]))
"""


def count(folder: Path) -> None:
    """Count in a process that is killed."""
    subprocess.run([sys.executable, "-c", COUNT], env=os.environ | {FOLDER: str(folder)}, check=False)


def told(folder: Path) -> dict[str, float]:
    """What a scrape would tell."""
    registry = CollectorRegistry()
    registry.register(Together(folder))
    return {
        f"{sample.name} {' '.join(sample.labels.values())}".strip(): sample.value
        for family in registry.collect()
        for sample in family.samples
    }


COUNTS = {"asked_total anna": 2.0, "took_bucket 1.0": 0.0, "took_bucket 5.0": 1.0, "took_bucket +Inf": 1.0}


def test_what_is_gone_is_put_together(tmp_path: Path) -> None:
    """Each time a process ends: sums stay what they were to the last bucket, states are gone, files do not add up."""
    for times in range(1, 4):
        count(tmp_path)
        before = told(tmp_path)
        assert before["open"] == 1.0
        settle(tmp_path)
        after = told(tmp_path)
        assert "open" not in after
        assert after == {name: value for name, value in before.items() if name != "open"}
        assert {name: after[name] for name in COUNTS} == {name: value * times for name, value in COUNTS.items()}
        assert sorted(file.name for file in tmp_path.glob("*.db")) == ["counter_past.db", "histogram_past.db"]


def test_a_process_that_lives_keeps_its_files(tmp_path: Path) -> None:
    """It goes on writing in them."""
    count(tmp_path)
    (gone,) = tmp_path.glob("counter_*.db")
    mine = gone.rename(gone.with_name(f"counter_{os.getpid()}.db"))
    settle(tmp_path)
    assert mine.exists()


def test_nothing_moves_while_somebody_reads(tmp_path: Path) -> None:
    """The reader sees what there was; nobody waits for it, and the next time makes up for it."""
    count(tmp_path)
    files = sorted(tmp_path.glob("*.db"))
    with reading(tmp_path):
        one = threading.Thread(target=settle, args=(tmp_path,))
        one.start()
        one.join(10)
        assert not one.is_alive()
        assert sorted(tmp_path.glob("*.db")) == files
    settle(tmp_path)
    assert not set(files) & set(tmp_path.glob("*.db"))


def test_a_file_without_a_beginning_is_taken_away(tmp_path: Path) -> None:
    """Killed between making its file and writing in it: no scrape could ever read it, so none would be answered."""
    count(tmp_path)
    (gone,) = tmp_path.glob("counter_*.db")
    gone.with_name("counter_4194303.db").touch()
    settle(tmp_path)
    assert told(tmp_path)["asked_total anna"] == 2.0


def test_a_process_that_starts_stops_no_scrape(tmp_path: Path) -> None:
    """It makes its file, gives it a size and then a beginning: the others are told at each of these moments."""
    count(tmp_path)
    starting = tmp_path / f"counter_{os.getpid()}.db"
    for size in (0, 1 << 16):
        with starting.open("ab") as file:
            file.truncate(size)
        settle(tmp_path)
        assert told(tmp_path)["asked_total anna"] == 2.0, size
    assert starting.exists()


def test_whoever_is_killed_at_it_loses_nothing(tmp_path: Path) -> None:
    """Before each single change to the folder: the next one finishes it, and all is counted once."""
    before = tmp_path / "before"
    before.mkdir()
    count(before)
    settle(before)
    count(before)
    count(before)
    for changes in range(100):
        folder = shutil.copytree(before, tmp_path / str(changes))
        ended = subprocess.run([sys.executable, "-c", SETTLE, str(folder), str(changes)], check=False)
        settle(folder)
        after = told(folder)
        assert {name: after[name] for name in COUNTS} == {name: value * 3 for name, value in COUNTS.items()}, changes
        assert sorted(file.name for file in folder.iterdir()) == ["counter_past.db", "histogram_past.db", "lock"]
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL
    assert changes > 8
