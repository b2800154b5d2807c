"""A program in a fork is what it would be if it had been started, but for what has been loaded by then."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parents[2]
_WAYS = ("started", "forked")
_TOLD = """
import gc, os, signal, sys
print(sys.argv, os.getcwd(), dict(os.environ), __name__, sys.stdin.read(), len(os.listdir("/proc/self/fd")))
print(*map(signal.getsignal, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ)))
print(os.getsid(0) == os.getpgid(0) == os.getpid(), flush=True)
opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(9)]
gc.collect()
print([oct(os.fstat(number).st_mode) for number in opened], flush=True)
sys.exit(STATUS)
"""
_STARTS_BOTH = """
import gc, os, resource, signal, sys
from pathlib import Path
from vad.sandbox.accounts import Account
from vad.sandbox.child import Child, Program
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, print)
environment = {"LC_CTYPE": "C.UTF-8", "SOME": "thing", "PYTHONPATH": sys.path[0]}
account = Account("root", 0, 0) if "AS_ROOT" in os.environ else None
gc.disable()
left = [open(os.devnull)]
left.append(left)
del left
with open(os.devnull) as file:
    os.dup2(file.fileno(), 700)
    resource.setrlimit(resource.RLIMIT_NOFILE, (600, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    for way in ("started", "forked"):
        print(end=way)
        log = Path(sys.argv[1]) / way
        arguments = [sys.executable, *sys.argv[2:]]
        child = Child(Program(arguments, log, environment, log.parent, account, b"Go.", forked=way == "forked"))
        child.wait(60)
        child.stop()
        print(f" {child.status}")
"""
"""By somebody who handles signals, has files open, also beyond a limit that came later, and garbage that holds one."""
_HAS_LOADED_VAD = ("-c", "import sys; print('vad' in sys.modules)")


def _both(folder: Path, *arguments: str, before: tuple[str, ...] = (), **more: str) -> list[str]:
    """Let somebody start and fork a program, and read what either said."""
    command = [*before, sys.executable, "-c", _STARTS_BOTH, str(folder), *arguments]
    subprocess.run(command, cwd=_PROJECT, env=os.environ | more, check=True)
    return [(folder / way).read_text() for way in _WAYS]


@pytest.mark.parametrize(("end", "status"), [("None", 0), ("3", 3), ("'no settings found'", 1), ("1 / 0", 1)])
def test_a_fork_is_like_a_program(tmp_path: Path, end: str, status: int) -> None:
    """Arguments, folder, environment, files, signals and status are those of an interpreter that was just started.

    So is that no file of its own is closed by its number, as its starter's garbage is found.
    """
    (tmp_path / "told.py").write_text(_TOLD.replace("STATUS", end))
    for arguments in (["-c", _TOLD.replace("STATUS", end), "a b", "-c"], ["-m", "told", "x"]):
        command = [sys.executable, "-c", _STARTS_BOTH, str(tmp_path), *arguments]
        done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, check=True)
        assert done.stdout.decode() == f"started {status}\nforked {status}\n"
        started, forked = ((tmp_path / way).read_text().splitlines() for way in _WAYS)
        assert started[:4] == forked[:4]
        assert started[2] == "True"
        assert started[-1] == forked[-1]
        for way in _WAYS:
            (tmp_path / way).unlink()


def test_a_fork_has_loaded_what_its_starter_had(tmp_path: Path) -> None:
    """That is what it is for."""
    assert _both(tmp_path, *_HAS_LOADED_VAD) == ["False\n", "True\n"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts programs as somebody")
def test_nobody_else_gets_a_fork(tmp_path: Path) -> None:
    """Of our memory, with whatever is secret in it: another account has a program of its own."""
    assert _both(tmp_path, *_HAS_LOADED_VAD, AS_ROOT="yes") == ["False\n", "False\n"]


def test_a_fork_has_standard_files_where_its_starter_has_none(tmp_path: Path) -> None:
    """What it reads and what it says are its own, as its log is."""
    closed = ("/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh")
    said = "import sys; print(input(), flush=True); print('Oh.', file=sys.stderr)"
    assert _both(tmp_path, "-c", said, before=closed) == ["Go.\nOh.\n"] * 2
