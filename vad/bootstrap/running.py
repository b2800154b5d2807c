"""What the processes of one `vad serve` tell each other: marks in the folder that their figures are in as well."""

import os
import shutil
import subprocess
import sys
import tempfile
from enum import StrEnum
from pathlib import Path

from vad.adapters.metrics_files import FOLDER

WEB, ADMIN = "vad.wsgi:create_application", "vad.wsgi:create_admin_application"
"""What makes an application: the one for everybody, and the one for staff."""
_LONGEST_TRIAL = 30.0
"""Seconds after which new settings count as refused: until then the server minds none of its processes."""


class Mark(StrEnum):
    """What has happened to them together. Each is the name of an empty file."""

    STARTED = "started"
    """One process got as far as serving, so settings, keys and stores were good."""
    FAILED = "failed"
    """One process could not start."""
    STOPPING = "stopping"
    """They were told to stop, and still answer."""


def begin() -> None:
    """Make the folder anew at every start: what an earlier one counted is over."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="vad-metrics-")


def end() -> None:
    """Take it away."""
    folder = os.environ.get(FOLDER)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def note(mark: Mark) -> bool:
    """Let all of them know; answer whether this is the first of them to say so.

    Without a folder there are no others. Once the folder is taken away they are ending, and nobody is first any more.
    """
    folder = os.environ.get(FOLDER)
    if not folder:
        return True
    try:
        Path(folder, mark).touch(exist_ok=False)
    except (FileExistsError, FileNotFoundError):
        return False
    return True


def noted(mark: Mark) -> bool:
    """Whether it has happened."""
    folder = os.environ.get(FOLDER)
    return bool(folder) and Path(folder or "", mark).exists()


def stopping() -> bool:
    """Whether they were told to stop."""
    return noted(Mark.STOPPING)


def trial_works(factory: str = WEB) -> bool:
    """Whether a process can start with the settings as they are now: one of its own tries, and says why it can't."""
    alone = {name: value for name, value in os.environ.items() if name != FOLDER}
    command = [sys.executable, "-c", _trial_of(factory)]
    try:
        subprocess.run(command, env=alone, check=True, timeout=_LONGEST_TRIAL)  # noqa: S603 - our own interpreter
    except subprocess.SubprocessError:
        return False
    return True


def _trial_of(factory: str) -> str:
    module, _, function = factory.removesuffix("()").partition(":")
    return f"from {module} import {function}; {function}()"
