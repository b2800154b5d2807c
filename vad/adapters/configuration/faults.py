"""Saying what is wrong with configuration, without repeating its values: one of them may be a secret."""

from pydantic import ValidationError


def describe(error: ValidationError) -> str:
    """One line per fault: where, and what."""
    return "\n".join(_line(fault["loc"], fault["msg"].removeprefix("Value error, ")) for fault in error.errors())


def _line(place: tuple[int | str, ...], fault: str) -> str:
    return f"{'.'.join(str(part) for part in place)}: {fault}" if place else fault
