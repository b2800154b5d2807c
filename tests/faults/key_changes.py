"""People and apps that go through everything without end, and an operator who changes keys meanwhile."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import requests
from click.testing import CliRunner

from tests.support.database import ask
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty, claims_of, header_of
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from vad.cli.main import cli
from vad.sandbox.demo.configuration import DEFAULTS
from vad.sandbox.demo.programs import environment

SOURCE = "https://source.example"
_ACTORS = 2
_PATIENCE = 60.0
_OK = 200


@dataclass
class People:
    """Each actor logs somebody in, two browsers at once, and uses all that came of it; then the next one."""

    town: Town
    key: dict[str, Any]
    bsns: list[str]
    subjects: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """As whom the app knows each of them."""
    failures: list[str] = field(default_factory=list)
    asked: int = 0
    rounds: list[int] = field(default_factory=lambda: [0] * _ACTORS)
    """How often each actor went through everything."""
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def busy(self) -> Iterator["People"]:
        """Let them go on and on inside the block."""
        coming = cycle(self.bsns)
        actors = [threading.Thread(target=self._act, args=(number, coming)) for number in range(_ACTORS)]
        for actor in actors:
            actor.start()
        try:
            yield self
        finally:
            self.over.set()
            for actor in actors:
                actor.join()

    def go_round(self) -> None:
        """Wait until every actor has begun and ended a whole round from now on."""
        enough = [number + 2 for number in self.rounds]
        deadline = time.monotonic() + _PATIENCE
        while any(number < least for number, least in zip(self.rounds, enough, strict=True)):
            assert not self.failures, self.failures
            assert time.monotonic() < deadline, "nothing moves any more"
            self.over.wait(0.02)

    def _act(self, number: int, coming: Iterator[str]) -> None:
        while not self.over.is_set():
            with self.lock:
                bsn = next(coming)
            twice = threading.Thread(target=self._safely, args=(bsn,))
            twice.start()
            self._safely(bsn)
            twice.join()
            self.rounds[number] += 1

    def _safely(self, bsn: str) -> None:
        person = Person(self.town, urlsplit(REDIRECT).netloc)
        rp = RelyingParty(self.town.issuer, "rp-one", REDIRECT, self.key)
        try:
            self._go_through(person, rp, bsn)
        except Exception as error:  # noqa: BLE001 - told by the test, whatever it is
            with self.lock:
                self.failures.append(f"{type(error).__name__}: {error}"[:600])
        finally:
            with self.lock:
                self.asked += len(person.seen) + 5
                self.failures += [f"{seen.status_code} {seen.text[:200]}" for seen in person.seen if not seen.ok]
            person.leave()
            rp.http.close()

    def _go_through(self, person: Person, rp: RelyingParty, bsn: str) -> None:
        asked = rp.ask(resources=(SOURCE,), scope="openid 51")
        own = self._good(rp.redeem(asked, person.authorize(asked, bsn)))
        self._good(rp.exchange(own["access_token"], SOURCE))
        assert self._good(rp.introspect(own["access_token"]))["active"] is True
        self._good(rp.userinfo(own["access_token"]))
        newer = self._good(rp.refresh(own["refresh_token"]))
        published = {key["kid"] for key in self._good(requests.get(f"{self.town.issuer}/jwks", timeout=20))["keys"]}
        for token in (own["id_token"], newer["access_token"]):
            assert header_of(token)["kid"] in published, "signed with a key that nobody knows"
        with self.lock:
            self.subjects[bsn].add(claims_of(own["id_token"])["sub"])

    @staticmethod
    def _good(answer: requests.Response) -> dict[str, Any]:
        assert answer.status_code == _OK, f"{answer.request.url}: {answer.status_code} {answer.text[:300]}"
        return dict(answer.json())


@dataclass
class KeyOperator:
    """Somebody with the commands of `vad keys`; lets time pass for keys, and for nothing else."""

    town: Town

    def keys(self, *command: str) -> str:
        """Run a command that must succeed; give what it said."""
        output, succeeded = self.tries(*command)
        assert succeeded, output
        return output

    def tries(self, *command: str) -> tuple[str, bool]:
        """Run a command; give what it said, and whether it succeeded."""
        known = environment((DEFAULTS, self.town.state.configuration))
        done = CliRunner().invoke(cli, ["keys", *command], env=known)
        return done.output, done.exit_code == 0

    def ages(self, purpose: str, interval: str) -> None:
        """Let the keys of this purpose be that much older."""
        columns = ("created_at", "activated_at", "retired_at")
        moved = ", ".join(f"{column} = {column} - interval '{interval}'" for column in columns)
        ask(self.town.database.migrate_url, f"UPDATE keys SET {moved} WHERE purpose = '{purpose}'")  # noqa: S608

    def five_minutes_pass_at_digid(self) -> None:
        """So long it keeps the keys that it encrypts to; hours pass here for VAD alone."""
        address = f"{self.town.address('digid')}/control/forget-client-keys"
        requests.post(address, timeout=10).raise_for_status()

    def key_ids(self, purpose: str, state: str) -> set[str]:
        """The keys of this purpose in this state."""
        statement = "SELECT key_id FROM keys WHERE purpose = %s AND state = %s"
        return {key_id for (key_id,) in ask(self.town.database.migrate_url, statement, (purpose, state))}

    def until_published(self, *purposes: str, path: str = "/jwks") -> None:
        """Wait until every process shows the next keys: so many in a row are not all one process's answers."""
        coming = set[str]().union(*(self.key_ids(purpose, "next") for purpose in purposes))
        shown, deadline = 0, time.monotonic() + _PATIENCE
        while shown < 20:
            keys = requests.get(f"{self.town.issuer}{path}", timeout=20).json()["keys"]
            shown = shown + 1 if coming <= {key["kid"] for key in keys} else 0
            assert time.monotonic() < deadline

    def until_retired(self, purpose: str, first: Callable[[], object] = lambda: None) -> None:
        """Destroy every retired key of a purpose, however often what is done `first` must be done again for it."""
        deadline = time.monotonic() + _PATIENCE
        for key_id in self.key_ids(purpose, "retired"):
            output, succeeded = self.tries("retire", key_id)
            while not succeeded:
                assert "needed by" in output, output
                assert time.monotonic() < deadline, output
                first()
                output, succeeded = self.tries("retire", key_id)
