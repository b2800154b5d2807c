"""Why an operator takes something away: asked for by every command that does, and kept apart in its event."""

from collections.abc import Callable
from typing import Any

import click

from vad.domain.justification import Justification, JustificationError


def with_reason(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; `justified` reads what they say."""
    for option in (
        click.option("--case-number", required=True, help="Of the case that it belongs to."),
        click.option("--reason", required=True, help="Why, in 10 to 500 characters, without names or a BSN."),
    ):
        command = option(command)
    return command


def justified(reason: str, case_number: str) -> Justification:
    """What was given. Raises `click.UsageError`."""
    try:
        return Justification(reason, case_number)
    except JustificationError as error:
        told = {"reason": "a reason has 10 to 500 characters", "bsn": "leave the BSN out"}
        raise click.UsageError(told.get(error.fault, "a case number has letters and digits, 40 at most")) from error
