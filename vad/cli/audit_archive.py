"""`vad audit archive` and `purge`: a month leaves the database once its archive was written and read again."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click

from vad.adapters.postgres import log_archive
from vad.adapters.postgres.database import Limits
from vad.adapters.postgres.log_archive import Month
from vad.bootstrap.log_keeping import log_database
from vad.cli.audit_erase import PAGE
from vad.cli.common import known_settings, plain_errors
from vad.cli.schema import migrated
from vad.cli.second_person import justified, require_two, with_reason
from vad.services.log_changes import may_leave

_PATIENCE = 600_000


@click.command()
@click.argument("month", type=click.DateTime(["%Y-%m"]))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def archive(month: datetime, file: Path) -> None:
    """Write every event of MONTH (2026-11) to FILE, and read it again against the tree. The database keeps them."""
    with plain_errors():
        database, asked = log_database(known_settings()), Month(month.date())
        try:
            written = log_archive.write(database, asked, file)
            _, digest = log_archive.check(database, asked, file)
        except OSError as error:
            raise click.ClickException(f"{file}: {error.strerror}") from error
    click.echo(f"{written} events of {asked.name}, SHA-256 {digest.hex()}")


@click.command()
@click.argument("month", type=click.DateTime(["%Y-%m"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_archive(month: datetime, file: Path) -> None:
    """See that FILE is the archive of MONTH, against the leaves: before a purge, and years after it."""
    with plain_errors():
        events, digest = log_archive.check(log_database(known_settings()), Month(month.date()), file)
    click.echo(f"{events} events of {month:%Y-%m}, SHA-256 {digest.hex()}")


@click.command()
@click.argument("month", type=click.DateTime(["%Y-%m"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_reason
def purge(
    month: datetime,
    file: Path,
    *,
    reason: str | None,
    case_number: str | None,
    request_id: UUID | None,
    alone: str | None,
) -> None:
    """Take the events of MONTH out of the database, if FILE is their archive and they are old enough.

    Their leaves stay, so the tree and every proof of other events hold.
    """
    given = justified(request_id, alone, reason, case_number)
    with plain_errors():
        known, asked, now = known_settings(), Month(month.date()), datetime.now(UTC)
        agreed = require_two(known, given, PAGE)
        years = known.operator.log_years
        if not may_leave(asked.first, years, now):
            raise click.ClickException(f"{asked.name} is kept for {years} years (operator.log_years)")
        owner = migrated(known, Limits(connections=1, statement=_PATIENCE))
        events = log_archive.purge(owner, asked, file, now, agreed)
    click.echo(f"{events} events of {asked.name} are in {file} alone")
