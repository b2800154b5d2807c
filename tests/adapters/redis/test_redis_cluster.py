"""A Redis Cluster works: every command names one key, and a server in cluster mode agrees."""

import subprocess
from collections.abc import Iterator
from time import monotonic
from typing import Any, cast

import pytest
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.client import Pipeline
from redis.crc import key_slot
from redis.retry import Retry

from tests.adapters.redis.use_everything import use_everything
from tests.adapters.redis.volatile_stores import Stores, session
from vad.adapters.redis.connection import RedisConnection
from vad.sandbox.ports import free_range
from vad.sandbox.redis import find_program

pytestmark = pytest.mark.slow

SLOTS = 16384


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a Redis in cluster mode that holds all slots: it refuses commands that span them."""
    port = free_range(1)  # low: the servers of a cluster also talk to each other, on this port + 10000
    server = subprocess.Popen(
        [find_program(), "--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--save", ""],
        cwd=tmp_path_factory.mktemp("cluster"),
        stdout=subprocess.DEVNULL,
    )
    try:
        url = f"redis://127.0.0.1:{port}"
        with Redis.from_url(url, retry=Retry(ConstantBackoff(0.05), 400)) as client:
            client.cluster("ADDSLOTS", *range(SLOTS))
            _wait_until_ready(client)
        yield url
    finally:
        server.kill()
        server.wait()


def _wait_until_ready(client: Redis) -> None:
    deadline = monotonic() + 20
    while cast("dict[str, str]", client.cluster("INFO"))["cluster_state"] != "ok":
        assert monotonic() < deadline
        client.wait(1, 50)  # for a replica that never comes: 50 ms, spent by the server


class Together(Pipeline):
    """A pipeline that notes what it sends."""

    sent: list[tuple[Any, ...]]

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Note it, to be sent with the others."""
        self.sent.append(args)
        return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]


class Recorder(Redis):
    """A client that notes what it sends."""

    sent: list[tuple[Any, ...]]

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Note it and send it."""
        self.sent.append(args)
        return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: Any = True, shard_hint: Any = None) -> Any:  # noqa: FBT002 - redis-py's
        """Note what goes together too."""
        made = Together(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        made.sent = self.sent
        return made


def test_no_command_spans_slots(cluster: str) -> None:
    """Each command has exactly one key; different values lie in different slots, so the load spreads."""
    recorder = cast("Recorder", Recorder.from_url(cluster, protocol=2))
    recorder.sent = []
    use_everything(Stores.over(RedisConnection(lambda: recorder)))
    with Redis.from_url(cluster) as client:
        commands = [command for command in recorder.sent if command[0] != "SCRIPT LOAD"]
        keys = [cast("list[str]", client.command_getkeys(*command)) for command in commands]
    recorder.close()
    assert len(commands) > 15
    assert {len(each) for each in keys} == {1}
    assert all(each[0].startswith("vad:{") and "}:" in each[0] for each in keys)
    assert len({key_slot(each[0].encode()) for each in keys}) >= 4


def test_the_hash_tag_alone_places_a_value(cluster: str) -> None:
    """Another value about the same thing could be put beside it: only what is between the braces counts."""
    stores = Stores.over(RedisConnection.open(cluster))
    stores.redis.client.flushall()
    stores.sessions.add("cookie", session())
    name = stores.name_of("session")
    tag = name.partition("{")[2].partition("}")[0]
    assert key_slot(name.encode()) == key_slot(tag.encode())
    stores.redis.close()
