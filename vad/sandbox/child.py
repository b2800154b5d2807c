"""One child process: in its own session, its output in a log file, and never outliving us.

`processes` keeps several of them; `postgres` and `redis` each own one.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vad.sandbox import forks
from vad.sandbox.accounts import Account
from vad.sandbox.errors import MissingProgramError, SandboxError

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.02
_LAST_WORDS_BYTES = 16 * 1024


@dataclass(frozen=True)
class Program:
    """What to start: `arguments`, in `directory`, as `account` (ourselves when None), its output appended to `log`.

    `stop_signal` asks it to end; the kernel sends it too, when we are killed. `forked`: they are arguments of our own
    interpreter, and it may run in a fork of ours (`forks`), as nothing of it depends on who started it. Another account
    gets none, as ours has secrets in memory.
    """

    arguments: Sequence[str | Path]
    log: Path
    environment: Mapping[str, str]
    directory: Path
    account: Account | None = None
    standard_input: bytes = b""
    stop_signal: signal.Signals = signal.SIGTERM
    forked: bool = False


class Child:
    """A running program that we started, known by its process id."""

    def __init__(self, program: Program) -> None:
        """Start `program`; raises `MissingProgramError` or another `SandboxError` when that cannot be."""
        self._program = program
        account = program.account
        program.log.parent.mkdir(parents=True, exist_ok=True)
        output = os.open(program.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            self._log_start = os.fstat(output).st_size
            with warnings.catch_warnings():
                # From 3.12 on Python warns of locks that other threads hold at fork; what we do there takes none, and
                # a program in a fork is begun by the only thread.
                warnings.filterwarnings("ignore", message=".*multi-threaded", category=DeprecationWarning)
                self._process = subprocess.Popen(
                    [str(each) for each in program.arguments],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=program.directory,
                    env=dict(program.environment),
                    user=account.uid if account else None,
                    group=account.gid if account else None,
                    extra_groups=[] if account else None,
                    start_new_session=True,  # Ctrl-C in the terminal reaches us alone: we stop them, in order
                    preexec_fn=_first_of_all(program),  # noqa: PLW1509 - only system calls, or no threads
                )
        except FileNotFoundError as error:
            raise MissingProgramError(f"program {program.arguments[0]} was not found") from error
        except PermissionError as error:
            raise SandboxError(f"program {program.arguments[0]} may not be started: {error.strerror}") from error
        finally:
            os.close(output)
        self._hand_over(program.standard_input)

    @property
    def log(self) -> Path:
        """The file that holds what it writes."""
        return self._program.log

    @property
    def pid(self) -> int:
        """The process id, which is the id of its session and process group as well."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """How it ended, once it was stopped: 0 for well, minus the signal's number when one killed it."""
        return self._process.returncode

    def ended(self) -> bool:
        """Tell whether it has ended. It is not reaped yet, so its process id still belongs to it."""
        if self._process.returncode is not None:
            return True
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds` for it to end and tell whether it did."""
        deadline = time.monotonic() + seconds
        while not self.ended():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def stop(self, grace: float = 10.0) -> None:
        """Ask it to end, kill it when it has not after `grace` seconds, and end what it left in its own group."""
        if self._process.returncode is not None:
            return
        self.signal(self._program.stop_signal)
        self.wait(grace)
        self._reap()

    def kill(self) -> None:
        """End it at once, as a crash would; tests use it."""
        if self._process.returncode is None:
            self._reap()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens when it has ended."""
        if not self.ended():
            os.kill(self.pid, number)

    def last_words(self, lines: int = 5) -> list[str]:
        """Return the last `lines` lines it has written since it was started."""
        with self.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(self._log_start, size - _LAST_WORDS_BYTES))
            text = file.read().decode(errors="replace")
        return [line.rstrip() for line in text.splitlines() if line.strip()][-lines:]

    def _hand_over(self, text: bytes) -> None:
        stdin = self._process.stdin
        if stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                stdin.write(text)
            with contextlib.suppress(BrokenPipeError):
                stdin.close()

    def _reap(self) -> None:
        # Until it is reaped its id cannot be anybody else's: the group we kill is the one we made.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def _first_of_all(program: Program) -> Callable[[], None] | None:
    """Return what the child does before exec, or instead of it."""
    bind = _die_with_parent(program.stop_signal)
    if not (program.forked and program.account is None and forks.can_fork()):
        return bind
    for ours in (sys.stdout, sys.stderr):
        if ours is not None:  # there are none where we were started without
            ours.flush()  # or what waits in there would be written twice

    def fork() -> None:
        if bind is not None:
            bind()
        forks.become([str(each) for each in program.arguments[1:]], program.environment)

    return fork


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what the child does before exec so that the kernel signals it when we die, kill -9 included.

    prctl(2): the signal comes when the *thread* that started the child ends, so that thread must live as long as the
    child's work. It survives exec, and the change of user, which happens before. Only Linux has it.
    """
    prctl = getattr(ctypes.PyDLL(None), "prctl", None)
    if prctl is None:
        return None
    parent = os.getpid()

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return bind
