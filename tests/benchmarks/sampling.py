"""Where VAD's time goes: one thread goes a flow again and again inside a process, and a clock looks at its stack.

The process makes the application as gunicorn's workers do. The clock runs on processor time (setitimer(2),
ITIMER_PROF), so waiting for a store does not count, and nothing that is called often looks dearer than it is. Only what
stands below the application's entry counts: no HTTP server, no caller. What a C function uses is booked on the Python
that runs next: that called it, or that it calls, which is why decoding counts as whoever has something decoded.
"""

import json
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import CodeType, FrameType
from typing import Self

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.benchmarks.callers import FLOWS, Answer, App, Caller
from tests.benchmarks.neighbourhood import Neighbourhood
from tests.benchmarks.report import table
from vad import wsgi
from vad.sandbox.demo.configuration import DEFAULTS, PROJECT
from vad.sandbox.demo.programs import environment

_INTERVAL = 0.001
_PATIENCE = 10
"""How many times as long as the processor time that was asked for it may take."""
_SHOWN = 24
_OURS = PROJECT / "vad"
_PYTHON = Path(sysconfig.get_path("stdlib"))
_PACKAGES = Path(sysconfig.get_path("purelib"))


class InProcess:
    """Calls the application without any HTTP in between."""

    def __init__(self, app: Flask, address: str) -> None:
        self._app, self._address = app, address

    def send(self, method: str, target: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        builder = EnvironBuilder(target, self._address, method=method, data=body, headers=headers.items())
        parts, status, given = run_wsgi_app(self._app, builder.get_environ())
        names = {name.lower(): value for name, value in given.items()}
        return Answer(int(status[:3]), names, b"".join(parts), tuple(given.getlist("Set-Cookie")))

    def close(self) -> None:
        """There is nothing to close."""


class Sampler:
    """Looks at the stack of the main thread while inside the block."""

    def __init__(self, entry: CodeType) -> None:
        self._entry = entry
        self.outside = 0
        """Samples of the caller and of anything else that is not the application."""
        self.own: Counter[str] = Counter()
        """By package, where it stood."""
        self.within: Counter[str] = Counter()
        """By function of VAD, wherever it is on the stack."""

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._before)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        stack: list[CodeType] = []
        while frame is not None and frame.f_code is not self._entry:
            stack.append(frame.f_code)
            frame = frame.f_back
        if frame is None:
            self.outside += 1
            return
        standing = next((code for code in stack if Path(code.co_filename).parent.name != "encodings"), self._entry)
        self.own[_package(standing)] += 1
        self.within.update({_function(code) for code in stack if Path(code.co_filename).is_relative_to(_OURS)})


def profiled(place: Neighbourhood, flow: str, seconds: float) -> list[str]:
    """Go a flow for so much processor time in a process of its own, and tell where it went."""
    app, made = place.apps.usual, place.town
    asked = {"app": asdict(app), "cookies": place.browsers(app)[0], "issuer": made.issuer}
    with tempfile.TemporaryDirectory(prefix="vad-profile-") as folder, Path(folder, "log").open("w") as log:
        known = environment((DEFAULTS, made.state.configuration)) | {"PROMETHEUS_MULTIPROC_DIR": folder}
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.sampling"],
            input=json.dumps({**asked, "flow": flow, "seconds": seconds}),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=known,
            cwd=PROJECT,
            check=True,
            timeout=_PATIENCE * seconds + 120,
        )
    return done.stdout.splitlines()


def main() -> None:
    """Be that process: what to do comes by standard input, where VAD is by the environment."""
    asked = json.load(sys.stdin)
    application, issuer = wsgi.create_application(), asked["issuer"]
    caller = Caller(InProcess(application, issuer), issuer, App(**asked["app"]), asked["cookies"])
    sys.stdout.write("\n".join(_profile(application, caller, asked["flow"], asked["seconds"])))


def _profile(app: Flask, caller: Caller, flow: str, seconds: float) -> list[str]:
    caller.authorize()
    FLOWS[flow](caller)
    flows, used, sampler = 0, 0.0, Sampler(type(app).__call__.__code__)
    with sampler:
        before, deadline = time.process_time(), time.monotonic() + _PATIENCE * seconds
        while used < seconds and time.monotonic() < deadline:
            FLOWS[flow](caller)
            flows, used = flows + 1, time.process_time() - before
    inside = sampler.own.total()
    each = used * 1000 / flows * inside / max(inside + sampler.outside, 1)
    lines = [f"{flow}: {flows} flows, {inside} samples, {each:.2f} CPU-ms per flow inside the application", ""]
    lines += table(["of the time", "CPU-ms", "standing in"], _rows(sampler.own, inside, each))
    return [*lines, "", *table(["of the time", "CPU-ms", "in or below"], _rows(sampler.within, inside, each))]


def _rows(counted: Counter[str], inside: int, each: float) -> list[list[str]]:
    most = counted.most_common(_SHOWN)
    return [[f"{number / inside:.1%}", f"{each * number / inside:.3f}", name] for name, number in most]


def _package(code: CodeType) -> str:
    """The package that a function belongs to; of VAD the folder too."""
    file = Path(code.co_filename)
    if file.is_relative_to(_PACKAGES):
        return file.relative_to(_PACKAGES).parts[0].removesuffix(".py")
    if file.is_relative_to(_OURS):
        return ".".join(file.relative_to(PROJECT).parts[:-1][:3])
    if file.is_relative_to(_PYTHON):
        return f"Python: {file.relative_to(_PYTHON).parts[0].removesuffix('.py')}"
    return "others" if file.is_absolute() else str(file)


def _function(code: CodeType) -> str:
    module = ".".join(Path(code.co_filename).relative_to(PROJECT).with_suffix("").parts)
    return f"{module}: {code.co_qualname}"


if __name__ == "__main__":
    main()
