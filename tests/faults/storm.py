"""Many logins while processes are killed: `python -m tests.faults.storm --logins 200 --seconds 300`.

A real `vad serve` with two workers and a real `vad worker` on stores of their own; people log in, consent, redeem their
code (every second one twice at once), exchange and refresh. Meanwhile a random process is killed -9 every few seconds:
a worker, and with `--stores` now and then PostgreSQL or Redis, which are started again a second later. All the while
somebody asks for a page that needs both stores: that measures how long each kill was felt. At the end the stores are
held against what people and apps were told. Ends by itself; its exit status is the verdict.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.faults.pulse import Pulse
from tests.support.database import FreshDatabase, ask
from tests.support.own_stores import Stores
from tests.support.person import FROUKE, HENDRIK, PIETER, SAMIRA, Person
from tests.support.process_tree import children_of
from tests.support.relying_party_client import RelyingParty, claims_of, new_key
from tests.support.town import Town, town
from tests.support.town_fixtures import REDIRECT, registrations
from vad.sandbox.child import Child, Program
from vad.sandbox.demo.browser import PageError
from vad.sandbox.demo.configuration import DEFAULTS, PROJECT
from vad.sandbox.demo.programs import environment
from vad.sandbox.ports import free_port
from vad.sandbox.postgres import PostgresServer
from vad.sandbox.postgres_data import SUPERUSER
from vad.sandbox.redis import RedisServer

LAB = "https://source.example"
PEOPLE = (FROUKE, PIETER, SAMIRA, HENDRIK)
_OK = 200
_RECOVERY = 10.0
"""Seconds within which logins must succeed again after a kill."""
_NO_LIMITS = "1000000"
_AFTER_A_FAILURE = 1.0
_STORE_AWAY = 1.0
"""Seconds until a store that was killed is started again."""


@dataclass
class Told:
    """What people and apps were told, and what was done to VAD."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    tokens: list[str] = field(default_factory=list)
    """The `jti` of every token of the issuer's own that reached an app."""
    sealed: int = 0
    """Tokens for the source, which only that source can open."""
    consents: int = 0
    redeemed_twice: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    killed: list[tuple[float, str]] = field(default_factory=list)
    """What was killed, and from when on it could work again."""
    pulse: Pulse | None = None


def one_login(town: Town, key: dict[str, Any], bsn: str, told: Told, racers: int) -> bool:
    """The whole way, noting each thing that was promised; whatever a kill cuts short is just that. Tells of success."""
    person = Person(town, urlsplit(REDIRECT).netloc)
    rp = RelyingParty(town.issuer, "rp-one", REDIRECT, key)
    try:
        asked = rp.ask(resources=(LAB,), scope="openid 51")
        code = person.authorize(asked, bsn)
        with told.lock:
            told.consents += 1
        with ThreadPoolExecutor(racers) as crowd:
            answers = list(crowd.map(lambda _: _redeem(town, key, asked, code), range(racers)))
        won = [answer for answer in answers if answer is not None and answer.status_code == _OK]
        with told.lock:
            told.redeemed_twice += len(won) > 1
            told.tokens += [claims_of(answer.json()["access_token"])["jti"] for answer in won]
        if won:
            _go_on(rp, won[0].json(), told)
        with told.lock:
            told.outcomes["done" if won else "cut short"] += 1
        return bool(won)
    except (requests.RequestException, PageError, AssertionError, KeyError, StopIteration) as error:
        with told.lock:
            told.outcomes[f"cut short: {type(error).__name__}"] += 1
        return False
    finally:
        person.leave()
        rp.http.close()


def _redeem(town: Town, key: dict[str, Any], asked: Any, code: str) -> requests.Response | None:
    rp = RelyingParty(town.issuer, "rp-one", REDIRECT, key)
    try:
        return rp.redeem(asked, code)
    except requests.RequestException:
        return None
    finally:
        rp.http.close()


