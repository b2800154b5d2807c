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
from io import TextIOWrapper
from typing import NoReturn

_FIRST_OTHER = 3
"""After standard input, output and error."""


def can_fork() -> bool:
    """Whether a fork would be whole: of several threads only one is in it, and what the others hold stays held."""
    return threading.active_count() == 1


def become(arguments: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Be `python ARGUMENTS`, which are `-m MODULE …` or `-c CODE …`, and end as it ends.

    For the child of a fork, whose standard files and folder are its own by now. Nothing of what the parent still had to
    do is done here: what it held open is closed, and its frames are never gone back to.
    """
    status = 1
    try:
        os.closerange(_FIRST_OTHER, os.sysconf("SC_OPEN_MAX"))
        _handle_signals()
        os.environ.clear()
        os.environ.update(environment)
        gc.enable()  # `subprocess` has it off around a fork
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)  # somebody may be reading the log
        _run(*arguments)
        status = 0
    except SystemExit as ended:
        status = _status(ended.code)
    except BaseException:  # noqa: BLE001 - there is nobody else to tell it to
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


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
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def _status(code: object) -> int:
    if code is None or isinstance(code, int):
        return code or 0
    sys.stderr.write(f"{code}\n")
    return 1
