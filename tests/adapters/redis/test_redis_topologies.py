"""Sentinel and Redis Cluster: the same stores, errors and limits as over one server, against real ones."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest
from pydantic import SecretStr
from redis.crc import key_slot

from tests.adapters.redis.use_everything import use_everything
from tests.adapters.redis.volatile_stores import CLIENT, Stores, code_value, fresh_keyring, session
from tests.support.redis_servers import PASSWORD, SERVICE, Cluster, Watched
from vad.adapters.configuration.store_sections import Redis
from vad.adapters.redis.connection import Access, RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.rate_limits import RedisRateLimits
from vad.bootstrap.redis import connection
from vad.domain.errors import StoreUnavailableError
from vad.sandbox.ports import free_port
from vad.services.ports.volatile import RateLimit

pytestmark = pytest.mark.slow

RECOVERY_SECONDS = 10.0


def joined(addresses: list[tuple[str, int]]) -> str:
    """The addresses as an operator writes them."""
    return ", ".join(f"{host}:{port}" for host, port in addresses)


@pytest.fixture(scope="module")
def cluster(server_directory: Path) -> Iterator[Cluster]:
    """Give three nodes that share the slots."""
    with Cluster(server_directory / "three-nodes") as nodes:
        yield nodes


@pytest.fixture(scope="module")
def watched(server_directory: Path) -> Iterator[Watched]:
    """Give a master, a replica and three sentinels; one test ends the master."""
    with Watched(server_directory / "watched") as servers:
        yield servers


@pytest.fixture(params=["sentinel", "cluster"])
def redis(request: pytest.FixtureRequest) -> Iterator[RedisConnection]:
    """Give the connection that settings describe, to each of both."""
    password = SecretStr(PASSWORD)
    if request.param == "cluster":
        nodes = request.getfixturevalue("cluster").nodes
        made = connection(Redis(cluster_nodes=joined(nodes[:1]), password=password))
    else:
        sentinels = request.getfixturevalue("watched").sentinels
        made = connection(Redis(sentinels=joined(sentinels), service_name=SERVICE, password=password))
    yield made
    made.close()


def test_every_store_works(redis: RedisConnection) -> None:
    """Single use, bound values, scripts and expiry are the same over all three ways."""
    redis.check()
    use_everything(Stores.over(redis))


def test_rate_limits_count(redis: RedisConnection) -> None:
    """The limits use the same connections; of six one is refused, wherever the subject's slot lies."""
    limits = RedisRateLimits(redis, StoreKeys(fresh_keyring()), dict.fromkeys(RateLimit, 5))
    for subject in ("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"):
        assert [limits.take(RateLimit.LOGIN, subject) for _ in range(6)] == [True] * 5 + [False]


def test_values_lie_on_all_nodes(cluster: Cluster) -> None:
    """Nothing of VAD is tied to one node: the nodes share the load."""
    redis = RedisConnection.cluster(cluster.nodes, Access(password=PASSWORD))
    stores = Stores.over(redis)
    for number in range(40):
        stores.sessions.add(f"cookie-{number}", session())
    for number in range(40):
        assert stores.sessions.get(f"cookie-{number}") == session()
    kept = []
    for _, port in cluster.nodes:
        with cluster.client(port) as client:
            kept.append(len([name for name in client.scan_iter("vad:*") if key_slot(name) >= 0]))
    assert all(kept)
    redis.close()


def nobody(way: str) -> RedisConnection:
    """A connection to Sentinel or a cluster of which nothing answers."""
    nodes, access = [("127.0.0.1", free_port())], Access(password="secret-word")
    if way == "cluster":
        return RedisConnection.cluster(nodes, access)
    return RedisConnection.sentinel(nodes, SERVICE, access, Access())


@pytest.mark.parametrize("way", ["sentinel", "cluster"])
def test_nobody_there_fails_closed(way: str) -> None:
    """Making the stores asks nothing; every call is the one typed error, without a password in it."""
    redis = nobody(way)
    stores, limits = Stores.over(redis), RedisRateLimits(redis, StoreKeys(fresh_keyring()), dict.fromkeys(RateLimit, 5))
    calls: list[Callable[[], object]] = [
        redis.check,
        lambda: stores.sessions.get("cookie"),
        lambda: stores.sessions.add("cookie", session()),
        lambda: stores.codes.redeem("code", CLIENT),
        lambda: limits.take(RateLimit.LOGIN, "192.0.2.1"),
    ]
    for call in calls:
        with pytest.raises(StoreUnavailableError) as refused:
            call()
        assert "secret-word" not in str(refused.value)


def test_a_write_is_not_repeated(redis: RedisConnection) -> None:
    """A server that took a command and broke off may have done it: one try, over Sentinel and a cluster as well."""
    tries = []

    def breaks(client: object) -> object:
        tries.append(client)
        raise ConnectionResetError

    with pytest.raises(StoreUnavailableError):
        redis.write(breaks)
    assert len(tries) == 1
    retry = getattr(redis.client, "retry", None) or redis.client.connection_pool.connection_kwargs["retry"]
    assert retry.get_retries() == 0


def test_tls_is_spoken_to_all() -> None:
    """With `tls` the first bytes to a sentinel and to a node are those of a TLS handshake, never a password."""
    for way in ("sentinel", "cluster"):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(5)
            address = [("127.0.0.1", int(server.getsockname()[1]))]
            secret = Access(password=PASSWORD, tls=True)
            made = (
                RedisConnection.cluster(address, secret)
                if way == "cluster"
                else RedisConnection.sentinel(address, SERVICE, secret, secret)
            )
            with ThreadPoolExecutor(1) as caller:
                answer = caller.submit(made.check)
                with server.accept()[0] as taken:
                    assert taken.recv(3)[:2] == b"\x16\x03"  # a handshake record
                server.close()
                with pytest.raises(StoreUnavailableError):
                    answer.result()


def test_a_failover_is_survived(watched: Watched) -> None:
    """The master dies: the replica is promoted, and within ten seconds the same stores go on by themselves."""
    redis = RedisConnection.sentinel(watched.sentinels, SERVICE, Access(password=PASSWORD), Access())
    stores = Stores.over(redis)
    stores.sessions.add("before", session())
    with watched.client(watched.master) as client:
        assert client.wait(1, 2000) == 1  # the replica has it
    watched.kill(watched.master)
    died = monotonic()
    with pytest.raises(StoreUnavailableError):
        stores.sessions.add("lost", session())
    while True:
        try:
            stores.sessions.add("after", session())
        except StoreUnavailableError:
            assert monotonic() - died < RECOVERY_SECONDS
            sleep(0.1)
        else:
            break
    assert monotonic() - died < RECOVERY_SECONDS
    assert stores.sessions.get("after") == session()
    assert stores.sessions.get("before") == session()
    stores.codes.add("code", code_value())
    assert stores.codes.redeem("code", CLIENT) == code_value()
    assert stores.codes.redeem("code", CLIENT) is None
    redis.close()
