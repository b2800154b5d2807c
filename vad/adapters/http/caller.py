"""One register's door: every call bounded, every failure a `RegisterUnavailableError` that names no person."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any, Protocol

import requests
import structlog
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from vad.adapters.circuit import Circuit
from vad.adapters.http.deadline import DeadlineAdapter
from vad.adapters.http.new_traces import NewTraces
from vad.domain import strict_json
from vad.domain.errors import OutOfTimeError, RegisterUnavailableError
from vad.services import time_limit
from vad.services.trace_context import Calls, trace_id_of

JSON, JWK_SET = "application/json", "application/jwk-set+json"
_PIECE = 8 * 1024
_ALMOST = 0.9
_SPARE = 0.5
"""Seconds of a request that are left for the log, and for taking back, when nobody answered."""
_TOO_MANY_REQUESTS, _REQUEST_TIMEOUT, _SERVER_ERROR = 429, 408, 500


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may cost at most."""

    connect: float = 2.0
    """Seconds until there is a connection, to each address that the host's name has."""
    total: float = 5.0
    """Seconds until the last byte of the answer is there, waiting for a free connection included.

    Fewer where the request that is being served has fewer left (`vad.services.time_limit`).
    """
    size: int = 64 * 1024
    """Bytes of the answer's body."""
    connections: int = 16
    """Calls under way at the same time."""
    rest: float = 10.0
    """Seconds that it is left alone once it keeps failing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with a status that the caller asked for."""

    status: int
    body: bytes = field(repr=False)
    json: Any = field(default=None, repr=False)
    """What the body holds, where JSON was asked for."""


class Observer(Protocol):
    """Hears of calls. Raises nothing."""

    def call(self, register: str, outcome: str, seconds: float) -> None:
        """One call: `answered` or `failed`."""

    def circuit(self, register: str, *, is_open: bool) -> None:
        """Whether the register is left alone from now on."""


class _Nobody:
    def call(self, register: str, outcome: str, seconds: float) -> None: ...

    def circuit(self, register: str, *, is_open: bool) -> None: ...


