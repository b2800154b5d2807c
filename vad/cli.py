"""The `vad` command."""

import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import click
import structlog

from vad import bootstrap, settings
from vad.adapters import logs
from vad.adapters.configuration import registrations
from vad.adapters.configuration.files import ConfigurationFileError, read
from vad.adapters.postgres import migrate
from vad.adapters.postgres.database import Database, parse
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.postgres.registration_writer import PostgresRegistrationWriter
from vad.adapters.vault.keyring import KeyRing
from vad.domain.errors import UnavailableError, VadError
from vad.services import faults
from vad.services.upkeep import Upkeep

_POLL = 1.0
"""Seconds between two looks at the outbox."""
_LONGEST_POLL = 60.0
"""Seconds, while nothing succeeds because of a defect: each time twice as long as before."""
_MOST_DOUBLINGS = 10
_SLOW_JOBS = timedelta(minutes=10)


@click.group()
def cli() -> None:
    """VAD, the trusted authentication service. Settings: VAD_CONFIG (folders with TOML) and VAD__SECTION__NAME."""


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What an operator can mend is one line, not a traceback."""
    try:
        yield
    except (ConfigurationFileError, VadError) as error:
        raise click.ClickException(str(error)) from error


def _settings() -> settings.Settings:
    return settings.load(settings.config_folders())


def _migrate_url(known: settings.Settings) -> str:
    if known.database.migrate_url is None:
        raise click.ClickException("set database.migrate_url: the role that owns the schema")
    return known.database.migrate_url.get_secret_value()


def _migrated(known: settings.Settings) -> Database:
    """The database, as the role that owns the schema; refused while the schema is not the one of this release."""
    url = _migrate_url(known)
    if migrate.current(url) != migrate.head():
        raise click.ClickException("the schema is not up to date: run `vad db upgrade` first")
    return Database(url)


@cli.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--threads", default=16, show_default=True, help="Threads per process.")
def serve(bind: str, workers: int, threads: int) -> None:
    """Serve VAD with gunicorn in this process's place."""
    with _plain_errors():
        _settings()
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "python:vad.wsgi", "vad.wsgi:create_application()"]
    sizes = ["--bind", bind, "--workers", str(workers), "--threads", str(threads)]
    os.execv(sys.executable, [*gunicorn, *sizes])  # noqa: S606 - our own interpreter, arguments from options


@cli.command()
def worker() -> None:
    """Deliver the outbox and write down what the clock has ended, until told to stop."""
    with _plain_errors(), _told_to_stop() as told_to_stop:
        known = _settings()
        logs.configure(known.log.level)
        upkeep, log = bootstrap.create_upkeep(known), structlog.get_logger(__name__)
        log.info("worker_ready")
        slow_jobs_at, waits, faulty, pause = datetime.now(UTC), False, 0, 0.0
        while not told_to_stop(pause):
            at, busy, pause = datetime.now(UTC), False, _POLL
            try:
                busy = _deliver(upkeep, at) > 0
                if at >= slow_jobs_at:
                    busy = upkeep.record_lapsed_consents(at) > 0 or busy
                    slow_jobs_at = at if busy else at + _SLOW_JOBS
                waits, faulty = False, 0
                pause = 0.0 if busy else _POLL
            except UnavailableError as error:
                # A store that is away comes back: there is nothing to do but wait, and to say so once.
                if not waits:
                    log.warning("worker_waits", reason=str(error))
                waits = True
            except Exception as error:  # noqa: BLE001 - a worker that dies of a defect delivers nothing any more
                reason = str(error) if isinstance(error, VadError) else None
                log.error("worker_fault", reason=reason, **_told(error))  # noqa: TRY400 - its text stays out
                pause = min(_POLL * 2.0**faulty, _LONGEST_POLL)
                faulty = min(faulty + 1, _MOST_DOUBLINGS)


def _deliver(upkeep: Upkeep, at: datetime) -> int:
    """Deliver a batch and tell of defects; returns how many messages were taken."""
    delivery = upkeep.deliver(at)
    for defect in delivery.defects:
        message = defect.message
        structlog.get_logger(__name__).error(
            "delivery_fault", message_id=str(message.message_id), kind=message.kind, **_told(defect.error)
        )
    return delivery.taken


def _told(error: Exception) -> dict[str, object]:
    return {
        "exception_class": faults.class_of(error),
        "where": faults.places(error),
        "causes": faults.causes(error),
    }


@contextmanager
def _told_to_stop() -> Iterator[Callable[[float], bool]]:
    """A function that waits at most so many seconds and tells whether SIGTERM or SIGINT has come.

    Not an Event: its lock may be held by the very code that the handler interrupts, and nobody would ever let go.
    """
    heard, rung = socket.socketpair()
    rung.settimeout(0)
    with heard, rung:
        handlers = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
        former = signal.set_wakeup_fd(rung.fileno())
        try:
            yield lambda seconds: bool(select.select([heard], [], [], seconds)[0])
        finally:
            signal.set_wakeup_fd(former)
            for number, handler in handlers.items():
                signal.signal(number, handler)


@cli.group()
def db() -> None:
    """The schema of PostgreSQL."""


@db.command()
def upgrade() -> None:
    """Bring the schema up to date."""
    with _plain_errors():
        known = _settings()
        migrate.upgrade(_migrate_url(known), app_role=parse(known.database.url.get_secret_value()).username or "")
    click.echo(f"the schema is at {migrate.head()}")


@cli.group()
def keys() -> None:
    """The keys of VAD."""


@keys.command()
def init() -> None:
    """Make the keys that are missing; existing ones stay as they are."""
    with _plain_errors():
        known = _settings()
        store, master = PostgresKeys(_migrated(known)), bootstrap.master_key(known)
        made = store.add_missing(master, datetime.now(UTC))
        # A master key that does not open what is there would only show when VAD starts.
        KeyRing(master, store.load())
    click.echo(f"{len(made)} keys made")


@cli.group()
def clients() -> None:
    """Registrations of clients and data sources."""


@clients.command()
def apply() -> None:
    """Bring the registrations in PostgreSQL in step with the configuration files."""
    with _plain_errors():
        known = _settings()
        wanted = registrations.parse(read(settings.config_folders()))
        writer = PostgresRegistrationWriter(_migrated(known))
        applied = writer.apply(wanted.clients, wanted.resource_servers, wanted.data_services, datetime.now(UTC))
    if not applied:
        click.echo(f"nothing to change; the registrations are at version {applied.version}")
        return
    for kind in ("clients", "resource_servers", "data_services"):
        changes = getattr(applied, kind)
        for what in ("added", "changed", "deactivated"):
            for identifier in getattr(changes, what):
                click.echo(f"{kind}: {what} {identifier}")
    click.echo(f"the registrations are at version {applied.version}")


def main() -> None:
    """Run the command. The sandbox is attached where it is installed: a production image has none."""
    try:
        from vad.sandbox.demo.command import demo  # noqa: PLC0415 - optional by design
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("vad.sandbox"):
            raise
    else:
        cli.add_command(demo)
    cli()
