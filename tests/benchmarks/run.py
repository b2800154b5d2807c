"""What a flow costs: `python -m tests.benchmarks.run [--flows W3,W4] [--contenders floor,vad] [--profile W3]`.

VAD and the servers that it is measured against, each with one worker of 16 threads on one core, are asked in turn by 8
connections from another core, with real PostgreSQL and Redis. Only this machine is spoken to; it ends by itself.

Contenders: `floor`, `vad` (under gunicorn), `granian` (VAD under Granian), `naive`, `rs256` (VAD, with an app and a
source that are registered for RS256), `par`, `dpop` and `mtls` (VAD, with apps that ask so), `workers` (two workers of
VAD against one).
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks import growth, log_questions, sealing
from tests.benchmarks.bench import CONTENDERS, Bench
from tests.benchmarks.beside_sealing import Comparison
from tests.benchmarks.callers import FLOWS
from tests.benchmarks.neighbourhood import PEOPLE
from tests.benchmarks.report import machine

_LONGEST, _WHOLE = 30.0, 6000.0
"""Seconds, of one measurement and of all: a token lives 5 minutes, a session 2 hours."""


def main() -> int:
    """Read the command line, run, and print."""
    asked, cores = parser().parse_args(), len(os.sched_getaffinity(0))
    if asked.seconds * 1.2 * asked.rounds * len(asked.flows) * len(asked.contenders) > _WHOLE:
        parser().error("that takes longer than people stay logged in")
    _say([f"{machine()}; connections: {asked.connections}; rounds: {asked.rounds} of {asked.seconds:g} s"])
    with tempfile.TemporaryDirectory(prefix="vad-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's account passes through
        if (status := _apart(asked, folder, stack)) is not None:
            return status
        if "granian" in asked.contenders and find_spec("granian") is None:
            _say(["Granian is left out, for it is not installed: pip install -r requirements-granian.txt"])
        bench = Bench(asked, folder, stack)
        if asked.profile is not None:
            _say(bench.profile(asked.profile))
            return 0
        if set(asked.contenders) != {"workers"}:
            _say(bench.rounds())
        if "workers" in asked.contenders and cores > 1:
            _say(bench.workers())
    if "W2" in asked.flows and set(asked.contenders) != {"workers"}:
        _say(["W2 (client authentication and one token) is part of W4 and WX: VAD has no client_credentials."])
    if cores == 1:
        _say(["One core only: the load ran on the server's, and two workers are not compared."])
    return 0


def _apart(asked: argparse.Namespace, folder: Path, stack: ExitStack) -> int | None:
    """What is measured by itself, where that was asked for: the status to end with."""
    if asked.growth is not None:
        _say(growth.compared(asked, folder, stack))
        return 0
    if asked.log is not None:
        lines, kept = log_questions.measured(asked, folder, stack)
        _say(lines)
        return int(not kept)
    if asked.sealing is not None:
        lines, in_time = Comparison(asked, folder / "beside", stack).lines()
        _say(lines)
        _say(sealing.measured(folder, asked.sealing))
        return int(not in_time)
    return None


def parser() -> argparse.ArgumentParser:
    """What may be asked."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flows = sorted((*FLOWS, "W2"))
    made.add_argument("--flows", type=_listed(flows), default=flows)
    made.add_argument("--contenders", type=_listed(CONTENDERS), default=list(CONTENDERS))
    made.add_argument("--seconds", type=_seconds, default=4.0, help="for each flow, contender and round (at most 30)")
    made.add_argument("--rounds", type=int, choices=range(1, 10), default=3)
    made.add_argument("--connections", type=int, choices=range(1, PEOPLE + 1), default=PEOPLE)
    made.add_argument(
        "--growth",
        type=int,
        nargs="?",
        const=1_000_000,
        metavar="PERSONS",
        help="what a decision costs with so many persons [1000000], beside ten thousand, and no more",
    )
    made.add_argument(
        "--log",
        type=int,
        nargs="?",
        const=10_000_000,
        metavar="EVENTS",
        choices=range(1_000, log_questions.MOST_EVENTS + 1),
        help="how long questions about a log of so many events [10000000] take, and no more",
    )
    made.add_argument(
        "--sealing",
        type=int,
        nargs="?",
        const=300_000,
        metavar="EVENTS",
        choices=range(5_000, log_questions.MOST_EVENTS + 1),
        help="what the sealer costs those who ask for tokens; how fast so many events [300000] are sealed and verified",
    )
    made.add_argument("--profile", choices=sorted(FLOWS), help="where the time of VAD goes in this flow, and no more")
    return made


def _listed(known: Sequence[str]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        names = text.split(",")
        if not set(names) <= set(known):
            raise argparse.ArgumentTypeError(f"choose from {','.join(known)}")
        return [name for name in known if name in names]

    return read


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= _LONGEST:
        raise argparse.ArgumentTypeError(f"more than 0 and at most {_LONGEST:.0f}")
    return seconds


def _say(lines: Sequence[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in (*lines, "")))
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
