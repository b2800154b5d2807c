"""Scripts for what one command can't do atomically. Each touches one key."""

import hashlib
from functools import cache
from typing import Any, cast

from redis import Redis
from redis.exceptions import NoScriptError

from vad.adapters.redis.connection import RedisConnection

_TAKE_BOUND = """
local value = redis.call('GET', KEYS[1])
if not value or string.sub(value, 1, #ARGV[1]) ~= ARGV[1] then return false end
redis.call('DEL', KEYS[1])
return string.sub(value, #ARGV[1] + 1)
"""

TOUCH = """
local value = redis.call('GET', KEYS[1])
if not value then return false end
local before, active, after = string.match(value, '^(.*"last_active":")([^"]*)(".*)$')
local began = string.match(value, '"auth_time":"([^"]*)"')
if active and began and ARGV[2] < active and ARGV[3] < began and active < ARGV[1] then
  redis.call('SET', KEYS[1], before .. ARGV[1] .. after, 'KEEPTTL')
end
return value
"""
"""What stands there of a session, which a use of it then moves on: in the same trip, and nobody undoes what somebody
else changed.

The texts are those of `codec.TIME`, whose order is that of the times. Whether it lives the domain says of what is
returned; the script only leaves alone what does not. No other field can look like these: in a text its quotes would be
escaped.
"""


def run(client: Redis, script: str, key: str, *arguments: str | bytes | float) -> Any:
    """What a script over this one key gives. It is sent by its hash, and in full to a server that does not know it."""
    try:
        return client.evalsha(_hash(script), 1, key, *arguments)
    except NoScriptError:
        return client.eval(script, 1, key, *arguments)


@cache
def _hash(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()


class BoundValues:
    """Single-use values that only their owner can take: the value stands behind a hash of who that is."""

    def __init__(self, redis: RedisConnection) -> None:
        self._redis = redis

    def add(self, key: str, owner: bytes, value: bytes, seconds: int) -> None:
        """Store it for this owner."""
        stored = _binding(owner) + value
        self._redis.write(lambda client: client.set(key, stored, ex=seconds))

    def look(self, key: str, owner: bytes) -> bytes | None:
        """What stands there for this owner, and stays there; None for anybody else."""
        binding, stored = _binding(owner), cast("bytes | None", self._redis.read(lambda client: client.get(key)))
        return stored[len(binding) :] if stored is not None and stored.startswith(binding) else None

    def take(self, key: str, owner: bytes) -> bytes | None:
        """Remove and return it; None, and nothing changed, for anybody but its owner."""
        binding = _binding(owner)
        return cast("bytes | None", self._redis.use_up(lambda client: run(client, _TAKE_BOUND, key, binding)))


def _binding(owner: bytes) -> bytes:
    return hashlib.sha256(owner).digest()
