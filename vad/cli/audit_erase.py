"""`vad audit erase`: what an event keeps apart, taken away for good."""

from datetime import UTC, datetime
from uuid import UUID

import click

from vad.adapters.postgres.audit_erasing import erase as take_away
from vad.cli.common import known_settings, plain_errors
from vad.cli.schema import migrated
from vad.cli.second_person import justified, require_two, with_reason

PAGE = 'the page "Erase from the log"'


@click.command()
@click.argument("event_id", type=click.UUID)
@with_reason
def erase(
    event_id: UUID, reason: str | None, case_number: str | None, request_id: UUID | None, alone: str | None
) -> None:
    """Take away the reason and case number of the event EVENT_ID. The log stays whole, and says that it was done."""
    given = justified(request_id, alone, reason, case_number)
    with plain_errors():
        known = known_settings()
        agreed = require_two(known, given, PAGE)
        if not take_away(migrated(known), event_id, agreed, datetime.now(UTC)):
            raise click.ClickException("this event keeps nothing apart, or not any more")
    click.echo(f"{event_id}: what it kept apart is erased")
