"""A program of Python's in a fork of this process, instead of an interpreter of its own.

To start one and load what a program here needs takes half a second, of some of them two. This process has loaded most
of that already, and whoever is forked off it has it as well, in memory that they share.
"""

import gc
import os
import runpy
import signal
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

_STANDARD = (0, 1, 2)
"""The numbers of standard input, output and error."""
_OPEN = Path("/dev/fd")
"""The folder with a name for each file that is open."""
_STATUS = 0xFF
"""As much of a status as whoever waits is told."""


def can_fork() -> bool:
    """Whether a fork would be whole: of several threads only one is in it, and what the others hold stays held.

    And whether what is open can be told, to be closed in it.
    """
    return threading.active_count() == 1 and _OPEN.is_dir()


def become(arguments: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Be `python ARGUMENTS`, which are `-m MODULE …` or `-c CODE …`, and end as it ends.

    For the child of a fork, whose standard files and folder are its own by now. Nothing of what the parent still had to
    do is done here: what it held open is closed, and its frames are never gone back to. At the end nothing is called
    that was left with `atexit`, and no thread is waited for.
    """
    status = 1
    try:
        _close_others()
        _open_standard_files()
        _handle_signals()
        os.environ.clear()
        os.environ.update(environment)
        # What the parent left as garbage is never searched for: its end would close a file of ours, by its number.
        gc.freeze()
        gc.enable()  # `subprocess` has it off around a fork
        _run(*arguments)
        status = 0
    except SystemExit as ended:
        status = _status(ended.code)
    except BaseException:  # noqa: BLE001 - there is nobody else to tell it to
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status & _STATUS)


def _close_others() -> None:
    """One by one: there may be a thousand million numbers, and a file beyond a limit that came after it."""
    for number in [int(each.name) for each in _OPEN.iterdir()]:
        if number not in _STANDARD:
            with suppress(OSError):  # the folder itself is closed again by now
                os.close(number)


def _open_standard_files() -> None:
    """Anew, by their numbers: those of the parent may be none, or stand for something else."""
    given, said, complained = _STANDARD
    sys.stdin = open(given, closefd=False)  # noqa: SIM115 - until the end
    # Line by line, as somebody may be reading the log.
    sys.stdout = open(said, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(complained, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115


def _run(option: str, what: str, *arguments: str) -> None:
    sys.argv = [option, *arguments]
    if option == "-c":
        exec(what, {"__name__": "__main__"})  # noqa: S102 - what `python -c` does
        return
    # `python -m` runs it as `__main__`, beside the one that somebody imports.
    sys.modules.pop(what, None)
    runpy.run_module(what, run_name="__main__", alter_sys=True)


def _handle_signals() -> None:
    """As an interpreter that has just been started."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _status(code: object) -> int:
    if code is None or isinstance(code, int):
        return code or 0
    sys.stderr.write(f"{code}\n")
    return 1
