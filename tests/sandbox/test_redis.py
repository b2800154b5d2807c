"""The embedded Redis: real, protected by a password, forgetful, and never outliving its starter."""

import os
import socket
from pathlib import Path

import pytest
import redis

from vad.sandbox.errors import MissingProgramError, PortTakenError, ServerDiedError
from vad.sandbox.ports import free_port
from vad.sandbox.redis import RedisServer, find_program


def test_it_is_a_real_server_behind_a_password(tmp_path: Path) -> None:
    """The address carries the password; without it nothing is answered."""
    with RedisServer(tmp_path / "redis", free_port()) as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("question", "answer")
            assert client.getdel("question") == b"answer"
        with redis.Redis(port=server.port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()


def test_the_password_is_not_among_the_arguments_of_the_process(tmp_path: Path) -> None:
    """Everybody on a machine can read everybody's command lines."""
    with RedisServer(tmp_path / "redis", free_port()) as server:
        password = server.url.split(":")[2].split("@")[0]
        assert password.encode() not in Path(f"/proc/{server.pid}/cmdline").read_bytes()


def test_a_second_start_has_the_same_address_and_forgot_everything(tmp_path: Path) -> None:
    """What is in Redis may be lost, and is, so nothing can come to rely on it."""
    server = RedisServer(tmp_path / "redis", free_port())
    with server, redis.Redis.from_url(server.url) as client:
        client.set("question", "answer")
        address = server.url
    with server, redis.Redis.from_url(address) as client:
        assert client.get("question") is None


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    """Nothing is started when somebody else listens on its port."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        server = RedisServer(tmp_path / "redis", other.getsockname()[1])
        with pytest.raises(PortTakenError, match="needed by Redis"):
            server.start()


def test_stop_ends_the_process_and_may_be_repeated(tmp_path: Path) -> None:
    """After `stop` the process is gone; stopping again does nothing."""
    server = RedisServer(tmp_path / "redis", free_port()).start()
    pid = server.pid
    server.stop()
    server.stop()
    assert not Path(f"/proc/{pid}").exists()


def test_without_any_redis_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither on the PATH nor among the wheels: one line with the package to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(MissingProgramError, match="apt-get install redis-server"):
        find_program()


def test_a_redis_on_the_path_that_is_too_old_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """VAD needs GETDEL, which came with 6.2; an older server on the PATH must not be taken."""
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=5.0.14 sha=00000000:0 malloc=libc bits=64'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.defpath}")
    assert find_program() != old


def test_a_server_that_ends_at_once_is_one_line_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The reason is in the message, not only in a log file that nobody knows of."""
    broken = tmp_path / "redis-server"
    broken.write_text(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo 'Redis server v=7.0.0' || { echo 'no memory'; exit 1; }\n"
    )
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerDiedError, match="Redis did not start: no memory"):
        RedisServer(tmp_path / "redis", free_port()).start()
