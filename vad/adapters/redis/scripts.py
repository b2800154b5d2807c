"""Scripts for what one command can't do atomically. Each touches one key."""

import hashlib
from typing import cast

from redis import Redis

from vad.adapters.redis.connection import RedisConnection

_TAKE_BOUND = """
local value = redis.call('GET', KEYS[1])
if not value or string.sub(value, 1, #ARGV[1]) ~= ARGV[1] then return false end
redis.call('DEL', KEYS[1])
return string.sub(value, #ARGV[1] + 1)
"""


class BoundValues:
    """Single-use values that only their owner can take: the value stands behind a hash of who that is."""

    def __init__(self, redis: RedisConnection) -> None:
        self._redis = redis

    def add(self, key: str, owner: bytes, value: bytes, seconds: int) -> None:
        """Store it for this owner."""
        stored = _binding(owner) + value
        self._redis.write(lambda client: client.set(key, stored, ex=seconds))

    def take(self, key: str, owner: bytes) -> bytes | None:
        """Remove and return it; None, and nothing changed, for anybody but its owner."""
        return self._redis.write(lambda client: self._run(client, key, _binding(owner)))

    def _run(self, client: Redis, key: str, binding: bytes) -> bytes | None:
        # Made anew each time, for a hash of a few lines: a script kept from the start would connect at the start.
        take = client.register_script(_TAKE_BOUND)
        return cast("bytes | None", take(keys=[key], args=[binding]))


def _binding(owner: bytes) -> bytes:
    return hashlib.sha256(owner).digest()