def _go_on(rp: RelyingParty, own: dict[str, Any], told: Told) -> None:
    """Exchange and refresh; where two raced for the code it counts as stolen, and everything was taken back."""
    exchanged = rp.exchange(own["access_token"], LAB)
    with told.lock:
        told.sealed += exchanged.status_code == _OK
        told.outcomes[f"exchange {exchanged.status_code}"] += 1
    refreshed = rp.refresh(own["refresh_token"])
    with told.lock:
        told.outcomes[f"refresh {refreshed.status_code}"] += 1
        if refreshed.status_code == _OK:
            told.tokens.append(claims_of(refreshed.json()["access_token"])["jti"])


@contextmanager
def built(folder: Path, key: dict[str, Any]) -> Iterator[tuple[Town, FreshDatabase]]:
    """A town on stores of its own."""
    with built_on_stores(folder, key) as (made, database, _):
        yield made, database


@contextmanager
def built_on_stores(folder: Path, key: dict[str, Any]) -> Iterator[tuple[Town, FreshDatabase, Stores]]:
    """The same, with the stores."""
    overlay = folder / "overlay"
    overlay.mkdir()
    keys = {"rp-one": key, "rp-two": new_key("rp-two", use="sig", alg="ES256")}
    (overlay / "tests.toml").write_text(registrations(keys, new_key("source", use="enc", alg="ECDH-ES")))
    with PostgresServer(folder / "pg", free_port()) as postgres, RedisServer(folder / "redis", free_port()) as redis:
        urls = (postgres.app_url, postgres.migrate_url, postgres.url(SUPERUSER), "", postgres.worker_url)
        database = FreshDatabase(*urls)
        database.migrate()
        with town(folder / "town", database, redis.url, [overlay], served=False) as made:
            yield made, database, Stores(postgres, redis)


def start(made: Town, folder: Path, *arguments: str) -> Child:
    """Start a command of `vad`, without the limits that one address would meet."""
    limits = ("AUTHORIZE_PER_ADDRESS", "LOGIN_PER_ADDRESS", "TOKEN_PER_CLIENT")
    known = environment((DEFAULTS, made.state.configuration)) | {f"VAD__LIMITS__{name}": _NO_LIMITS for name in limits}
    command = (sys.executable, "-c", "from vad.cli.main import main; main()", *arguments)
    return Child(Program(command, folder / f"{arguments[0]}.log", known, PROJECT))


@dataclass
class Wreaker:
    """Until `done`, every few seconds kills something, which somebody then starts again."""

    made: Town
    folder: Path
    served: Child
    told: Told
    done: threading.Event
    stores: Stores | None
    quiet: threading.Event = field(default_factory=threading.Event)
    """Nothing more is killed, and everything runs."""
    judged: threading.Event = field(default_factory=threading.Event)
    """What this thread started ends with it, so it stays until nobody needs the stores any more."""

    def run(self) -> None:
        """Do it."""
        chance, upkeep = random.Random(), start(self.made, self.folder, "worker")  # noqa: S311 - no secret
        while not self.done.wait(chance.uniform(2.0, 6.0)):
            workers, dice = children_of(self.served.pid), chance.random()
            if self.stores is not None and dice < 0.2:
                self._store(chance.choice(["PostgreSQL", "Redis"]))
            elif dice < 0.45 or not workers:
                upkeep.kill()
                upkeep = start(self.made, self.folder, "worker")
                self._note("vad worker")
            else:
                os.kill(chance.choice(workers), signal.SIGKILL)
                self._note("gunicorn worker")
        upkeep.stop()
        self.quiet.set()
        self.judged.wait()

    def _store(self, name: str) -> None:
        """Kill a store, and start it again; it counts from when it can work again."""
        if self.stores is None:
            return
        server = self.stores.postgres if name == "PostgreSQL" else self.stores.redis
        server.kill()
        time.sleep(_STORE_AWAY)
        server.start()
        self._note(name)

    def _note(self, what: str) -> None:
        self.told.killed.append((time.monotonic(), what))


