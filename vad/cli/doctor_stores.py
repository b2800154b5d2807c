"""`vad doctor` on PostgreSQL and Redis: answers, clocks, schema, roles, outbox."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from vad.adapters.postgres import migrate
from vad.adapters.postgres.database import Database, parse
from vad.adapters.postgres.outbox import PostgresOutbox
from vad.adapters.postgres.own_rights import clock, rights
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.redis.connection import RedisConnection
from vad.bootstrap.redis import connection as redis_connection
from vad.cli.findings import Finding, Level, found
from vad.settings import Settings

_SKEW_WARN, _SKEW_FAIL = 5.0, 60.0
"""Seconds. Beyond a minute tokens and logins are refused by others."""


def stores(known: Settings, database: Database) -> Iterator[Finding]:
    """Look at each."""
    redis = redis_connection(known.redis)
    yield found("postgresql clock", partial(_postgresql_clock, database))
    yield found("schema", partial(_schema, known))
    yield found("roles", partial(_roles, known, database))
    yield found("redis clock", partial(_redis_clock, redis))
    yield found("outbox", partial(_outbox, database))


def _postgresql_clock(database: Database) -> tuple[Level, str]:
    return _skew(clock(database))


def _redis_clock(redis: RedisConnection) -> tuple[Level, str]:
    told = redis.read(lambda client: client.time())
    seconds, microseconds = next(iter(told.values())) if isinstance(told, dict) else told
    return _skew(datetime.fromtimestamp(int(seconds) + int(microseconds) / 1e6, UTC))


def _skew(theirs: datetime) -> tuple[Level, str]:
    apart = abs((datetime.now(UTC) - theirs).total_seconds())
    level = Level.FAIL if apart > _SKEW_FAIL else Level.WARN if apart > _SKEW_WARN else Level.OK
    return level, f"{apart:.1f} seconds from ours"


def _schema(known: Settings) -> tuple[Level, str]:
    there, head = migrate.current(known.database.url.get_secret_value()), migrate.head()
    if there == head:
        return Level.OK, f"at {head}"
    newer = there is not None and there not in migrate.revisions()
    return (Level.WARN if newer else Level.FAIL), f"at {there}, this release has {head}: run `vad db upgrade`"


def _roles(known: Settings, database: Database) -> tuple[Level, str]:
    may = rights(database)
    owner = known.database.migrate_url
    if owner is not None:
        names = {parse(url.get_secret_value()).username for url in (owner, known.database.url)}
        if len(names) == 1:
            return Level.FAIL, "VAD logs in with the role that owns the schema"
    if may.changes_log:
        return Level.FAIL, "VAD's role can change or delete lines of the log"
    if may.makes_tables or may.rules:
        return Level.FAIL, "VAD's role can change the schema or make roles or databases"
    return Level.OK, "VAD's role can't change the log or the schema"


def _outbox(database: Database) -> tuple[Level, str]:
    with Transaction(database) as transaction:
        backlog = PostgresOutbox(transaction).backlog()
    waiting, given_up = sum(part.waiting for part in backlog), sum(part.given_up for part in backlog)
    return (Level.WARN if given_up else Level.OK), f"{waiting} waiting, {given_up} given up"
