"""Child processes: waited for, watched, stopped in reverse order, and never outliving whoever started them."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vad.sandbox.child import Child, Program
from vad.sandbox.errors import MissingProgramError, PortTakenError, ServerDiedError
from vad.sandbox.ports import free_port
from vad.sandbox.processes import CommandFailedError, Service, StopRequestedError, Supervisor, stoppable

_ANSWER = """
import http.server, pathlib, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
    def log_message(self, *_): pass
def stop(*_):
    with open(sys.argv[2], "a") as order: order.write(sys.argv[3] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
_STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(600)"
)


def _python(code: str, log: Path, *arguments: str) -> Program:
    return Program([sys.executable, "-c", code, *arguments], log, os.environ, log.parent)


def _service(folder: Path, name: str, port: int) -> Service:
    program = _python(_ANSWER, folder / f"{name}.log", str(port), str(folder / "order"), name)
    return Service(name, program, port)


@contextlib.contextmanager
def _watched(pid: int) -> Iterator[int]:
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _ended(pidfd: int, seconds: float = 20) -> bool:
    return bool(select.select([pidfd], [], [], seconds)[0])


def _wait_for(child: Child, words: str) -> None:
    while words not in child.last_words():
        assert not child.wait(0.01), child.last_words()


def test_services_are_waited_for_and_stopped_in_reverse_order(tmp_path: Path) -> None:
    """Whoever was started first, and may be needed by the others, ends last; progress is told."""
    lines: list[str] = []
    with Supervisor(lines.append) as supervisor:
        for name in ("first", "second", "third"):
            supervisor.start(_service(tmp_path, name, free_port()))
        supervisor.wait_until_ready()
        assert sorted(line.split(" is ready")[0] for line in lines) == ["first", "second", "third"]
        pids = supervisor.pids()
        assert len(set(pids.values())) == 3
    assert (tmp_path / "order").read_text().split() == ["third", "second", "first"]
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids.values())


def test_a_service_that_ends_by_itself_is_told_with_its_last_words(tmp_path: Path) -> None:
    """The line names the program, its last line and its log file."""
    code = "import sys; print('reading settings'); sys.exit('no settings found')"
    with Supervisor(lambda _: None) as supervisor:
        supervisor.start(Service("clerk", _python(code, tmp_path / "clerk.log"), free_port()))
        with pytest.raises(ServerDiedError) as told:
            supervisor.wait_until_ready()
    first, *others = str(told.value).splitlines()
    assert first == f"clerk ended by itself: no settings found (see {tmp_path}/clerk.log)"
    assert others == ["    reading settings"]


def test_a_service_that_never_answers_is_told(tmp_path: Path) -> None:
    """Waiting has an end."""
    with Supervisor(lambda _: None) as supervisor:
        supervisor.start(Service("sleeper", _python(_STUBBORN, tmp_path / "sleeper.log"), free_port()))
        with pytest.raises(ServerDiedError, match="sleeper is not ready after 0 seconds"):
            supervisor.wait_until_ready(seconds=0.2)
        for pid in supervisor.pids().values():
            os.kill(pid, signal.SIGKILL)


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    """The line names the port and the program that needs it; the stranger goes on undisturbed."""
    with socket.create_server(("127.0.0.1", 0)) as other, Supervisor(lambda _: None) as supervisor:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port}, needed by clerk"):
            supervisor.start(_service(tmp_path, "clerk", port))
        assert supervisor.pids() == {}
        assert not (tmp_path / "clerk.log").exists()


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    """One line, not a traceback."""
    with pytest.raises(MissingProgramError, match="/nowhere/at-all was not found"):
        Child(Program(["/nowhere/at-all"], tmp_path / "log", os.environ, tmp_path))


def test_the_log_of_the_run_before_is_kept_once(tmp_path: Path) -> None:
    """After a crash and a new start both logs can be read."""
    program = _python("print('hello')", tmp_path / "clerk.log")
    for _ in range(2):
        with Supervisor(lambda _: None) as supervisor:
            supervisor.start(Service("clerk", program))
            os.waitid(os.P_PID, supervisor.pids()["clerk"], os.WEXITED | os.WNOWAIT)
    assert {file.name: file.read_text() for file in tmp_path.glob("*.log")} == {
        "clerk.log": "hello\n",
        "clerk.previous.log": "hello\n",
    }


