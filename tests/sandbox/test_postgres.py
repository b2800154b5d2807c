"""The embedded PostgreSQL: real, with two roles, keeping its data, and never outliving its starter."""

import os
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from tests.support.database import ask_once
from vad.sandbox.errors import PortTakenError, SandboxError
from vad.sandbox.ports import free_port
from vad.sandbox.postgres import PostgresServer
from vad.sandbox.postgres_data import APP_ROLE, MIGRATE_ROLE, SUPERUSER

_AS_ROOT = os.geteuid() == 0


@pytest.fixture
def directory() -> Iterator[Path]:
    """Give a folder that PostgreSQL's account can enter, which pytest's own temporary folders do not let it."""
    with _open_folder() as folder:
        yield folder


@contextmanager
def _open_folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="vad-test-"))
    place.chmod(0o711)
    yield place / "postgres"
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def running() -> Iterator[PostgresServer]:
    """Give a server that runs, for those who only look."""
    with _open_folder() as folder, PostgresServer(folder, free_port(), fast=True) as server:
        yield server


@pytest.fixture
def server(directory: Path) -> PostgresServer:
    """Give a server that has not been started."""
    return PostgresServer(directory, free_port(), fast=True)


def test_both_roles_log_in_and_only_the_owner_makes_tables(running: PostgresServer) -> None:
    """The service's role can neither make nor drop anything, not even a temporary table."""
    ask_once(running.migrate_url, "CREATE TABLE notes (text text)")
    for statement in ("CREATE TABLE mine ()", "CREATE TEMPORARY TABLE mine ()", "DROP TABLE notes"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask_once(running.app_url, statement)
    assert ask_once(running.app_url, "SELECT current_user") == [(APP_ROLE,)]
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'vad'"
    assert ask_once(running.app_url, owner) == [(MIGRATE_ROLE,)]


@pytest.mark.parametrize("role", [SUPERUSER, MIGRATE_ROLE, APP_ROLE])
def test_nobody_gets_in_without_the_password(running: PostgresServer, role: str) -> None:
    """Also a local user must prove who they are."""
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(host="127.0.0.1", port=running.port, user=role, password="guess", dbname="postgres")


def test_passwords_are_readable_by_ourselves_alone(running: PostgresServer) -> None:
    """The file with the passwords is nobody else's, and the superuser's is nowhere else on disk."""
    kept = running.directory / "passwords.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.stat().st_uid == os.geteuid()
    assert {each.name for each in running.directory.iterdir()} == {"data", "passwords.json", "server.log"}


@pytest.mark.skipif(not _AS_ROOT, reason="only root must become somebody else")
def test_as_root_it_runs_as_somebody_else(running: PostgresServer) -> None:
    """PostgreSQL refuses to be root; its data belongs to the account, its passwords stay ours."""
    assert Path(f"/proc/{running.pid}").stat().st_uid != 0
    assert (running.directory / "data").stat().st_uid == Path(f"/proc/{running.pid}").stat().st_uid


def test_a_second_start_keeps_the_data_and_the_addresses(server: PostgresServer) -> None:
    """Starting again finds what was written, under the same passwords."""
    with server:
        ask_once(server.migrate_url, "CREATE TABLE notes AS SELECT 'kept' AS text")
        addresses = server.app_url, server.migrate_url
    with server:
        assert (server.app_url, server.migrate_url) == addresses
        assert ask_once(server.migrate_url, "SELECT text FROM notes") == [("kept",)]


def test_lost_passwords_are_one_clear_line(server: PostgresServer) -> None:
    """Data whose passwords are gone is not silently made anew."""
    with server:
        pass
    (server.directory / "passwords.json").unlink()
    with pytest.raises(SandboxError, match=r"passwords\.json is gone"):
        server.start()


def test_a_taken_port_is_one_clear_line(directory: Path) -> None:
    """Nothing is started when somebody else listens on its port."""
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(PortTakenError, match="needed by PostgreSQL"):
        PostgresServer(directory, other.getsockname()[1], fast=True).start()


def test_a_lock_left_by_a_killed_server_is_no_obstacle(server: PostgresServer) -> None:
    """After kill -9 of the server the next start recovers the data."""
    with server:
        ask_once(server.migrate_url, "CREATE TABLE notes AS SELECT 'kept' AS text")
        server.kill()
    assert (server.directory / "data" / "postmaster.pid").exists()
    with server:
        assert ask_once(server.migrate_url, "SELECT text FROM notes") == [("kept",)]


def test_a_stale_lock_whose_number_belongs_to_another_program_by_now_is_no_obstacle(server: PostgresServer) -> None:
    """Process numbers come round: the lock of a dead server may name a living stranger, who is left alone."""
    with server:
        server.kill()
    lock = server.directory / "data" / "postmaster.pid"
    lock.write_text("\n".join([str(os.getppid()), *lock.read_text().splitlines()[1:], ""]))
    with server:
        assert ask_once(server.app_url, "SELECT 1") == [(1,)]


def test_a_second_server_on_the_same_data_is_refused(server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two servers never share data, and the first goes on undisturbed."""
    monkeypatch.setattr("vad.sandbox.postgres_data._PREVIOUS_SECONDS", 0.0)
    with server:
        second = PostgresServer(server.directory, free_port(), fast=True)
        with pytest.raises(SandboxError, match=r"PostgreSQL already runs on .* stop that one first"):
            second.start()
        with pytest.raises(SandboxError, match="already runs"):
            second.erase()
        assert ask_once(server.app_url, "SELECT 1") == [(1,)]


def test_erase_forgets_everything(server: PostgresServer) -> None:
    """After `erase` nothing of the server is left on disk."""
    with server:
        pass
    server.erase()
    assert not server.directory.exists()


@pytest.mark.skipif(not _AS_ROOT, reason="only root has folders that its server's account cannot enter")
def test_as_root_data_moves_out_of_a_closed_folder_with_a_clear_line(tmp_path: Path) -> None:
    """Folders above ours are never opened: the data goes to a place that the account can reach, and we say where."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    lines: list[str] = []
    server = PostgresServer(closed / "postgres", free_port(), fast=True, say=lines.append)
    try:
        with server:
            assert ask_once(server.app_url, "SELECT 1") == [(1,)]
            assert not server.directory.is_relative_to(closed)
        assert len(lines) == 1
        assert str(server.directory) in lines[0]
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        server.erase()
    assert not server.directory.exists()


def test_killing_the_starter_ends_the_server(directory: Path) -> None:
    """A kill -9 of the program that started it leaves no server behind, and the data is fit for the next start."""
    port = free_port()
    code = (
        "import sys, time; from pathlib import Path; from vad.sandbox.postgres import PostgresServer\n"
        f"server = PostgresServer(Path({str(directory)!r}), {port}, fast=True).start()\n"
        "print(server.pid, flush=True); sys.stdin.read()"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        watched = os.pidfd_open(pid)
        starter.send_signal(signal.SIGKILL)
    try:
        _wait_for_end(watched)
    finally:
        os.close(watched)
    with PostgresServer(directory, port, fast=True) as server:
        assert ask_once(server.app_url, "SELECT 1") == [(1,)]


def _wait_for_end(pidfd: int) -> None:
    ready, _, _ = select.select([pidfd], [], [], 30)
    assert ready, "the server outlived its starter"
