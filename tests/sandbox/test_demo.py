"""The whole demo: it starts, walks, keeps its data, tells of what goes wrong, and leaves nothing behind."""

import os
import re
import signal
import socket
import stat
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from joserfc.jwk import RSAKey

from tests.sandbox.certified_app import CertifiedApp
from tests.sandbox.demo_process import (
    COMMAND,
    PROJECT,
    RunningDemo,
    environment,
    read_until,
    started,
    state_folder,
)
from tests.support.ministry import DvpProxy
from tests.support.ministry_robot import log_in, whole_journey
from vad.sandbox.demo.layout import NAMES, OF_TLS, Layout
from vad.sandbox.demo.ministry import NAME as MINISTRY
from vad.sandbox.outgoing import new_session
from vad.sandbox.ports import free_range, is_free

_STARTED = ("postgres", "redis", "vad", "admin")


@pytest.fixture
def state() -> Iterator[Path]:
    """Give a folder for the demo's state."""
    with state_folder() as folder:
        yield folder


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=PROJECT, env=environment(), capture_output=True, text=True, check=False
    )


def _command_of(document: str) -> list[str]:
    """The options of `vad demo` in the first such command of a document."""
    told = re.search(r'^make demo ARGS="([^"]+)"$', (PROJECT / document).read_text("utf-8"), re.MULTILINE)
    assert told is not None
    return told[1].split()


def _as_the_ministry(told: dict[str, Any]) -> None:
    """The robot logs in by the pages that are played, for the DVP proxy as it is known there."""
    with requests.Session() as robot, requests.Session() as http:
        whole_journey(robot, told["address"], _proxy(told, http))


def _as_the_ministry_over_https(demo: RunningDemo, front: int) -> None:
    """By the pages that are played, and with no other CA than that of the demo: everything that is told is https."""
    told = demo.description["ministry"]
    assert told["address"] == f"https://localhost:{front}"
    with new_session() as robot, new_session() as http:
        robot.verify = http.verify = demo.description["ca_file"]
        proxy = _proxy(told, http)
        known = proxy.discovered()
        assert all(known[name].startswith("https://") for name in known if name.endswith(("_endpoint", "_uri")))
        asked = proxy.ask()
        tokens = proxy.redeem(asked, log_in(robot, told["address"], asked))
        assert tokens.status_code == 200, tokens.text
        person = proxy.userinfo(tokens.json()["access_token"]).json()
        assert person["person"]["name"]["full_name"] == "Frouke Jansen"
        assert "auth_session" in {cookie.name for cookie in robot.cookies}
        assert all(cookie.secure for cookie in robot.cookies)


