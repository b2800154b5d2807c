"""How sandbox programs are served, and the faults that every one of them can be told to show."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from vad.sandbox import faults
from vad.sandbox.errors import PortTakenError, SandboxError
from vad.sandbox.persons import Person
from vad.sandbox.ports import free_port
from vad.sandbox.serving import build, serve

ROOT = Path(__file__).parents[2]


@pytest.fixture
def program() -> Iterator[str]:
    """Give the address of a program with faults."""
    app = Flask("program")
    own = faults.install(app, ["own"])
    app.add_url_rule("/a", view_func=lambda: own.mode_for("/a"))
    app.add_url_rule("/b", "b", lambda: "b")
    app.add_url_rule("/healthz", "healthz", lambda: {"status": "ok"})
    with serve(app) as base:
        yield base


def fault(program: str, **body: Any) -> requests.Response:
    """Set a fault."""
    return requests.post(f"{program}/control/faults", json=body, timeout=10)


def test_broken_answers(program: str) -> None:
    """error500, garbage and close: a status, nonsense, and no answer at all; health and control stay reachable."""
    fault(program, mode="error500")
    assert requests.get(f"{program}/a", timeout=10).status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert requests.get(f"{program}/healthz", timeout=10).json() == {"status": "ok"}
    fault(program, mode="garbage")
    with pytest.raises(requests.JSONDecodeError):
        requests.get(f"{program}/a", timeout=10).json()
    fault(program, mode="close")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{program}/a", timeout=10)
    assert fault(program, mode="ok").status_code == HTTPStatus.OK
    assert requests.get(f"{program}/a", timeout=10).text == "ok"


def test_hang_is_an_answer_that_comes_late(program: str) -> None:
    """A client with less patience times out; the answer itself is right; a new fault ends the waiting."""
    fault(program, mode="hang", seconds=0.3)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{program}/b", timeout=0.05)
    before = time.monotonic()
    assert requests.get(f"{program}/b", timeout=10).text == "b"
    assert time.monotonic() - before >= 0.29


def test_faults_touch_chosen_endpoints_and_end(program: str) -> None:
    """`endpoints` limits where, `times` how often; a program's own modes are its own to show."""
    fault(program, mode="error500", endpoints=["/b"], times=2)
    assert requests.get(f"{program}/a", timeout=10).text == "ok"
    statuses = [requests.get(f"{program}/b", timeout=10).status_code for _ in range(3)]
    assert statuses == [500, 500, 200]
    fault(program, mode="own", times=1)
    assert [requests.get(f"{program}/a", timeout=10).text for _ in range(2)] == ["own", "ok"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mode": "unknown"},
        {"mode": "hang", "seconds": 31},
        {"mode": "hang", "seconds": -1},
        {"mode": "hang", "seconds": "1"},
        {"mode": "ok", "extra": 1},
        {"mode": "ok", "endpoints": "/a"},
        {"mode": "ok", "times": 0},
    ],
)
def test_nonsense_faults_are_refused(program: str, body: dict[str, Any]) -> None:
    """A hang is at most 30 seconds, and nothing is set by a request that makes no sense."""
    assert fault(program, **body).status_code == HTTPStatus.BAD_REQUEST


def test_faults_are_set_by_json_posts_alone(program: str) -> None:
    """No form of a web page and no link can break a program."""
    url = f"{program}/control/faults"
    assert requests.post(url, data={"mode": "error500"}, timeout=10).status_code == HTTPStatus.BAD_REQUEST
    assert requests.post(url, data=b'{"mode":"error500"}', timeout=10).status_code == HTTPStatus.BAD_REQUEST
    assert requests.get(url, timeout=10).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_taken_port_is_told(program: str) -> None:
    """Somebody else on the port is an error that says so; nothing is printed and nobody exits."""
    with pytest.raises(PortTakenError, match="is taken"), serve(Flask("other"), int(program.rpartition(":")[2])):
        pass


def test_no_version_is_told(program: str) -> None:
    """The Server header names no library."""
    assert requests.get(f"{program}/b", timeout=10).headers["Server"] == "sandbox"


def test_unknown_program_and_wrong_configuration_are_told() -> None:
    """One line for whoever starts it: which program, which field."""
    with pytest.raises(SandboxError, match="there is no program"):
        build("unknown", {})
    with pytest.raises(SandboxError, match="brp: api_key must be a text"):
        build("brp", {"persons": []})


def start(folder: Path, name: str, config: Any) -> subprocess.Popen[str]:
    """Start a program as a process of its own."""
    path = folder / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "vad.sandbox.serving", name, str(path)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=os.environ | {"TZ": "UTC"})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_process_serves_and_stops_cleanly(tmp_path: Path, persons: tuple[Person, ...], number: signal.Signals) -> None:
    """A program runs from its configuration file and stops with status 0; its log holds no query string."""
    port = free_port()
    config = {"port": port, "api_key": "k", "persons": [person.to_json() for person in persons]}
    with start(tmp_path, "brp", config) as process:
        session = requests.Session()
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=_until_it_listens()))
        with session:
            url = f"http://localhost:{port}/healthz"
            assert session.get(url, params={"bsn": "999991772"}, timeout=20).json() == {"status": "ok"}
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == "GET /healthz 200\n"


@pytest.mark.parametrize("config", [[], {}, {"port": 0}, {"port": True}, {"port": 70000}])
def test_process_without_a_usable_file_says_why(tmp_path: Path, config: Any) -> None:
    """Status 1 and one line."""
    with start(tmp_path, "brp", config) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors.count("\n") == 1
    assert "Traceback" not in errors


def _until_it_listens() -> Any:
    """Retry refused connections for some seconds, which is how a client waits for a program to be there."""
    return requests.adapters.Retry(total=12, backoff_factor=0.05, backoff_max=1)
