"""Redis away, slow or restarted: refused with one typed error, and used again by itself afterwards."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as BrokenConnectionError

from tests.adapters.redis.volatile_stores import (
    AT,
    BROWSER,
    CLIENT,
    PERSON,
    Server,
    Stores,
    code_value,
    draft,
    login,
    request,
    session,
)
from vad.adapters.redis.connection import RedisConnection
from vad.domain.errors import StoreUnavailableError
from vad.sandbox.ports import free_port
from vad.sandbox.redis import RedisServer
from vad.services.ports.volatile import PersonName

pytestmark = pytest.mark.slow

CALLS: dict[str, Callable[[Stores], object]] = {
    "sessions.add": lambda stores: stores.sessions.add("c", session()),
    "sessions.get": lambda stores: stores.sessions.get("c"),
    "sessions.touch": lambda stores: stores.sessions.touch("c", AT),
    "sessions.update": lambda stores: stores.sessions.update("c", lambda known: known),
    "sessions.of": lambda stores: stores.sessions.of(PERSON, AT),
    "sessions.end": lambda stores: stores.sessions.end(session().sid),
    "sessions.remove": lambda stores: stores.sessions.remove(stores.sessions.place("c")),
    "sessions.forget": lambda stores: stores.sessions.forget("c"),
    "sessions.ended": lambda stores: stores.sessions.ended(session().sid),
    "requests.add": lambda stores: stores.requests.add(request()),
    "requests.get": lambda stores: stores.requests.get("f"),
    "requests.keep": lambda stores: stores.requests.keep(request()),
    "requests.hold": lambda stores: stores.requests.hold("f"),
    "requests.held": lambda stores: stores.requests.held(request(), AT),
    "requests.take": lambda stores: stores.requests.take("f"),
    "logins.add": lambda stores: stores.logins.add(login()),
    "logins.take": lambda stores: stores.logins.take("s", BROWSER),
    "codes.add": lambda stores: stores.codes.add("c", code_value()),
    "codes.redeem": lambda stores: stores.codes.redeem("c", CLIENT),
    "codes.seen_before": lambda stores: stores.codes.seen_before("c", CLIENT),
    "codes.afterwards": lambda stores: stores.codes.afterwards("c", CLIENT, session().sid),
    "replay.first_use": lambda stores: stores.replay.first_use("p", "v", AT + timedelta(minutes=1), AT),
    "names.get": lambda stores: stores.names.get(PERSON),
    "names.keep": lambda stores: stores.names.keep(PERSON, PersonName("x")),
    "drafts.add": lambda stores: stores.drafts.add("f", "o", draft()),
    "drafts.take": lambda stores: stores.drafts.take("f", "o"),
    "check": lambda stores: stores.redis.check(),
}


@pytest.fixture(scope="module")
def nobody() -> Stores:
    """Give stores whose Redis is not there."""
    return Stores.over(RedisConnection.open(f"redis://:password@127.0.0.1:{free_port()}"))


@pytest.mark.parametrize("call", CALLS)
def test_every_call_fails_closed(nobody: Stores, call: str) -> None:
    """No store guesses: the one typed error, at once, without the address' password."""
    with pytest.raises(StoreUnavailableError) as refused:
        CALLS[call](nobody)
    assert "password" not in str(refused.value)


def test_a_refusing_redis_is_unavailable(redis_server: Server) -> None:
    """A wrong password is a fault of the operator; callers see that the store is away."""
    wrong = redis_server.url.replace("redis://:", "redis://:wrong")
    with pytest.raises(StoreUnavailableError):
        RedisConnection.open(wrong).check()


def test_a_value_of_another_kind_is_unavailable(redis_server: Server) -> None:
    """An error answer to a command is translated too."""
    stores = Stores.over(RedisConnection.open(redis_server.url))
    stores.redis.client.flushall()
    stores.sessions.add("cookie", session())
    name = stores.name_of("session")
    stores.redis.client.delete(name)
    stores.redis.client.lpush(name, "x")
    with pytest.raises(StoreUnavailableError):
        stores.sessions.get("cookie")
    stores.redis.client.flushall()
    stores.redis.close()


@pytest.fixture
def silent() -> Iterator[int]:
    """Give the port of a server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()
        held: list[socket.socket] = []

        def accept() -> None:
            server.settimeout(0.05)
            while not done.is_set():
                try:
                    held.append(server.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        yield int(server.getsockname()[1])
        done.set()
        thread.join()
        for each in held:
            each.close()


def test_a_silent_redis_costs_seconds_not_minutes(silent: int) -> None:
    """A write waits 2 seconds; a read, which is repeated once, at most 4."""
    stores = Stores.over(RedisConnection.open(f"redis://127.0.0.1:{silent}"))
    for call, longest in (("sessions.add", 3.0), ("sessions.get", 5.0)):
        begun = monotonic()
        with pytest.raises(StoreUnavailableError):
            CALLS[call](stores)
        assert monotonic() - begun < longest
    stores.redis.close()


def test_a_pool_that_is_used_up_is_unavailable(redis_server: Server) -> None:
    """Connections are bounded: who waits in vain for 2 seconds gets the typed error, and soon all goes on."""
    redis = RedisConnection.open(redis_server.url, max_connections=1)
    held = redis.client.connection_pool.get_connection()
    with pytest.raises(StoreUnavailableError):
        redis.write(lambda client: client.ping())
    redis.client.connection_pool.release(held)
    deadline = monotonic() + 3.0
    while not answers(redis):
        assert monotonic() < deadline
    redis.close()


def answers(redis: RedisConnection) -> bool:
    """Whether Redis is asked, and answers."""
    try:
        redis.check()
    except StoreUnavailableError:
        return False
    return True


def test_a_restarted_redis_is_used_again_by_itself(server_directory: Path) -> None:
    """After a crash and a restart the very next calls work, writes and scripts included; what was in it is gone."""
    first = RedisServer(server_directory / "restarted", free_port())
    first.start()
    stores = Stores.over(RedisConnection.open(first.url))
    stores.sessions.add("cookie", session())
    stores.codes.add("code", code_value())
    held = [stores.redis.client.connection_pool.get_connection() for _ in range(4)]
    for connection in held:
        stores.redis.client.connection_pool.release(connection)
    first.kill()
    with pytest.raises(StoreUnavailableError):
        stores.sessions.get("cookie")
    with first:  # the same port and password
        stores.codes.add("code", code_value())
        assert stores.codes.redeem("code", CLIENT) == code_value()
        assert stores.sessions.get("cookie") is None
        for number in range(8):
            stores.sessions.add(f"cookie-{number}", session())
        assert stores.sessions.get("cookie-7") == session()
    stores.redis.close()


def test_only_reads_are_repeated(redis_server: Server) -> None:
    """A read whose connection broke is tried once more; a write never is, for it may have been carried out."""
    redis = RedisConnection.open(redis_server.url)
    tries: list[Redis] = []

    def broken_at_first(client: Redis) -> object:
        tries.append(client)
        if len(tries) == 1:
            raise BrokenConnectionError
        return client.ping()

    with pytest.raises(StoreUnavailableError):
        redis.write(broken_at_first)
    assert len(tries) == 1
    tries.clear()
    assert redis.read(broken_at_first)
    assert len(tries) == 2
    redis.close()