def verdicts(database: FreshDatabase, told: Told, asked: int) -> dict[str, bool]:
    """Hold the stores against what was told."""
    url = database.superuser_url
    written = {row for (row,) in ask(url, "SELECT evidence->>'jti' FROM audit_events WHERE type = 'token.issued'")}
    ((given,),) = ask(url, "SELECT count(*) FROM audit_events WHERE type = 'consent.given'")
    ((sealed,),) = ask(url, "SELECT count(*) FROM audit_events WHERE type = 'token.issued' AND resource = %s", (LAB,))
    recoveries = told.pulse.recoveries(told.killed) if told.pulse else []
    slowest = max(recoveries, default=float("inf"))
    made = sum(number for outcome, number in told.outcomes.items() if outcome.startswith(("done", "cut short")))
    return {
        f"every login that was asked for was made (asked {asked}, made {made})": made == asked,
        f"every token has its event ({len(told.tokens)} tokens)": set(told.tokens) <= written and told.tokens != [],
        f"every token for the source has one too ({told.sealed} of {sealed})": told.sealed <= sealed,
        f"no code redeemed twice ({told.redeemed_twice})": told.redeemed_twice == 0,
        f"no consent lost ({told.consents} confirmed, {given} kept)": told.consents <= given,
        f"works again within {_RECOVERY:.0f} s of every kill (slowest {slowest:.2f} s, median "
        f"{median(recoveries or [slowest]):.2f} s, {len(recoveries)} kills)": slowest <= _RECOVERY,
    }


def storm(folder: Path, logins: int, seconds: float, *, stores: bool = False) -> bool:
    """Run it and print the table; tells whether all was well."""
    key, told, done = new_key("rp-one", use="sig", alg="ES256"), Told(), threading.Event()
    with ExitStack() as stack:
        made, database, own = stack.enter_context(built_on_stores(folder, key))
        served = start(made, folder, "serve", "--bind", f"127.0.0.1:{made.layout.port('vad')}")
        stack.callback(served.stop)
        deadline = time.monotonic() + seconds
        while not _answers(made):
            if served.ended() or time.monotonic() > deadline:
                raise SystemExit("VAD did not start: " + "; ".join(served.last_words()))
            time.sleep(0.2)
        told.pulse = Pulse(f"{made.issuer}/inloggen", done)
        wreaker = Wreaker(made, folder, served, told, done, own if stores else None)
        wreaking, beating = (threading.Thread(target=each) for each in (wreaker.run, told.pulse.beat))
        stack.callback(wreaking.join)
        stack.callback(wreaker.judged.set)
        stack.callback(done.set)
        wreaking.start()
        beating.start()
        begun = time.monotonic()

        def visit(number: int) -> None:
            # Who was cut short waits a little: a store that is away must not use up all logins in no time.
            who, racers = PEOPLE[number % len(PEOPLE)], 1 + number % 2
            if time.monotonic() < deadline and not one_login(made, key, who, told, racers):
                done.wait(_AFTER_A_FAILURE)

        with ThreadPoolExecutor(8) as crowd:
            list(crowd.map(visit, range(logins)))
        took = time.monotonic() - begun
        done.set()
        beating.join()
        wreaker.quiet.wait()
        found = verdicts(database, told, logins)
    _say(f"{told.outcomes.total()} steps in {took:.0f} s: {dict(told.outcomes)}")
    _say(f"killed: {dict(Counter(what for _, what in told.killed))}")
    well = sum(answered for _, _, answered in told.pulse.asked)
    _say(f"asked all the while: {well} of {len(told.pulse.asked)} answered")
    _say(f"longest time without a good answer: {told.pulse.longest_silence():.2f} s")
    for rule, held in found.items():
        _say(f"{'ok  ' if held else 'FAIL'} {rule}")
    return all(found.values())


def _answers(made: Town) -> bool:
    try:
        return requests.get(f"{made.issuer}/readyz", timeout=5).status_code == _OK
    except requests.RequestException:
        return False


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logins", type=int, default=200)
    parser.add_argument("--stores", action="store_true", help="kill PostgreSQL and Redis too")
    parser.add_argument("--seconds", type=float, default=300.0, help="after which no login begins any more")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vad-storm-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        return 0 if storm(folder, asked.logins, asked.seconds, stores=asked.stores) else 1


if __name__ == "__main__":
    raise SystemExit(main())
