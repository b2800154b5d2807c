"""The contenders: how each is started, and who calls it."""

import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
import requests

from tests.benchmarks import naive
from tests.benchmarks.callers import FLOWS, App, Caller, Http
from tests.benchmarks.neighbourhood import Neighbourhood
from tests.support.database import new_database
from vad.sandbox.child import Child, Program
from vad.sandbox.demo.configuration import DEFAULTS, PROJECT
from vad.sandbox.demo.programs import environment
from vad.sandbox.ports import free_port

THREADS = 16
_PATIENCE = 60.0


@dataclass(frozen=True)
class Contender:
    """A server that is measured, and those who ask it."""

    name: str
    pid: int
    callers: Sequence[Caller]
    flows: tuple[str, ...] = tuple(FLOWS)


class Servers:
    """Starts them, on the stores of one neighbourhood. `through` may put something before a store's address."""

    def __init__(
        self, place: Neighbourhood, folder: Path, stack: ExitStack, through: Callable[[str], str] = str
    ) -> None:
        self._place, self._folder, self._stack, self._through = place, folder, stack, through

    def floor(self, callers: int) -> Contender:
        """The floor server, under gunicorn."""
        known = floor_known(self._place, self._place.redis_url, free_port())
        child = self._gunicorn("floor", known | {"redis": self._through(known["redis"])})
        return Contender("floor", child.pid, floor_callers(known, self._place.apps.usual, callers))

    def naive(self, callers: int) -> Contender:
        """The naive server, under gunicorn, on a database of its own."""
        database = self._stack.enter_context(new_database(self._place.town.database))
        known = naive_known(self._place, database.migrate_url, self._folder, free_port())
        naive.fill(known, callers)
        child = self._gunicorn("naive", known | {"database": self._through(known["database"])})
        return Contender("naive", child.pid, naive_callers(known, self._place.apps.usual, callers))

    def vad(self, name: str, callers: int, *arguments: str, app: App | None = None) -> Contender:
        """One more server of the same VAD. Its people are logged in already, at the first one; `app`: not the usual."""
        port, made = free_port(), self._place.town
        variables = {
            "VAD__DATABASE__URL": self._through(made.database.app_url),
            "VAD__REDIS__URL": self._through(self._place.redis_url),
        }
        child = self.serve(name, port, variables, *arguments)
        return self.more(name, child, f"http://127.0.0.1:{port}", app or self._place.apps.usual, callers)

    def serve(self, name: str, port: int, variables: Mapping[str, str], *arguments: str) -> Child:
        """`vad serve` with these arguments."""
        known = environment((DEFAULTS, self._place.town.state.configuration)) | dict(variables)
        command = [sys.executable, "-c", "from vad.cli.main import main; main()", "serve", *arguments]
        command += ["--threads", str(THREADS), "--bind", f"127.0.0.1:{port}"]
        return self._started(command, name, known, f"http://127.0.0.1:{port}")

    def more(self, name: str, child: Child, address: str, app: App, callers: int) -> Contender:
        """Callers for a server of VAD: two may share a browser, never a token."""
        issuer, browsers = self._place.town.issuer, self._place.browsers(app)
        made = [Caller(Http(address), issuer, app, browsers[number % len(browsers)]) for number in range(callers)]
        return Contender(name, child.pid, made)

    def _gunicorn(self, module: str, known: Mapping[str, Any]) -> Child:
        """As VAD runs under it."""
        command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "1"]
        command += ["--threads", str(THREADS), "--keep-alive", "20", "--no-control-socket"]
        command += ["--bind", known["issuer"].removeprefix("http://"), f"tests.benchmarks.{module}:application()"]
        return self._started(command, module, {**os.environ, module.upper(): json.dumps(known)}, known["issuer"])

    def _started(self, command: Sequence[str], name: str, known: Mapping[str, str], address: str) -> Child:
        child = Child(Program(command, self._folder / f"{name}.log", known, PROJECT))
        self._stack.callback(child.stop)
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                requests.get(f"{address}/jwks", timeout=5).raise_for_status()
            except requests.RequestException:
                if child.ended() or time.monotonic() > deadline:
                    raise SystemExit(f"{name} did not start: {'; '.join(child.last_words())}") from None
                time.sleep(0.2)
            else:
                return child


def floor_known(place: Neighbourhood, store: str, port: int) -> dict[str, Any]:
    """What the floor server must know. In its store it keeps BSNs in clear."""
    return place.apps.known(f"http://127.0.0.1:{port}") | {"redis": store}


def floor_callers(known: Mapping[str, Any], app: App, number: int) -> list[Caller]:
    """People whose session is there already."""
    callers = []
    with redis.Redis.from_url(known["redis"]) as store:
        for _ in range(number):
            grant, cookie = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
            person = {"bsn": "999991772", "name": "Frouke Jansen", "age": 42}
            store.set(f"grant:{grant}", json.dumps(person), ex=7200)
            store.set(f"session:{cookie}", grant, ex=7200)
            callers.append(Caller(Http(known["issuer"]), known["issuer"], app, {"session": cookie}))
    return callers


def naive_known(place: Neighbourhood, database: str, folder: Path, port: int) -> dict[str, Any]:
    """What the naive server must know."""
    known = place.apps.known(f"http://127.0.0.1:{port}")
    return known | {"database": database, "key_file": str(folder / f"naive-{port}.pem")}


def naive_callers(known: Mapping[str, Any], app: App, number: int) -> list[Caller]:
    """People who logged in."""
    callers = []
    for person in range(number):
        answer = requests.post(f"{known['issuer']}/login", {"username": f"user{person}"}, timeout=20)
        answer.raise_for_status()
        callers.append(Caller(Http(known["issuer"]), known["issuer"], app, answer.cookies.get_dict()))
    return callers
