"""What a flow costs: `python -m tests.benchmarks.run [--seconds 4] [--rounds 3]`.

VAD and the floor server, each under gunicorn with one worker of 16 threads on one core, are asked in turn by 8
connections from another core, with real PostgreSQL and Redis. Only this machine is spoken to; it ends by itself.
"""

import argparse
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import redis
import requests

from tests.benchmarks.load import FLOWS, Caller, Figures, measure, pin
from tests.faults.storm import LAB, built
from tests.support.person import FROUKE, Person, tokens
from tests.support.relying_party_client import RelyingParty, new_key, public
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from vad.sandbox.child import Child, Program
from vad.sandbox.demo.configuration import DEFAULTS, PROJECT
from vad.sandbox.demo.programs import environment
from vad.sandbox.ports import free_port
from vad.sandbox.redis import RedisServer

CONNECTIONS = 8
_BUDGETS = {"W1": (1.2, 0.0), "W4": (1.45, 0.0), "W5": (1.2, 0.3), "W6": (1.2, 0.3), "WX": (0.0, 2.6)}
"""Times the floor, plus milliseconds."""
_PATIENCE = 60.0


@dataclass(frozen=True)
class Contender:
    """A server that is measured."""

    name: str
    pid: int
    callers: Sequence[Caller]


def floor_configuration(issuer: str, redis_url: str, key: Mapping[str, Any]) -> dict[str, Any]:
    """What the floor server must know."""
    source = public(new_key("source", use="enc", alg="ECDH-ES"))
    known = {"issuer": issuer, "redis": redis_url, "client_id": "rp-one", "client_key": public(key)}
    return {**known, "source": LAB, "source_key": source}


def floor_callers(issuer: str, redis_url: str, key: Mapping[str, Any], number: int) -> list[Caller]:
    """Callers whose grants are there already."""
    made = []
    with redis.Redis.from_url(redis_url) as store:
        for _ in range(number):
            grant, token = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
            store.set(f"grant:{grant}", json.dumps({"bsn": FROUKE, "name": "Frouke Jansen", "age": 40}), ex=3600)
            store.set(f"refresh:{token}", grant, ex=3600)
            made.append(Caller(issuer, key, LAB, token))
    return made


def vad_callers(made: Town, key: Mapping[str, Any], number: int) -> list[Caller]:
    """Callers for whom somebody logged in and consented."""
    callers = []
    for _ in range(number):
        person = Person(made, urlsplit(REDIRECT).netloc)
        rp = RelyingParty(made.issuer, "rp-one", REDIRECT, key)
        given = tokens(rp, person, (LAB,), "openid 51")
        person.leave()
        rp.http.close()
        callers.append(Caller(made.issuer, key, LAB, given["refresh_token"]))
    return callers


def _vad(made: Town, folder: Path, stack: ExitStack) -> Child:
    limits = [name for name in type(made.settings.limits).model_fields if "_per_" in name]
    known = environment((DEFAULTS, made.state.configuration))
    known |= {f"VAD__LIMITS__{name.upper()}": "100000000" for name in limits}
    command = [sys.executable, "-c", "from vad.cli.main import main; main()", "serve", "--workers", "1"]
    command += ["--threads", "16", "--bind", f"127.0.0.1:{made.layout.port('vad')}"]
    child = Child(Program(command, folder / "vad.log", known, PROJECT))
    stack.callback(child.stop)
    _await(f"{made.issuer}/jwks", child)
    return child


def _floor(port: int, known: Mapping[str, Any], folder: Path, stack: ExitStack) -> Child:
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "1", "--threads", "16"]
    command += ["--bind", f"127.0.0.1:{port}", "tests.benchmarks.floor:application()"]
    child = Child(Program(command, folder / "floor.log", {**os.environ, "FLOOR": json.dumps(known)}, PROJECT))
    stack.callback(child.stop)
    _await(f"{known['issuer']}/jwks", child)
    return child


def _await(url: str, child: Child) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            requests.get(url, timeout=5).raise_for_status()
        except requests.RequestException:
            if child.ended() or time.monotonic() > deadline:
                raise SystemExit("it did not start: " + "; ".join(child.last_words())) from None
            time.sleep(0.2)
        else:
            return


def bench(folder: Path, seconds: float, rounds: int) -> None:
    """Run it and print the table."""
    cores = sorted(os.sched_getaffinity(0))
    key = new_key("rp-one", use="sig", alg="ES256")
    with ExitStack() as stack:
        made, _ = stack.enter_context(built(folder, key))
        store = stack.enter_context(RedisServer(folder / "redis-floor", free_port()))
        port = free_port()
        issuer = f"http://127.0.0.1:{port}"
        floor = _floor(port, floor_configuration(issuer, store.url, key), folder, stack)
        vad = _vad(made, folder, stack)
        contenders = [
            Contender("floor", floor.pid, floor_callers(issuer, store.url, key, CONNECTIONS)),
            Contender("VAD", vad.pid, vad_callers(made, key, CONNECTIONS)),
        ]
        for contender in contenders:
            pin(contender.pid, cores[0])
        found: dict[tuple[str, str], list[Figures]] = {}
        for _ in range(rounds):
            for flow in FLOWS:
                for each in contenders:
                    figures = measure(each.callers, flow, seconds, each.pid, cores[-1])
                    found.setdefault((flow, each.name), []).append(figures)
    for line in table(found):
        sys.stdout.write(f"{line}\n")
    if len(cores) == 1:
        sys.stdout.write("one core only: the load ran on the server's\n")


def table(found: Mapping[tuple[str, str], Sequence[Figures]]) -> list[str]:
    """The medians of the rounds, beside the budgets."""
    lines = ["flow  floor CPU-ms  VAD CPU-ms  ratio  budget ms   VAD p50 ms  p99 ms"]
    for flow in FLOWS:
        floor = median(each.cpu_ms for each in found[flow, "floor"])
        vad = median(each.cpu_ms for each in found[flow, "VAD"])
        p50, p99 = (median(getattr(each, name) for each in found[flow, "VAD"]) for name in ("p50_ms", "p99_ms"))
        times, plus = _BUDGETS[flow]
        budget = times * floor + plus
        verdict = "  over budget" if vad > budget else ""
        ratio = vad / floor if floor else 0.0
        lines.append(
            f"{flow:4}  {floor:12.2f}  {vad:10.2f}  {ratio:5.2f}  {budget:9.2f}  {p50:11.1f}  {p99:6.1f}{verdict}"
        )
    return lines


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="for each flow, server and round")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vad-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        bench(folder, asked.seconds, asked.rounds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
