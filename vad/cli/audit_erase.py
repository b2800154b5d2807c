"""`vad audit erase`: what an event keeps apart, taken away for good."""

from datetime import UTC, datetime
from uuid import UUID

import click

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.audit_erasing import erase as take_away
from vad.adapters.postgres.transaction import Transaction
from vad.cli.common import known_settings, plain_errors
from vad.cli.reasons import justified, with_reason
from vad.cli.schema import migrated
from vad.domain.log_events import LogErased


@click.command()
@click.argument("event_id", type=click.UUID)
@with_reason
def erase(event_id: UUID, reason: str, case_number: str) -> None:
    """Take away the reason and case number of the event EVENT_ID. The log stays whole, and says that it was done."""
    why = justified(reason, case_number)
    with plain_errors(), Transaction(migrated(known_settings())) as transaction:
        if not take_away(transaction, event_id):
            raise click.ClickException("this event keeps nothing apart, or not any more")
        log = PostgresAuditLog(transaction)
        log.append(LogErased(evidence={"event": str(event_id)}, erasable=why.erasable), at=datetime.now(UTC))
        log.commit()
    click.echo(f"{event_id}: what it kept apart is erased")
