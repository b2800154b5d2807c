"""`vad staff`: the accounts of staff, for who runs VAD."""

from datetime import UTC, datetime
from uuid import UUID

import click

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.staff import PostgresStaffAccounts
from vad.adapters.postgres.transaction import Transaction
from vad.cli.common import known_settings, plain_errors
from vad.cli.schema import migrated
from vad.domain.identifiers import StaffId
from vad.services.staff_accounts import PAGE, ended_by_operator

_ROW = "{:<36} {:<16} {:<16} {}"
_DAY = "%Y-%m-%d %H:%M"


@click.group()
def staff() -> None:
    """The accounts of staff."""


@staff.command("list")
def list_accounts() -> None:
    """Show every account, the newest first: its name in the log, since and until when, and `sub` at the login."""
    click.echo(_ROW.format("account", "since", "ended", "subject"))
    with plain_errors():
        database, after = migrated(known_settings()), None
        while True:
            with Transaction(database) as transaction:
                found = PostgresStaffAccounts(transaction).listed(PAGE, after)
            for each in found:
                ended = each.ended_at.astimezone(UTC).strftime(_DAY) if each.ended_at else "-"
                since = each.enrolled_at.astimezone(UTC).strftime(_DAY)
                click.echo(_ROW.format(str(each.account), since, ended, each.subject))
            if len(found) < PAGE:
                break
            after = (found[-1].enrolled_at, found[-1].account)
        database.close()


@staff.command()
@click.argument("account", type=click.UUID)
def end(account: UUID) -> None:
    """End ACCOUNT at once and for good: whoever is logged in with it is out, and it can't log in again."""
    with plain_errors():
        database = migrated(known_settings())
        with Transaction(database) as transaction:
            log = PostgresAuditLog(transaction)
            ended = ended_by_operator(PostgresStaffAccounts(transaction), log, StaffId(account), datetime.now(UTC))
            if ended:
                log.commit()
        database.close()
    if not ended:
        raise click.ClickException("there is no such account, or it was ended before")
    click.echo(f"{account} is ended")