def test_a_command_must_come_to_a_good_end(tmp_path: Path) -> None:
    """A command that fails or never ends is told with its last words."""
    supervisor = Supervisor(lambda _: None)
    supervisor.run("well", _python("pass", tmp_path / "well.log"))
    with pytest.raises(CommandFailedError, match="badly failed: no such table"):
        supervisor.run("badly", _python("import sys; sys.exit('no such table')", tmp_path / "badly.log"))
    with pytest.raises(CommandFailedError, match="slowly did not end within 0 seconds"):
        supervisor.run("slowly", _python("import time; time.sleep(600)", tmp_path / "slowly.log"), seconds=0.1)


def test_whoever_ignores_the_request_is_killed_after_the_grace(tmp_path: Path) -> None:
    """Stopping always comes to an end."""
    child = Child(_python(_STUBBORN, tmp_path / "stubborn.log"))
    _wait_for(child, "ready")
    with _watched(child.pid) as pidfd:
        child.stop(grace=0.1)
        assert _ended(pidfd, 0)
    assert child.status == -signal.SIGKILL


def test_what_a_child_left_behind_ends_with_it(tmp_path: Path) -> None:
    """A program's own children are in its group, and are not left running when it ends without them."""
    code = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
        "print(p.pid, flush=True); sys.stdin.read(); p.wait()"
    )
    child = Child(_python(code, tmp_path / "parent.log"))
    while not child.last_words():
        assert not child.wait(0.01)
    with _watched(int(child.last_words()[0])) as grandchild:
        child.stop()
        assert _ended(grandchild)


def test_stopping_a_child_that_has_ended_touches_nobody(tmp_path: Path) -> None:
    """Its number may be somebody else's by then."""
    child = Child(_python("pass", tmp_path / "short.log"))
    assert child.wait(20)
    child.stop()
    child.stop()
    child.kill()
    child.signal(signal.SIGTERM)
    assert child.status == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_is_one_exception_and_handlers_are_put_back(number: signal.Signals) -> None:
    """Ctrl-C, kill and a closed terminal are the same request; afterwards the process is as it was."""
    former = signal.getsignal(number)
    with pytest.raises(StopRequestedError), stoppable():
        signal.raise_signal(number)
    assert signal.getsignal(number) is former


_STARTER = """
import sys
from pathlib import Path
from vad.sandbox.child import Program
from vad.sandbox.processes import Service, StopRequestedError, Supervisor, stoppable
code, forked = sys.argv[1], sys.argv[3] == "forked"
try:
    with stoppable(), Supervisor(lambda _: None) as supervisor:
        for name in ("one", "two"):
            log = Path(sys.argv[2]) / name
            program = Program([sys.executable, "-c", code], log, {}, log.parent, forked=forked)
            supervisor.start(Service(name, program))
        print(*supervisor.pids().values(), flush=True)
        supervisor.watch()
except StopRequestedError:
    sys.exit(7)
"""


@pytest.mark.parametrize("way", ["started", "forked"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_whoever_started_it(tmp_path: Path, number: signal.Signals, way: str) -> None:
    """After Ctrl-C, kill or kill -9 of the starter all children end; only the first two let it say goodbye."""
    arguments = [sys.executable, "-c", _STARTER, "import time; time.sleep(600)", str(tmp_path), way]
    with contextlib.ExitStack() as watching:
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as starter:
            assert starter.stdout is not None
            pids = [int(word) for word in starter.stdout.readline().split()]
            watched = [watching.enter_context(_watched(pid)) for pid in pids]
            starter.send_signal(number)
        assert starter.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 7)
        assert len(watched) == 2
        assert all(_ended(pidfd) for pidfd in watched)


def test_ctrl_c_in_the_terminal_reaches_the_starter_alone(tmp_path: Path) -> None:
    """Children are in sessions of their own: a terminal's Ctrl-C goes to one process, which stops them in order."""
    child = Child(_python("import time; time.sleep(600)", tmp_path / "own.log"))
    try:
        assert os.getsid(child.pid) == child.pid != os.getsid(0)
        assert os.getpgid(child.pid) == child.pid
    finally:
        child.stop()
