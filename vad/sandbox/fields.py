"""Reading a program's configuration from JSON: small readers that name the field that is wrong, never its value."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from vad.sandbox.errors import SandboxError

Read = TypeVar("Read")


class ConfigError(SandboxError, ValueError):
    """A program's configuration cannot be used; the message is one line."""


def known_only(raw: Mapping[str, Any], names: Collection[str]) -> None:
    """Raise `ConfigError` when `raw` holds a field that is not among `names`."""
    if unknown := sorted(set(raw) - set(names)):
        raise ConfigError(f"unknown field {unknown[0]}")


def text(raw: Mapping[str, Any], name: str) -> str:
    """Return the text in field `name`; raises `ConfigError` when it is missing, empty or something else."""
    value = raw.get(name)
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{name} must be a text")
    return value


def flag(raw: Mapping[str, Any], name: str, *, default: bool) -> bool:
    """Return the truth value in field `name`, `default` when it is missing; raises `ConfigError` for anything else."""
    value = raw.get(name, default)
    if not isinstance(value, bool):
        raise ConfigError(f"{name} must be true or false")
    return value


def texts(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the texts of the list in field `name`; raises `ConfigError`."""
    return tuple(text({name: value}, name) for value in items(raw, name))


def items(raw: Mapping[str, Any], name: str) -> list[Any]:
    """Return the list in field `name`; raises `ConfigError`."""
    value = raw.get(name)
    if not isinstance(value, list):
        raise ConfigError(f"{name} must be a list")
    return value


def optional(raw: Mapping[str, Any], name: str, read: Callable[[dict[str, Any]], Read]) -> Read | None:
    """Read the object in field `name`, None when it is missing; raises `ConfigError`."""
    return None if raw.get(name) is None else read(table(raw, name))


def table(raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the object in field `name`; raises `ConfigError`."""
    value = raw.get(name)
    if not isinstance(value, dict):
        raise ConfigError(f"{name} must be an object")
    return value
