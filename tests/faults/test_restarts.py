"""`vad serve` is reloaded and stopped under load: whoever keeps their connections open notices nothing."""

import logging
import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from gunicorn.config import Config

from tests.faults.serving import Load, Start
from tests.faults.test_slow_clients import GET, connection_to
from tests.support.own_stores import Stores
from vad import wsgi
from vad.bootstrap import running

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("server", "told"), [("gunicorn", {"200", "400"}), ("granian", {"200", "400", "ConnectionError"})]
)
def test_a_reload_takes_up_settings_and_loses_no_request(
    start: Start, tmp_path: Path, server: str, told: set[str]
) -> None:
    """SIGHUP: new processes with the new settings, and not one request fails on either kind of connection.

    Granian may reset connections to the process that leaves; it answers nothing wrong.
    """
    folder = tmp_path / "more"
    folder.mkdir()
    served = start(server, folder)
    before = served.workers()
    assert requests.get(f"{served.address}/metrics", timeout=10).status_code == 404
    (folder / "metrics.toml").write_text('[metrics]\ntoken = "shown after the reload"\n')
    with Load(served.address).running() as load:
        served.until(load.many())
        served.child.signal(signal.SIGHUP)
        served.until(lambda: not before & served.workers() and len(served.workers()) == 2)
        served.until(load.many())
    assert {"200", "400"} <= set(load.answers) <= told, load.answers
    assert requests.get(f"{served.address}/metrics", timeout=10).status_code == 401


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_a_reload_that_can_not_work_changes_nothing(start: Start, tmp_path: Path, server: str) -> None:
    """Settings with a fault are tried in a process of their own: it says what is wrong, and all goes on as before.

    Who tells it to stop meanwhile is heard.
    """
    folder = tmp_path / "more"
    folder.mkdir()
    served = start(server, folder)
    before = served.workers()
    (folder / "wrong.toml").write_text("[limits]\ntoken_per_client = 0\n")
    with Load(served.address).running() as load:
        served.child.signal(signal.SIGHUP)
        served.until(lambda: "reload_refused" in served.child.log.read_text())
        served.until(load.many())
    assert set(load.answers) == {"200", "400"}, load.answers
    assert served.workers() == before, served.child.last_words(40)
    assert "limits.token_per_client" in served.child.log.read_text()
    (folder / "wrong.toml").unlink()
    served.child.signal(signal.SIGHUP)
    served.until(lambda: not before & served.workers() and len(served.workers()) == 2)
    served.until(lambda: served.ready() == 200)
    after = served.workers()
    (folder / "wrong.toml").write_text("[limits]\ntoken_per_client = 0\n")
    served.child.signal(signal.SIGHUP)
    served.until(lambda: after < served.workers())
    served.child.signal(signal.SIGTERM)
    assert served.child.wait(45.0), served.child.last_words(40)
    assert served.child.log.read_text().count("reload_refused") == 2


def test_a_trial_that_does_not_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that are read from something that hangs replace nothing, and gunicorn minds its processes again."""
    monkeypatch.setattr(running, "_LONGEST_TRIAL", 0.2)
    monkeypatch.setattr(running, "_trial_of", lambda _factory: "import time; time.sleep(60)")
    server = SimpleNamespace(app=SimpleNamespace(app_uri=running.WEB), log=logging.getLogger(__name__), cfg=Config())
    begun = time.monotonic()
    wsgi.on_reload(server)
    assert time.monotonic() - begun < 30.0
    assert server.cfg.workers == 0


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_stopping_is_announced_and_loses_no_request(start: Start, server: str) -> None:
    """SIGTERM: `/readyz` says 503 while everything is answered; who leaves by then has lost nothing."""
    served = start(server, VAD__HTTP__STOP_DELAY="3")
    with Load(served.address).running() as load:
        served.until(load.many())
        served.child.signal(signal.SIGTERM)
        told = time.monotonic()
        served.until(lambda: served.ready() == 503)
        assert requests.get(f"{served.address}/readyz", timeout=10).json() == {"status": "stopping"}
        assert requests.get(f"{served.address}/healthz", timeout=10).status_code == 200
        served.until(load.many())
    assert set(load.answers) == {"200", "400"}, load.answers
    assert served.child.wait(20.0), served.child.last_words()
    assert time.monotonic() - told > 2.5
    served.child.stop()
    assert served.child.status == 0


def test_stopping_without_a_delay_ends_what_was_begun(start: Start) -> None:
    """Without the setting it stops at once: what is on its way is answered, and then nobody is let in."""
    served = start()
    with requests.Session() as session:
        assert session.get(f"{served.address}/jwks", timeout=10).status_code == 200
        served.child.signal(signal.SIGTERM)
        last = session.get(f"{served.address}/jwks", timeout=10)
        assert last.status_code == 200
    assert served.child.wait(15.0), served.child.last_words()
    assert served.ready() is None


def test_a_request_that_is_on_its_way_at_the_stop_is_answered(start: Start) -> None:
    """On connections that were let in before and said nothing yet; who goes on saying nothing holds up nobody."""
    served = start()
    silent, *others = [connection_to(served) for _ in range(5)]
    # They are let in in turn: once this is answered, so are all of those.
    assert requests.get(f"{served.address}/jwks", timeout=10).status_code == 200
    served.child.signal(signal.SIGTERM)
    served.until(lambda: "Handling signal: term" in served.child.log.read_text())
    silent.settimeout(0.5)
    with pytest.raises(TimeoutError):
        silent.recv(1)
    for each in others:
        each.sendall(GET)
    for each in others:
        each.settimeout(10.0)
        with each:
            assert each.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
    with silent:
        assert served.child.wait(8.0), served.child.last_words()


def test_a_process_killed_while_a_store_is_away_comes_back(start: Start, stores: Stores) -> None:
    """What once worked is tried again: the others serve on, and with the store everything returns."""
    served = start()
    served.until(lambda: served.child.log.read_text().count("process_ready") == 2)
    first = min(served.workers())
    stores.postgres.stop()
    os.kill(first, signal.SIGKILL)
    served.until(lambda: "cannot_start" in served.child.log.read_text())
    assert requests.get(f"{served.address}/healthz", timeout=10).status_code == 200
    stores.postgres.start()
    served.until(lambda: served.child.log.read_text().count('"Booting worker') >= 3)
    served.until(lambda: all(served.ready() == 200 for _ in range(8)) and len(served.workers()) == 2)
