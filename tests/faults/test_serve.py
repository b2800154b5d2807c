"""`vad serve` as a process: a real gunicorn, its log, and the limit on what it is asked."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.own_stores import Stores
from tests.support.town import Town
from vad.adapters.metrics_files import FOLDER
from vad.sandbox.child import Child, Program
from vad.sandbox.demo.configuration import DEFAULTS, PROJECT
from vad.sandbox.demo.programs import environment
from vad.sandbox.ports import free_port
from vad.web.routes import LONGEST_TARGET

pytestmark = pytest.mark.slow
_PATIENCE = 30.0


def begin(town: Town, folder: Path, port: int, **more: str) -> Child:
    """Start it."""
    arguments = (sys.executable, "-c", "from vad.cli.main import main; main()", "serve", "--bind", f"127.0.0.1:{port}")
    known = environment((DEFAULTS, town.state.configuration)) | more
    return Child(Program(arguments=arguments, log=folder / "serve.log", environment=known, directory=PROJECT))


@pytest.fixture
def served(vad_town: Town, stores: Stores, tmp_path: Path) -> Iterator[tuple[str, Child]]:
    """Give the address of a running one, and its process."""
    port = free_port()
    child = begin(vad_town, tmp_path, port)
    for _ in range(int(_PATIENCE / 0.1)):
        if '"Booting worker' in child.log.read_text():
            break
        assert not child.wait(0.1), child.last_words()
    yield f"http://127.0.0.1:{port}", child
    child.stop()


def log(child: Child) -> list[dict[str, object]]:
    """Every line that it wrote: each must be a JSON object."""
    return [dict(json.loads(line)) for line in child.log.read_text().splitlines()]


def test_every_line_is_json(served: tuple[str, Child]) -> None:
    """From starting to stopping: gunicorn's lines, ours, and those about requests that nobody can read."""
    address, child = served
    assert requests.get(f"{address}/nowhere?code=secret", timeout=10).status_code == 404
    an_address_that_is_too_long_gets_our_page(address)
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"G{T /?code=secret HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 400 " in connection.recv(1024)
    child.stop()
    lines = log(child)
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
    events = [str(line["event"]) for line in lines]
    for said in ("Starting gunicorn", "Listening at: http://127.0.0.1:", "page_error", "Invalid request", "Shutting"):
        assert any(event.startswith(said) for event in events), said
    assert "secret" not in child.log.read_text()


def an_address_that_is_too_long_gets_our_page(address: str) -> None:
    """Up to the limit all is well; beyond it comes our own page, in the person's language, with a code."""
    fits = "/hulp?x=".ljust(LONGEST_TARGET, "x")
    assert requests.get(address + fits, timeout=10).status_code == 200
    for length in (LONGEST_TARGET + 1, 2 * LONGEST_TARGET, 6 * LONGEST_TARGET):
        for language, words in (("nl", "Het adres is te lang"), ("en", "The address is too long")):
            target = f"/authorize?taal={language}&x=".ljust(length, "x")
            answer = requests.get(address + target, timeout=10)
            assert answer.status_code == 414
            assert words in answer.text
            assert "Code: " in answer.text
    assert requests.get(f"{address}/{'x' * LONGEST_TARGET}", timeout=10).status_code == 414


def test_what_can_not_start_says_why(vad_town: Town, stores: Stores, tmp_path: Path) -> None:
    """A store that is away: one clear line without a password among gunicorn's own, and a bad exit status."""
    stores.postgres.stop()
    child = begin(vad_town, tmp_path, free_port())
    try:
        assert child.wait(_PATIENCE)
    finally:
        child.stop()
        stores.postgres.start()
    assert child.status not in {0, None}
    reasons = {str(line["reason"]) for line in log(child) if line["event"] == "cannot_start"}
    assert len(reasons) == 1
    assert "PostgreSQL" in reasons.pop()


def test_one_process_says_that_none_can_start(tmp_path: Path) -> None:
    """Gunicorn falls over when a second one says so while it stops, so of all that fail only one does."""
    known = os.environ | {FOLDER: str(tmp_path), "VAD_CONFIG": str(tmp_path / "nowhere")}
    command = [sys.executable, "-c", "from vad.wsgi import create_application; create_application()"]
    started = [subprocess.Popen(command, env=known, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert sorted(process.wait(_PATIENCE) for process in started) == [1, 1, 3]
