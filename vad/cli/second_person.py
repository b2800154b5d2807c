"""Commands that take two people, and why an operator takes something away."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import click

from vad.domain.identifiers import RequestId
from vad.domain.justification import Justification, JustificationError, checked_reason
from vad.services.agreed_commands import Alone
from vad.settings import Settings

Given = RequestId | Alone | Justification | None
_SET_SO = "keys.second_person is false"
_WRONG = {"reason": "a reason has 10 to 500 characters", "bsn": "leave the BSN out"}


def with_request(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; `agreed` and `justified` read what they say."""
    for option in (
        click.option("--alone", metavar="REASON", help="An emergency: nobody else was asked. Raises an alarm."),
        click.option("--request", "request_id", type=click.UUID, help="What two of the staff agreed to."),
    ):
        command = option(command)
    return command


def with_reason(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a command needs that takes something away."""
    for option in (
        click.option("--case-number", help="Of the case that it belongs to; without --request."),
        click.option(
            "--reason", help="Why, in 10 to 500 characters, without names or a BSN; where nobody has to agree."
        ),
    ):
        command = option(command)
    return with_request(command)


def agreed(request_id: UUID | None, alone: str | None) -> RequestId | Alone | None:
    """The request that the command carries out, or why nobody was asked. Raises `click.UsageError`."""
    if request_id is not None and alone is not None:
        raise click.UsageError("give --request or --alone, not both")
    if alone is None:
        return None if request_id is None else RequestId(request_id)
    try:
        return Alone(checked_reason(alone))
    except JustificationError as error:
        raise click.UsageError("--alone takes a reason of 10 to 500 characters without a BSN") from error


def justified(
    request_id: UUID | None, alone: str | None, reason: str | None, case_number: str | None
) -> RequestId | Alone | Justification:
    """The same where something is taken away, which takes the number of a case as well. Raises `click.UsageError`."""
    given = agreed(request_id, alone)
    if isinstance(given, UUID) and (reason, case_number) != (None, None):
        raise click.UsageError("the request has the reason: give --request and nothing beside it")
    if isinstance(given, UUID):
        return given
    if alone is not None and reason is not None:
        raise click.UsageError("give --reason or --alone, not both")
    try:
        why = Justification(alone or reason or "", case_number or "")
    except JustificationError as error:
        raise click.UsageError(_WRONG.get(error.fault, "a case number has letters and digits, 40 at most")) from error
    return why if given is None else Alone(why.reason, why.case_number)


def require_two(known: Settings, given: Given, page: str) -> Given:
    """Let through what two people agreed to, what need not be agreed to, and what somebody says aloud.

    One setting takes the second person away: in production nobody makes it so that nobody hears of it.
    """
    production = known.service.deployment == "production"
    if production and not known.commands_take_two and not isinstance(given, UUID | Alone):
        given = Alone(_SET_SO) if given is None else Alone(given.reason, given.case_number)
    if isinstance(given, Alone):
        click.echo("NOBODY ELSE AGREED TO THIS. The log says so, with your reason, and an alarm is raised.", err=True)
    elif known.commands_take_two and not isinstance(given, UUID):
        raise click.ClickException(
            f"this takes two people (keys.second_person): ask for it on {page}, and give --request; "
            "in an emergency give --alone with the reason"
        )
    return given
