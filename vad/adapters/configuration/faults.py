"""Saying what is wrong with configuration, without repeating its values: one of them may be a secret."""

from pydantic import ValidationError


def describe(error: ValidationError) -> str:
    """One line per fault: where, and what."""
    return "\n".join(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors())
