"""TOML files, read in order and merged: the later one wins."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

IDENTITY = {"clients": "client_id", "resource_servers": "identifier", "data_services": "id"}
"""Arrays of tables whose entries are merged by this member instead of being replaced."""


class ConfigurationFileError(ValueError):
    """A configuration folder or file that can't be read. The text is meant for the operator."""


def read(folders: Iterable[Path]) -> dict[str, Any]:
    """Every `*.toml` of these folders, merged; within a folder by name.

    Raises `ConfigurationFileError` naming the file.
    """
    merged: dict[str, Any] = {}
    for folder in folders:
        if not folder.is_dir():
            raise ConfigurationFileError(f"{folder}: not a folder")
        for file in sorted(folder.glob("*.toml")):
            try:
                content = tomllib.loads(file.read_text("utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                raise ConfigurationFileError(f"{file}: {error}") from error
            _check_registrations(file, content)
            merged = merge(merged, content)
    return merged


def _check_registrations(file: Path, content: Mapping[str, Any]) -> None:
    """Entries without an identity could be merged with nothing, or silently with each other."""
    for name, identity in IDENTITY.items():
        entries = content.get(name, [])
        if not isinstance(entries, list) or not all(
            isinstance(entry, dict) and isinstance(entry.get(identity), str) for entry in entries
        ):
            raise ConfigurationFileError(f"{file}: {name} must be tables [[{name}]], each with the text {identity}")


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid over `base`: tables member by member, registrations entry by entry, anything else replaced."""
    merged = dict(base)
    for name, value in over.items():
        known = merged.get(name)
        if name in IDENTITY and isinstance(known, list) and isinstance(value, list):
            merged[name] = _merge_entries(known, value, IDENTITY[name])
        elif isinstance(known, Mapping) and isinstance(value, Mapping):
            merged[name] = merge(known, value)
        else:
            merged[name] = value
    return merged


def _merge_entries(base: list[Any], over: list[Any], identity: str) -> list[Any]:
    entries = {entry.get(identity): dict(entry) for entry in base}
    for entry in over:
        key = entry.get(identity)
        entries[key] = merge(entries.get(key, {}), entry)
    return list(entries.values())
