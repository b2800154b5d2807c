"""The log and its key, as the worker and the commands need them."""

from collections.abc import Iterator
from contextlib import contextmanager

from vad.adapters.configuration.files import ConfigurationFileError
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.log_reader import PostgresLogReader
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.tlog.directory import PublishedDirectory
from vad.adapters.tlog.ed25519 import CheckpointKey
from vad.domain.checkpoint import CheckpointError, VerifierKey
from vad.services.log_keeping import LogKeeping
from vad.settings import Settings

_PATIENCE = 600_000
"""Milliseconds for one statement: on a copy that was put back, and to verify, all events are looked at."""


def checkpoint_key(settings: Settings) -> CheckpointKey | None:
    """The key of the log, if there is one. A demo's is refused in production. Raises `CheckpointError`."""
    file = settings.audit.checkpoint_key_file
    key = CheckpointKey.from_file(file) if file is not None else None
    if key is not None and key.demo and settings.service.deployment == "production":
        raise CheckpointError("audit: the key of a demo's log can't be used in production")
    return key


def known_keys(settings: Settings) -> tuple[VerifierKey, ...]:
    """The public keys of the log: of now, and of before. Raises `CheckpointError`."""
    key = checkpoint_key(settings)
    former = tuple(VerifierKey.parse(text) for text in settings.audit.former_keys.split())
    return (key.verifier, *former) if key is not None else former


def published(settings: Settings) -> PublishedDirectory | None:
    """Where the log is published, if anywhere."""
    folder = settings.audit.publish_directory
    return PublishedDirectory(folder) if folder is not None else None


def log_keeping(settings: Settings) -> LogKeeping | None:
    """What seals; None without a key. Raises `CheckpointError`, `ConfigurationFileError`."""
    key = checkpoint_key(settings)
    if key is None:
        return None
    return LogKeeping(PostgresSealedLog(patient(worker_url(settings), "vad-sealer")), key, published(settings))


def worker_url(settings: Settings) -> str:
    """Where the worker finds PostgreSQL: no other role can seal. Raises `ConfigurationFileError`."""
    url = settings.worker.database_url
    if url is None:
        raise ConfigurationFileError("worker.database_url: set it, or nobody can seal the log")
    return url.get_secret_value()


@contextmanager
def reading(database: Database) -> Iterator[PostgresLogReader]:
    """One look at the log."""
    with Transaction(database) as transaction:
        yield PostgresLogReader(transaction)


def log_database(settings: Settings) -> Database:
    """Connections for whoever reads all of it."""
    return patient(settings.database.url.get_secret_value(), "vad-log")


def patient(url: str, name: str) -> Database:
    """Connections for what may take minutes."""
    return Database(
        url, Limits(connections=2, statement=_PATIENCE, idle_in_transaction=_PATIENCE), application_name=name
    )
