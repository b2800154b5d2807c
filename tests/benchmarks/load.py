"""The load: connections that stay open, each with its own grant, and the flows they repeat."""

import json
import math
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.support.relying_party_client import ACCESS_TOKEN, ASSERTION_TYPE, TOKEN_EXCHANGE

_OK = 200


class Caller:
    """One client's connection to one server."""

    def __init__(self, issuer: str, key: Mapping[str, Any], source: str, refresh_token: str) -> None:
        address = urlsplit(issuer)
        self._issuer, self._source, self._refresh_token = issuer, source, refresh_token
        self._key, self._client_id = ECKey.import_key(dict(key)), "rp-one"
        self._connection = HTTPConnection(str(address.hostname), address.port, timeout=20)
        self._access_token = ""

    def documents(self) -> None:
        """W1: discovery and keys."""
        self._send("GET", "/.well-known/openid-configuration")
        self._send("GET", "/jwks")

    def refresh(self) -> None:
        """W4."""
        answer = self._post("/token", {"grant_type": "refresh_token", "refresh_token": self._refresh_token})
        self._refresh_token, self._access_token = answer["refresh_token"], answer["access_token"]

    def introspect(self) -> None:
        """W5: of its own token."""
        if not self._post("/introspect", {"token": self._access_token})["active"]:
            raise RuntimeError("a living token was called dead")

    def userinfo(self) -> None:
        """W6."""
        self._send("GET", "/userinfo", None, {"Authorization": f"Bearer {self._access_token}"})

    def exchange(self) -> None:
        """WX."""
        form = {"grant_type": TOKEN_EXCHANGE, "subject_token": self._access_token, "resource": self._source}
        self._post("/token", {**form, "subject_token_type": ACCESS_TOKEN})

    def close(self) -> None:
        """Hang up; the next request dials again."""
        self._connection.close()

    def _post(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": f"{self._issuer}/token",
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        }
        assertion = jwt.encode({"alg": "ES256", "kid": self._key.kid}, claims, self._key, algorithms=["ES256"])
        proof = {"client_id": self._client_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        body = urlencode({**form, **proof})
        return dict(self._send("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"}))

    def _send(self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> Any:
        self._connection.request(method, path, body, headers or {})
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status != _OK:
            raise RuntimeError(f"{method} {path} was answered {answer.status}: {read[:200]!r}")
        return json.loads(read)


FLOWS: Mapping[str, Callable[[Caller], None]] = {
    "W1": Caller.documents,
    "W4": Caller.refresh,
    "W5": Caller.introspect,
    "W6": Caller.userinfo,
    "WX": Caller.exchange,
}


@dataclass(frozen=True)
class Figures:
    """Of one flow, at one server, in one round."""

    flows: int
    cpu_ms: float
    """Of the server, per flow."""
    p50_ms: float
    p99_ms: float


def measure(callers: Sequence[Caller], flow: str, seconds: float, pid: int, core: int) -> Figures:
    """Repeat a flow on every connection, after a short warm-up. A single wrong answer ends it."""
    for caller in callers:
        caller.close()  # the server may have hung up meanwhile
        caller.refresh()
    _repeat(callers, flow, seconds / 5, core)
    before = cpu_ms(pid)
    took = sorted(_repeat(callers, flow, seconds, core))
    used = cpu_ms(pid) - before
    return Figures(len(took), used / len(took), _percentile(took, 0.50), _percentile(took, 0.99))


def _repeat(callers: Sequence[Caller], flow: str, seconds: float, core: int) -> list[float]:
    deadline, act = time.monotonic() + seconds, FLOWS[flow]

    def go(caller: Caller) -> list[float]:
        os.sched_setaffinity(0, {core})  # of this thread alone
        took: list[float] = []
        while not took or time.monotonic() < deadline:
            begun = time.perf_counter()
            act(caller)
            took.append((time.perf_counter() - begun) * 1000)
        return took

    with ThreadPoolExecutor(len(callers)) as crowd:
        return [each for took in crowd.map(go, callers) for each in took]


def _percentile(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * part) - 1)]


def tree(pid: int) -> list[int]:
    """A process and all that came of it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in tree(int(child)))]


def cpu_ms(pid: int) -> float:
    """User and system time of a process tree so far."""
    stats = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in tree(pid)]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) * 1000 / os.sysconf("SC_CLK_TCK")


def pin(pid: int, core: int) -> None:
    """Keep a process tree, with every thread it has and will have, on one core."""
    for each in tree(pid):
        for thread in Path(f"/proc/{each}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})
