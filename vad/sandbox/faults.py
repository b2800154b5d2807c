"""Making a sandbox program slow, down or nonsensical at run time, so that its clients' behaviour can be proved.

`POST /control/faults` with JSON `{"mode": "hang", "seconds": 5, "endpoints": ["/token"], "times": 1}`:

- `ok` ends the fault;
- `hang` waits `seconds` (at most 30) and then answers as usual;
- `error500` answers 500, `garbage` answers 200 with bytes that mean nothing, `close` ends the connection unanswered;
- other modes are the program's own, and read by it with `mode_for`.

Without `endpoints` the fault touches every path but `/control/` and `/healthz`; without `times` it stays until changed.
"""

import json
import socket
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from threading import Condition
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONGEST_HANG = 30.0
_WIRE_MODES = ("hang", "error500", "garbage", "close")
_FIELDS = {"mode", "seconds", "endpoints", "times"}
_GARBAGE = b"\x00\xff<not {json at all"


@dataclass(frozen=True)
class Fault:
    """What goes wrong: a mode, the paths it touches (empty: all) and how often it still happens (None: always)."""

    mode: str = "ok"
    seconds: float = 0.0
    endpoints: tuple[str, ...] = ()
    times: int | None = None

    def touches(self, path: str) -> bool:
        """Tell whether a request for `path` meets this fault."""
        return self.mode != "ok" and (path in self.endpoints or not self.endpoints)


class Faults:
    """The fault that one program shows now. All threads of the program share it."""

    def __init__(self, own_modes: Collection[str] = ()) -> None:
        self._own_modes = frozenset(own_modes)
        self._fault = Fault()
        self._changed = Condition()

    def parse(self, raw: Any) -> Fault | None:
        """Return the fault that a control request describes, or None when it makes no sense."""
        if not isinstance(raw, dict) or not {"mode"} <= set(raw) <= _FIELDS:
            return None
        mode, seconds, times = raw["mode"], raw.get("seconds", LONGEST_HANG), raw.get("times")
        endpoints = raw.get("endpoints", [])
        if mode not in {"ok", *_WIRE_MODES, *self._own_modes}:
            return None
        if type(seconds) not in (int, float) or not 0 <= seconds <= LONGEST_HANG:
            return None
        if not isinstance(endpoints, list) or not all(isinstance(path, str) for path in endpoints):
            return None
        if times is not None and (type(times) is not int or times < 1):
            return None
        return Fault(mode, float(seconds), tuple(endpoints), times)

    def set(self, fault: Fault) -> None:
        """Show `fault` from now on; requests that hang under the former one go on at once."""
        with self._changed:
            self._fault = fault
            self._changed.notify_all()

    def mode_for(self, path: str) -> str:
        """Return the program's own mode for this request, counting it, or "ok"."""
        fault = self._take(path, self._own_modes)
        return fault.mode if fault else "ok"

    def wire_fault(self, path: str) -> Fault | None:
        """Return the fault on the wire that this request meets, counting it, or None."""
        return self._take(path, _WIRE_MODES)

    def hang(self, fault: Fault) -> None:
        """Wait as long as `fault` says, or until another fault is set."""
        with self._changed:
            before = self._fault
            self._changed.wait_for(lambda: self._fault is not before, timeout=min(fault.seconds, LONGEST_HANG))

    def _take(self, path: str, modes: Collection[str]) -> Fault | None:
        with self._changed:
            fault = self._fault
            if fault.mode not in modes or not fault.touches(path):
                return None
            if fault.times is not None:
                self._fault = (
                    Fault(fault.mode, fault.seconds, fault.endpoints, fault.times - 1) if fault.times > 1 else Fault()
                )
            return fault


def install(app: Flask, own_modes: Collection[str] = ()) -> Faults:
    """Give `app` its `/control/faults` and return the faults, of which `own_modes` are for the app itself to show."""
    faults = Faults(own_modes)

    @app.post("/control/faults")
    def set_faults() -> tuple[Response, int]:
        # JSON only: a form on somebody's web page cannot send it, and a script there would have to ask first.
        fault = faults.parse(request.get_json(silent=True)) if request.mimetype == "application/json" else None
        if fault is None:
            return jsonify(error="not a fault that this program knows"), 400
        faults.set(fault)
        return jsonify(mode=fault.mode, seconds=fault.seconds, endpoints=list(fault.endpoints), times=fault.times), 200

    app.wsgi_app = _Faulty(app.wsgi_app, faults)  # type: ignore[method-assign]
    return faults


class _Faulty:
    """WSGI middleware: outside Flask, because a connection that just closes is no answer that Flask could give."""

    def __init__(self, inner: "WSGIApplication", faults: Faults) -> None:
        self._inner = inner
        self._faults = faults

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        spared = path.startswith("/control/") or path == "/healthz"
        fault = None if spared else self._faults.wire_fault(path)
        if fault is None:
            return self._inner(environ, start_response)
        if fault.mode == "hang":
            self._faults.hang(fault)
            return self._inner(environ, start_response)
        if fault.mode == "close":
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError
        if fault.mode == "error500":
            body, status, content_type = json.dumps({"title": "broken"}).encode(), "500 BROKEN", "application/json"
        else:
            body, status, content_type = _GARBAGE, "200 OK", "application/json"
        start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
        return [body]
