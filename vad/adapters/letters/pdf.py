"""Typst: a tagged PDF after PDF/UA-1, from a template that takes what it says as data (ADR 0023)."""

import json
from collections.abc import Mapping
from datetime import datetime


def compiled(template: bytes, name: str, content: Mapping[str, object], at: datetime) -> bytes:
    """The PDF of a template that finds its content, as JSON, under this name; `at` is when it says it was made."""
    import typst  # noqa: PLC0415 - a worker that writes nothing keeps the 7 MiB of its compiler

    made = typst.compile(
        template,
        sys_inputs={name: json.dumps(content)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=at.replace(microsecond=0),
    )
    if not isinstance(made, bytes):
        raise TypeError("not one PDF")
    return made
