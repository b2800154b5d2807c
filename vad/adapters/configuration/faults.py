"""Saying what is wrong with configuration, without repeating its values: one of them may be a secret."""

from dataclasses import replace

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from vad.domain.registration_fault import Fault, FaultError


def told(error: ValidationError) -> tuple[Fault, ...]:
    """Each fault, where it is: by our code where a check of ours found it, and else by Pydantic's."""
    return tuple(_fault(found) for found in error.errors(include_url=False, include_input=False))


def describe(error: ValidationError) -> str:
    """The same, one line per fault."""
    return "\n".join(map(str, told(error)))


def _fault(found: ErrorDetails) -> Fault:
    place, context = ".".join(str(part) for part in found["loc"]), found.get("ctx", {})
    ours = context.get("error")
    if isinstance(ours, FaultError):
        return replace(ours.fault, place=place)
    values = {name: str(value) for name, value in context.items()}
    return Fault(found["type"], found["msg"].removeprefix("Value error, "), place, values)