class HttpCaller:
    """Calls one register over a pool of its own. Safe to share among threads.

    The one error it raises is `RegisterUnavailableError`, also where the request that is being served has no time left.

    `register` names it in errors. `ca_bundle` is a file of root certificates to trust instead of the usual ones.
    `adapter` is another transport: one that trusts more CAs, or one for addresses that somebody else chose
    (`vad.adapters.http.guarded`).
    """

    def __init__(  # noqa: PLR0913 - what a call may cost, whom it trusts, who hears of it
        self,
        register: str,
        *,
        limits: Limits | None = None,
        ca_bundle: str | None = None,
        adapter: DeadlineAdapter | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        observer: Observer | None = None,
        calls: Calls | None = None,
    ) -> None:
        self._register = register
        self._observer = observer or _Nobody()
        self._calls = calls or NewTraces()
        self._limits = limits or Limits()
        # Apart: that DigiD tells of itself says nothing of whether it gives tokens.
        self._circuits = {
            method: Circuit(RegisterUnavailableError, seconds=self._limits.rest, monotonic=monotonic)
            for method in ("GET", "POST")
        }
        self._verify = ca_bundle or True
        self._monotonic = monotonic
        self._free = BoundedSemaphore(self._limits.connections)
        self._adapter = adapter or DeadlineAdapter(connections=self._limits.connections)
        self._observer.circuit(register, is_open=False)

    def get(self, url: str, *, content_types: Collection[str] = (JSON,)) -> Answer:
        """GET `url`: a 200 of one of these content types."""
        return self._call(requests.Request("GET", url), {200}, content_types)

    def post_json(
        self,
        url: str,
        content: Mapping[str, object],
        *,
        headers: Mapping[str, str],
        status: int = 200,
        content_type: str = JSON,
    ) -> Answer:
        """POST `content` as JSON: an answer of this status and content type."""
        return self._call(requests.Request("POST", url, dict(headers), json=content), {status}, (content_type,))

    def post_form(self, url: str, form: Mapping[str, str], *, statuses: Collection[int]) -> Answer:
        """POST `form`: a JSON answer of one of these statuses."""
        return self._call(requests.Request("POST", url, data=form), statuses, (JSON,))

    def notify(self, url: str, form: Mapping[str, str], *, statuses: Collection[int]) -> int:
        """POST `form` to whom only the status is asked of: one of these statuses. The body is not read."""
        return self._call(requests.Request("POST", url, data=form), statuses, ()).status

    def hand_over(
        self, url: str, content: bytes, *, content_type: str, headers: Mapping[str, str], statuses: Collection[int]
    ) -> int:
        """POST `content` to whom only the status is asked of: one of these statuses. The body is not read."""
        request = requests.Request("POST", url, {**headers, "Content-Type": content_type}, data=content)
        return self._call(request, statuses, ()).status

    @property
    def register(self) -> str:
        """Its name."""
        return self._register

    @property
    def degraded(self) -> bool:
        """Whether the register kept failing of late, so that it is left alone. The observer hears it too."""
        return self._tell_circuits()

    def close(self) -> None:
        """Close idle connections."""
        self._adapter.close()

    def _call(self, request: requests.Request, statuses: Collection[int], content_types: Collection[str]) -> Answer:
        fault, started, named, log = "", self._monotonic(), None, structlog.get_logger(__name__)
        try:
            seconds = time_limit.left(self._limits.total, spare=_SPARE)
            with self._circuits[request.method].attempt(), self._calls.named(self._register) as traceparent:
                named = trace_id_of(traceparent)
                request.headers["traceparent"] = traceparent
                answer = self._in_time(request, statuses, content_types, seconds)
            if answer.status in statuses:
                self._tell("answered", started)
                log.debug("register_called", register=self._register, status=answer.status, call_trace=named)
                return answer
            fault = f"status {answer.status}"
        except (OutOfTimeError, RegisterUnavailableError) as error:
            fault = str(error)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            # Such exceptions hold the request and their texts its URL: only the kind goes on, and nothing is chained.
            fault = type(error).__name__
        self._tell("failed", started)
        log.warning("register_unavailable", register=self._register, fault=fault, call_trace=named)
        raise RegisterUnavailableError(f"{self._register}: {fault}")

    def _tell(self, outcome: str, started: float) -> None:
        self._observer.call(self._register, outcome, self._monotonic() - started)
        self._tell_circuits()

    def _tell_circuits(self) -> bool:
        failing = any(circuit.open for circuit in self._circuits.values())
        self._observer.circuit(self._register, is_open=failing)
        return failing

    def _in_time(
        self, request: requests.Request, statuses: Collection[int], content_types: Collection[str], seconds: float
    ) -> Answer:
        """One call. One that has less than half its time, and uses that up, says nothing against the register."""
        started = self._monotonic()
        try:
            return self._exchange(request, statuses, content_types, seconds)
        except Exception:
            if seconds >= self._limits.total / 2 or self._monotonic() - started < seconds * _ALMOST:
                raise
        raise OutOfTimeError("too little time was left to ask")

    def _exchange(
        self, request: requests.Request, statuses: Collection[int], content_types: Collection[str], seconds: float
    ) -> Answer:
        """A refusal (4xx) is an answer too: it says nothing against the register's health."""
        started = self._monotonic()
        prepared = request.prepare()
        prepared.headers["User-Agent"] = "VAD"
        prepared.headers["Accept"] = ", ".join(content_types) or "*/*"
        prepared.headers["Accept-Encoding"] = "identity"  # nothing that grows on unpacking
        if not self._free.acquire(timeout=seconds):
            raise RegisterUnavailableError("too many calls under way")
        try:
            left = seconds - (self._monotonic() - started)
            # urllib3's own object, which requests passes on: the only one that knows a total.
            timeout: Any = Timeout(connect=min(self._limits.connect, left), total=left)
            response = self._adapter.send(prepared, stream=True, timeout=timeout, verify=self._verify)
            try:
                status = response.status_code
                if status not in statuses and _refusal(status):
                    return Answer(status, b"")
                if status in statuses and not content_types:
                    return Answer(status, b"")
                content_type = self._check(response, statuses, content_types)
                body = self._body(response)
            finally:
                response.close()
        finally:
            self._free.release()
        return Answer(status, body, _json(body) if content_type.endswith("json") else None)

    def _check(self, response: requests.Response, statuses: Collection[int], content_types: Collection[str]) -> str:
        if response.status_code not in statuses:
            raise RegisterUnavailableError(f"status {response.status_code}")
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if content_type not in content_types:
            raise RegisterUnavailableError("another content type")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise RegisterUnavailableError("an encoded answer")
        return content_type

    def _body(self, response: requests.Response) -> bytes:
        pieces = bytearray()
        for piece in response.iter_content(_PIECE):
            pieces += piece
            if len(pieces) > self._limits.size:
                raise RegisterUnavailableError("too large an answer")
        return bytes(pieces)


def _refusal(status: int) -> bool:
    return status < _SERVER_ERROR and status not in {_TOO_MANY_REQUESTS, _REQUEST_TIMEOUT}


def _json(body: bytes) -> Any:
    try:
        return strict_json.parse(body)
    except ValueError as error:
        raise RegisterUnavailableError(str(error)) from None
