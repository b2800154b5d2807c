"""All stores over the Redis of this test run."""

from collections.abc import Iterator

import pytest

from tests.adapters.redis.volatile_stores import Server, Stores
from vad.adapters.redis.connection import RedisConnection


@pytest.fixture
def stores(redis_server: Server) -> Iterator[Stores]:
    """Give all stores over an empty Redis."""
    made = Stores.over(RedisConnection.open(redis_server.url))
    made.redis.client.flushall()
    yield made
    made.redis.close()