def _proxy(told: dict[str, Any], http: requests.Session) -> DvpProxy:
    """The DVP proxy as the demo says that it is known."""
    key = RSAKey.import_key(told["private_key"])
    return DvpProxy(told["address"], told["client_id"], key, "http://localhost:8801/oidc/callback", http)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_demo_from_its_first_start_to_its_last_day(state: Path, tmp_path: Path) -> None:
    """Ctrl-C stops everything, a second start keeps the data, kill -9 leaves nothing, a dead part is told.

    The first has TLS, and the quick start of an app with a certificate goes through it. The clients of the ministry
    are in the first and the second.
    """
    layout = Layout.free(tls=True)
    mine = (
        '[service]\nprofiles = "nlgov, fapi2, ministry"\n[[clients]]\nclient_id = "pgo-demo"\nname = "Another name"\n'
    )
    (tmp_path / "mine.toml").write_text(mine)
    certified = CertifiedApp.registered(tmp_path / "reader")
    laid_over = ["--config", str(certified.overlay), "--config", str(tmp_path)]
    front = free_range(2, lowest=30000)

    with started(state, layout, "--tls", "--ministry", str(front), *laid_over) as demo:
        assert stat.S_IMODE(demo.file.stat().st_mode) == 0o600
        assert demo.description["base_port"] == layout.base
        assert demo.description["addresses"] == layout.addresses()
        wanted = {*NAMES.values(), "VAD worker", OF_TLS["tls"], MINISTRY} - {"mail server"}
        assert set(demo.description["pids"]) == wanted, "the post box has that"
        assert _forks(demo) == wanted - {NAMES[key] for key in _STARTED} - {"VAD worker", OF_TLS["tls"]}
        names = ["Another name", "Gezond Bij De Hand", "VAD test client", "DVP proxy client", "My Certified App"]
        assert [client["name"] for client in demo.description["clients"]] == names
        assert demo.description["clients"][0]["private_key"]["d"]
        assert demo.description["test_persons"][0]["bsn"] == "999991772"
        assert any("999991772" in line and "Frouke Jansen" in line for line in demo.lines)
        for arguments in (["--reset"], ["--port", str(layout.base)]):
            refused = _run("--state", str(state), *arguments)
            assert refused.returncode == 1
            assert f"a demo is running in {state} (process {demo.process.pid})" in refused.stderr
        assert demo.description["ca_file"] == str(state / "tls" / "ca.pem")
        assert certified.printed(layout, state) == certified.promised
        _every_signing_key_is_certified(layout, state)
        _as_the_ministry_over_https(demo, front)
        demo.ask("migrate_url", "CREATE TABLE kept AS SELECT 'still here' AS text")
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(60) == 0
        assert demo.nothing_is_left()
    assert all(map(is_free, layout.ports()))
    layout = Layout(layout.base)
    assert not (state / "demo.json").exists()

    # The second time as docs/ministry.md has it, at a port of this test's.
    words = _command_of("docs/ministry.md")
    with started(state, layout, *words, str(free_range(2))) as demo:
        assert demo.ask("migrate_url", "SELECT text FROM kept") == [("still here",)]
        _as_the_ministry(demo.description["ministry"])
        demo.process.kill()
        assert demo.nothing_is_left()

    with started(state, layout) as demo:
        assert demo.ask("migrate_url", "SELECT text FROM kept") == [("still here",)]
        os.kill(demo.description["pids"]["VAD worker"], signal.SIGKILL)
        told = read_until("VAD worker ended by itself", demo.process)
        assert told[-1].startswith('Error: VAD worker ended by itself: {"event":"worker_ready",')
        assert demo.process.wait(60) == 1
        assert demo.nothing_is_left()

    assert _run("--state", str(state), "--reset").returncode == 0
    assert not state.exists()


def _forks(demo: RunningDemo) -> set[str]:
    """Which of its programs are forks of the demo: those have its command line. Nothing else tells that they are."""
    own, *others = (
        Path(f"/proc/{pid}/cmdline").read_bytes() for pid in (demo.process.pid, *demo.description["pids"].values())
    )
    return {name for name, line in zip(demo.description["pids"], others, strict=True) if line == own}


def _every_signing_key_is_certified(layout: Layout, state: Path) -> None:
    """By the authority that stands for PKIoverheid; the next ones too."""
    with new_session() as session:
        session.verify = str(state / "tls" / "ca.pem")
        keys = session.get(f"{layout.address('vad')}/jwks", timeout=20).json()["keys"]
    root = x509.load_pem_x509_certificate((state / "tls" / "signing.pem").read_bytes())
    roots = [x509.load_der_x509_certificate(b64decode(key["x5c"][-1])) for key in keys if key["use"] == "sig"]
    assert roots == [root] * 6


@pytest.mark.timeout(300)
def test_the_check_walks_the_main_job_over_tls_and_leaves_nothing(state: Path) -> None:
    """Every step is told and went well, at https addresses alone; the status is 0. Without TLS others walk."""
    checked = _run("--tls", "--check", "--state", str(state))
    steps = [line for line in checked.stdout.splitlines() if line[:1] in "✓✗"]
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert len(steps) == 49
    assert all(step.startswith("✓") for step in steps)
    assert not (state / "demo.json").exists()


def test_a_taken_port_is_told_before_anything_is_made(state: Path) -> None:
    """One line, with the port and the program that needs it."""
    layout = Layout.free()
    with socket.create_server(("127.0.0.1", layout.port("gp"))):
        refused = _run("--state", str(state), "--port", str(layout.base))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Error: port {layout.port('gp')}, needed by GP, is taken")
    assert len(refused.stderr.splitlines()) == 1
    assert not (state / "postgres").exists()
