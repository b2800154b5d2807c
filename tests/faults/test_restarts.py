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

from tests.faults.serving import Load, Served, Start
from tests.faults.test_slow_clients import GET, connection_to
from tests.support.own_stores import Stores
from vad import wsgi
from vad.bootstrap import running

pytestmark = pytest.mark.slow

_WRONG = "[limits]\ntoken_per_client = 0\n"
_DELAY = 3.0
"""Seconds of `http.stop_delay`."""
_RELOADS = 120.0
"""Seconds within which all processes are replaced: one after another, each after as long as the trial took."""


@pytest.mark.timeout(360)
@pytest.mark.parametrize(
    ("server", "told"), [("gunicorn", {"200", "400"}), ("granian", {"200", "400", "ConnectionError"})]
)
def test_reloads_and_the_stop_lose_no_request(start: Start, tmp_path: Path, server: str, told: set[str]) -> None:
    """From its start to its end: a reload that can't work, one that can, and a stop in the midst of a third.

    Granian may reset connections to the processes that leave at a reload; it answers nothing wrong.
    """
    folder = tmp_path / "more"
    folder.mkdir()
    # After a reload that was refused gunicorn waits so long for its old processes to leave, though they stay.
    settings = {"VAD__HTTP__STOP_DELAY": str(_DELAY), "GUNICORN_CMD_ARGS": "--graceful-timeout 3"}
    served = start(server, folder, **settings)
    a_reload_that_can_not_work_changes_nothing(served, folder)
    a_reload_takes_up_settings(served, folder, told)
    stopping_is_announced(served, folder)


def a_reload_that_can_not_work_changes_nothing(served: Served, folder: Path) -> None:
    """Settings with a fault are tried in a process of their own: it says what is wrong, and all goes on as before."""
    before = served.workers()
    (folder / "wrong.toml").write_text(_WRONG)
    with Load(served.address).running() as load:
        served.child.signal(signal.SIGHUP)
        served.until(lambda: "reload_refused" in served.child.log.read_text())
        served.until(load.many())
    assert set(load.answers) == {"200", "400"}, load.answers
    assert served.workers() == before, served.child.last_words(40)
    assert "limits.token_per_client" in served.child.log.read_text()
    (folder / "wrong.toml").unlink()


def a_reload_takes_up_settings(served: Served, folder: Path, told: set[str]) -> None:
    """SIGHUP: new processes with the new settings, and not one request fails on either kind of connection."""
    before = served.workers()
    assert requests.get(f"{served.address}/metrics", timeout=10).status_code == 404
    (folder / "metrics.toml").write_text('[metrics]\ntoken = "shown after the reload"\n')
    with Load(served.address).running() as load:
        served.child.signal(signal.SIGHUP)
        served.until(lambda: not before & served.workers() and len(served.workers()) == 2, _RELOADS)
        served.until(load.many())
    assert {"200", "400"} <= set(load.answers) <= told, load.answers
    assert requests.get(f"{served.address}/metrics", timeout=10).status_code == 401
    served.until(lambda: served.ready() == 200)


def stopping_is_announced(served: Served, folder: Path) -> None:
    """SIGTERM, heard while new settings are tried: `/readyz` says 503 while everything is answered, and then it ends.

    Who leaves by then has lost nothing.
    """
    before = served.workers()
    (folder / "wrong.toml").write_text(_WRONG)
    with Load(served.address).running() as load:
        served.until(load.many())
        served.child.signal(signal.SIGHUP)
        served.until(lambda: before < served.workers())
        served.child.signal(signal.SIGTERM)
        told = time.monotonic()
        served.until(lambda: served.ready() == 503)
        assert requests.get(f"{served.address}/readyz", timeout=10).json() == {"status": "stopping"}
        assert requests.get(f"{served.address}/healthz", timeout=10).status_code == 200
        served.until(load.many(30))
    assert set(load.answers) == {"200", "400"}, load.answers
    assert served.child.wait(45.0), served.child.last_words(40)
    assert time.monotonic() - told > _DELAY - 0.5
    served.child.stop()
    assert served.child.status == 0
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


def test_a_process_comes_back_and_a_stop_ends_what_was_begun(start: Start, stores: Stores) -> None:
    """Killed while a store is away, and told to stop without a delay: what was let in is answered, then nobody is."""
    served = start()
    a_process_killed_while_a_store_is_away_comes_back(served, stores)
    stopping_without_a_delay_ends_what_was_begun(served)


def a_process_killed_while_a_store_is_away_comes_back(served: Served, stores: Stores) -> None:
    """What once worked is tried again: the others serve on, and with the store everything returns."""
    served.until(lambda: served.child.log.read_text().count("process_ready") == 2)
    first = min(served.workers())
    stores.postgres.stop()
    os.kill(first, signal.SIGKILL)
    served.until(lambda: "cannot_start" in served.child.log.read_text())
    assert requests.get(f"{served.address}/healthz", timeout=10).status_code == 200
    stores.postgres.start()
    served.until(lambda: served.child.log.read_text().count('"Booting worker') >= 3)
    served.until(lambda: all(served.ready() == 200 for _ in range(8)) and len(served.workers()) == 2)


def stopping_without_a_delay_ends_what_was_begun(served: Served) -> None:
    """Connections that were let in before and said nothing yet are answered; who says nothing holds up nobody."""
    silent, *others = [connection_to(served) for _ in range(5)]
    with requests.Session() as session:
        # They are let in in turn: once this is answered, so are all of those.
        assert session.get(f"{served.address}/jwks", timeout=10).status_code == 200
        served.child.signal(signal.SIGTERM)
        assert session.get(f"{served.address}/jwks", timeout=10).status_code == 200
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
        assert served.child.wait(15.0), served.child.last_words()
    assert served.ready() is None
