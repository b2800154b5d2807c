"""`vad demo` as a process of its own, for as long as a test wants it."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.database import ask_once
from vad.sandbox.demo.layout import Layout

COMMAND = [sys.executable, "-c", "from vad.cli.main import main; main()", "demo"]
PROJECT = Path(__file__).parents[2]


@contextlib.contextmanager
def state_folder() -> Iterator[Path]:
    """A folder for the demo's state that PostgreSQL's account can enter, which pytest's own do not let it."""
    folder = Path(tempfile.mkdtemp(prefix="vad-test-"))
    folder.chmod(0o711)
    try:
        yield folder / "state"
    finally:
        shutil.rmtree(folder)


def environment() -> dict[str, str]:
    """Our environment, without the stores that a test run may name: these demos bring their own."""
    named = ("VAD__", "VAD_CONFIG", "VAD_DEMO_STATE")
    return {name: value for name, value in os.environ.items() if not name.startswith(named)}


class RunningDemo:
    """A demo in a process of its own, that has said that it runs."""

    def __init__(self, process: "subprocess.Popen[str]", state: Path) -> None:
        self.process = process
        self.state = state
        self.file = state / "demo.json"
        self.lines = read_until("Ctrl-C stops everything", process)
        self.description: dict[str, Any] = json.loads(self.file.read_text())
        self._watched = [os.pidfd_open(pid) for pid in self.description["pids"].values()]

    def ask(self, role: str, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement in the demo's database."""
        return ask_once(self.description["database"][role], statement)

    def nothing_is_left(self) -> bool:
        """Wait for the end of every process that the description names."""
        return all(select.select([pidfd], [], [], 30)[0] for pidfd in self._watched)

    def close(self) -> None:
        """Let go of the processes."""
        for pidfd in self._watched:
            os.close(pidfd)


def read_until(words: str, process: "subprocess.Popen[str]") -> list[str]:
    """What it says, up to the line with these words."""
    lines: list[str] = []
    assert process.stdout is not None
    while not lines or words not in lines[-1]:
        line = process.stdout.readline()
        assert line, f"the demo ended: {lines}"
        lines.append(line.rstrip())
    return lines


@contextlib.contextmanager
def started(state: Path, layout: Layout, *arguments: str) -> Iterator[RunningDemo]:
    """Run a demo with these options until the test is done with it."""
    options = ["--state", str(state), "--port", str(layout.base), *arguments]
    with subprocess.Popen(
        [*COMMAND, *options],
        cwd=PROJECT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            demo = RunningDemo(process, state)
            try:
                yield demo
            finally:
                demo.close()
        finally:
            process.send_signal(signal.SIGINT)
