# ruff: noqa: INP001 - a program by itself, in nobody's package
"""Write docs/settings.md from vad/adapters/configuration: `.venv/bin/python docs/generate_settings.py`."""

import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from vad.settings import Settings

TARGET = Path(__file__).parent / "settings.md"
NAMES = {
    bool: "`true` or `false`",
    str: "text",
    int: "whole number",
    float: "number",
    Path: "path",
    SecretStr: "text, secret",
}
INTRODUCTION = """\
# Settings

<!-- Written by docs/generate_settings.py from the sections in vad/adapters/configuration.
     Change it there, then run the script again. -->

Settings come from TOML files and from the environment.

- `VAD_CONFIG` names folders, separated by colons. Every `*.toml` in them is read, folder by folder and then by name.
  A later file wins over an earlier one, setting by setting.
- An environment variable `VAD__SECTION__NAME` wins over all files. Put secrets there, or in a file that only
  VAD can read.
- A name that is not in this table is a fault. VAD tells all faults at once and does not start.

Registrations (`[[clients]]`, `[[resource_servers]]`, `[[data_services]]`) stand in the same files. `vad clients apply`
brings them to the database. Their members are in the quick starts for [PGOs](quickstart-pgo.md) and
[data sources](quickstart-data-source.md).
"""


def document() -> str:
    """The whole of docs/settings.md."""
    parts = [INTRODUCTION]
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            raise TypeError(f"{name} is not a section")
        lines = [_line(name, member, info) for member, info in section.model_fields.items()]
        head = "| setting | environment | value | default | meaning |\n|---|---|---|---|---|"
        parts.append("\n".join([f"## `[{name}]`\n", f"{section.__doc__}\n", head, *lines, ""]))
    return "\n".join(parts)


def _line(section: str, name: str, field: FieldInfo) -> str:
    default = "**required**" if field.is_required() else _written(field.default)
    variable = f"`VAD__{section.upper()}__{name.upper()}`"
    return f"| `{name}` | {variable} | {_value(field)} | {default} | {field.description} |"


def _written(value: object) -> str:
    if value is None:
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _value(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(each for each in get_args(kind) if each is not type(None))
    if get_origin(kind) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(kind))
    words = [NAMES[kind]]
    for word, sign in (("from", "ge"), ("above", "gt"), ("to", "le")):
        words += [f"{word} {getattr(limit, sign)}" for limit in field.metadata if hasattr(limit, sign)]
    return " ".join(words)


if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")
