"""`vad doctor` on the log: whether it is sealed, and still begins with what was published of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_key import log_key
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.postgres.log_state import log_state
from vad.adapters.postgres.log_thinning import lacking
from vad.bootstrap.log_keeping import checkpoint_key, published
from vad.cli.findings import Finding, Level, found
from vad.services.log_keeping import LogKeeping
from vad.settings import Settings

_LATE = 30.0
"""Seconds. Ten times what the worker takes when it is busy."""
_LONG = 86_400.0
"""Seconds within which the worker has dropped what need not stay, after an upgrade too."""


def sealed_log(known: Settings, database: Database) -> Iterator[Finding]:
    """Look at the key, at what waits to be sealed, and at what was published."""
    yield found("log key", partial(_key, known, database))
    yield found("log sealed", partial(_sealed, database))
    yield found("log thinned", partial(_thinned, database))
    yield found("log published", partial(_published, known, database))


def _key(known: Settings, database: Database) -> tuple[Level, str]:
    key = checkpoint_key(known)
    if key is None:
        level = Level.FAIL if known.service.deployment == "production" else Level.WARN
        return level, "audit.checkpoint_key_file names none: nothing is sealed; run `vad audit key`"
    newest = log_key(database, (key.verifier,))
    if newest is None or not newest.public:
        return Level.OK, f"signs as {key.name}; it has signed nothing yet"
    days, most = newest.days(datetime.now(UTC)), known.audit.checkpoint_key_days
    if days > most:
        return Level.WARN, f"signs as {key.name} for {days} days; older than {most} days: change it"
    return Level.OK, f"signs as {key.name} for {days} days"


def _sealed(database: Database) -> tuple[Level, str]:
    state = log_state(database)
    if state.waiting > _LATE:
        return Level.WARN, f"{state.size} events; one waits for {state.waiting:.0f} seconds: does `vad worker` run?"
    return Level.OK, f"{state.size} events"


def _thinned(database: Database) -> tuple[Level, str]:
    gone = lacking(database)
    if gone is not None:
        return Level.FAIL, f"the checkpoint of {gone} events is gone: none is dropped any more; run `vad audit verify`"
    waits = log_state(database).unthinned
    if waits > _LONG:
        return Level.WARN, f"checkpoints wait for {waits / 3600:.0f} hours to be dropped: does `vad worker` run?"
    return Level.OK, "of each hour that is two days old one checkpoint stays"


def _published(known: Settings, database: Database) -> tuple[Level, str]:
    outside, key = published(known), checkpoint_key(known)
    if outside is None or key is None:
        return Level.WARN, "audit.publish_directory names no folder: whoever owns the database could rewrite the log"
    LogKeeping(PostgresSealedLog(database), key, outside).check_published()
    newest = outside.latest()
    return Level.OK, f"the log begins with the {newest.checkpoint.size if newest else 0} events published"
