"""`vad audit access-review`: who of the staff could do what and did what, as CSV."""

from datetime import UTC, datetime

import click

from vad.adapters.postgres.access_review import PostgresStaffRecords
from vad.adapters.postgres.database import Limits
from vad.cli.common import known_settings, plain_errors
from vad.cli.schema import migrated
from vad.domain.review_period import ReviewPeriod
from vad.services.access_review import review
from vad.services.access_review_csv import as_csv

_PATIENCE = 600_000
"""Milliseconds for one statement: a year may be many events."""


@click.command("access-review")
@click.option("--quarter", help="Such as 2026Q4.")
@click.option("--year", help="Such as 2026.")
def access_review(quarter: str | None, year: str | None) -> None:
    """Write the review of what staff could do and did in a quarter or a year, as CSV: one line an account."""
    try:
        period = ReviewPeriod.named(quarter or year or "")
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if (quarter and year) or bool(quarter) != bool(period.quarter):
        raise click.UsageError("give either --quarter 2026Q4 or --year 2026")
    with plain_errors():
        database = migrated(known_settings(), Limits(connections=1, statement=_PATIENCE))
        found = review(PostgresStaffRecords(database), period, datetime.now(UTC))
        database.close()
    for line in as_csv(found):
        click.echo(line, nl=False)
