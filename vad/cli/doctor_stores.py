"""`vad doctor` on PostgreSQL and Redis: answers, clocks, schema, roles, outbox."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial

from vad.adapters.postgres import migrate
from vad.adapters.postgres.admin_rights import ADMIN_GRANTED
from vad.adapters.postgres.audit_months import ahead
from vad.adapters.postgres.database import Database, Limits, parse
from vad.adapters.postgres.outbox import PostgresOutbox
from vad.adapters.postgres.own_rights import clock, differences, rights
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.postgres.worker_rights import WORKER_GRANTED
from vad.bootstrap.redis import connection as redis_connection
from vad.cli.findings import Finding, Level, found
from vad.settings import Settings

_SKEW_WARN, _SKEW_FAIL = 5.0, 60.0
"""Seconds. Beyond a minute tokens and logins are refused by others."""
_MONTHS_NEEDED = 2


def stores(known: Settings, database: Database) -> Iterator[Finding]:
    """Look at each."""
    yield found("postgresql clock", partial(_postgresql_clock, database))
    yield found("schema", partial(_schema, known))
    yield found("roles", partial(_roles, known, database))
    yield found("log months", partial(_months, database))
    others = (
        ("roles for staff", known.admin.database_url, ADMIN_GRANTED, "pages for staff"),
        ("roles for the worker", known.worker.database_url, WORKER_GRANTED, "worker"),
    )
    for check, url, granted, whose in others:
        if url is not None:
            yield found(check, partial(_other_role, url.get_secret_value(), granted, whose))
    yield found("redis clock", partial(_redis_clock, known))
    yield found("outbox", partial(_outbox, database))


def _postgresql_clock(database: Database) -> tuple[Level, str]:
    return _skew(clock(database))


def _redis_clock(known: Settings) -> tuple[Level, str]:
    redis = redis_connection(known.redis)
    try:
        told = redis.read(lambda client: client.time())
    finally:
        redis.close()
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
    return (Level.WARN if _newer(there) else Level.FAIL), f"at {there}, this release has {head}: run `vad db upgrade`"


def _newer(there: str | None) -> bool:
    return there is not None and there not in migrate.revisions()


def _roles(known: Settings, database: Database) -> tuple[Level, str]:
    may = rights(database)
    owner = known.database.migrate_url
    if owner is not None:
        names = {parse(url.get_secret_value()).username for url in (owner, known.database.url)}
        if len(names) == 1:
            return Level.FAIL, "VAD logs in with the role that owns the schema"
    if may.makes_tables or may.rules:
        return Level.FAIL, "VAD's role can change the schema or make roles or databases"
    wrong = differences(may.held)
    if wrong:
        # A later release may have given its own rights already.
        newer = _newer(migrate.current(known.database.url.get_secret_value()))
        return (Level.WARN if newer else Level.FAIL), f"not the rights that the migrations give: {'; '.join(wrong)}"
    return Level.OK, "VAD's role has the rights that it needs, and no more"


def _months(database: Database) -> tuple[Level, str]:
    months, astray = ahead(database)
    if astray:
        return Level.WARN, f"{astray} rows of the log are in no month: `vad worker` did not run, or a clock was wrong"
    if months < _MONTHS_NEEDED:
        return Level.WARN, "the log has no partition for the next month: run `vad worker`"
    return Level.OK, "the log has its partitions for this month and the next"


def _other_role(url: str, granted: Mapping[str, str], whose: str) -> tuple[Level, str]:
    database = Database(url, Limits(connections=1))
    try:
        may = rights(database)
    finally:
        database.close()
    if may.makes_tables or may.rules:
        return Level.FAIL, f"the role of the {whose} can change the schema or make roles or databases"
    wrong = differences(may.held, granted)
    if wrong:
        return Level.FAIL, f"not the rights of this release: {'; '.join(wrong)}: run `vad db upgrade`"
    return Level.OK, f"the role of the {whose} has the rights that it needs, and no more"


def _outbox(database: Database) -> tuple[Level, str]:
    with Transaction(database) as transaction:
        backlog = PostgresOutbox(transaction).backlog()
    waiting, given_up = sum(part.waiting for part in backlog), sum(part.given_up for part in backlog)
    return (Level.WARN if given_up else Level.OK), f"{waiting} waiting, {given_up} given up"
