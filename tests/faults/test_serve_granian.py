"""`vad serve --server granian` as a process: the same application, the same limits, logs and way of stopping."""

import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from tests.support.own_stores import Stores
from tests.support.town import Town
from vad.cli import serve as serve_command
from vad.sandbox.child import Child, Program
from vad.sandbox.demo.configuration import DEFAULTS, PROJECT
from vad.sandbox.demo.programs import environment
from vad.sandbox.ports import free_port
from vad.web.routes import LONGEST_TARGET


@pytest.mark.slow
def test_the_same_application(vad_town: Town, stores: Stores, tmp_path: Path) -> None:
    """It answers, refuses what is too long with our own page, logs JSON without addresses, and ends at SIGTERM."""
    port = free_port()
    arguments = (sys.executable, "-c", "from vad.cli.main import main; main()", "serve", "--server", "granian")
    known = environment((DEFAULTS, vad_town.state.configuration))
    child = Child(
        Program(
            arguments=(*arguments, "--bind", f"127.0.0.1:{port}", "--workers", "1"),
            log=tmp_path / "serve.log",
            environment=known,
            directory=PROJECT,
        )
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(child, address)
        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda _: requests.get(f"{address}/jwks", timeout=10).status_code, range(40)))
        assert statuses == [200] * 40
        assert requests.get(f"{address}/hulp?x=".ljust(LONGEST_TARGET + 100, "x"), timeout=10).status_code == 414
        assert requests.post(f"{address}/token", data={"grant_type": "secret"}, timeout=10).status_code in {400, 401}
        assert requests.get(f"{address}/nowhere?code=secret", timeout=10).status_code == 404
        child.signal(signal.SIGTERM)
        assert child.wait(20), child.last_words()
    finally:
        child.stop()
    assert child.status == 0
    text = child.log.read_text()
    assert "secret" not in text
    assert all(line.startswith("{") for line in text.splitlines()), text


def _wait(child: Child, address: str) -> None:
    for _ in range(150):
        assert not child.wait(0.2), child.last_words()
        try:
            if requests.get(f"{address}/healthz", timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            continue
    pytest.fail("\n".join(child.last_words()))


def test_without_the_package_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """One plain line that says what to install, and no traceback."""
    monkeypatch.setattr(serve_command, "find_spec", lambda _name: None)
    result = CliRunner().invoke(serve_command.serve, ["--server", "granian"])
    assert result.exit_code == 1
    assert "granian is not installed" in result.output
    assert "Traceback" not in result.output
