"""The way to Redis that the settings describe."""

from pydantic import SecretStr

from vad.adapters.configuration.addresses import hosts
from vad.adapters.configuration.store_sections import Redis
from vad.adapters.redis.connection import Access, RedisConnection


def connection(redis: Redis) -> RedisConnection:
    """One server, Sentinel or a cluster: the settings have exactly one. Connects when first used."""
    if redis.url is not None:
        return RedisConnection.open(redis.url.get_secret_value())
    access = Access(redis.username, _text(redis.password), redis.tls, redis.ca_file)
    if redis.cluster_nodes is not None:
        return RedisConnection.cluster(hosts(redis.cluster_nodes) or [], access)
    watchers = Access(redis.sentinel_username, _text(redis.sentinel_password), redis.tls, redis.ca_file)
    return RedisConnection.sentinel(hosts(redis.sentinels or "") or [], redis.service_name or "", access, watchers)


def _text(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
