"""Everything about one person as one archive: JSON for programs, and a page to read."""

import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from flask import Response, make_response, render_template

from vad.services.ports.records import Registrations
from vad.web.support.i18n import _, current_language, date_long, time_of_day
from vad.web.support.own_data_words import words

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
_OF_SYSTEMS: Final = re.compile(r"[a-z]+_id|version|lapse_recorded|live")
"""Names and marks that only systems use. The file for programs has them."""
_SOMEBODY: Final = re.compile(r"person (?=[0-9a-f]{8}-)")
_SAYS_SOMETHING: Final = frozenset({"client_id"})


def download(
    told: Mapping[str, Sequence[Mapping[str, object]]], registrations: Registrations, at: datetime
) -> Response:
    """The archive, as an answer that no cache keeps."""
    written = json.dumps({"madeAt": at.isoformat(timespec="seconds"), **told}, ensure_ascii=False, indent=1)
    readable = render_template(
        "own_data_file.html",
        told={name: [_readable(name, row, registrations) for row in rows] for name, rows in told.items()},
        at=at,
        language=current_language(),
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("vad.json", written)
        files.writestr("vad.html", readable)
    response = make_response(archive.getvalue())
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = 'attachment; filename="vad.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _readable(section: str, row: Mapping[str, object], registrations: Registrations) -> dict[str, str]:
    """A row as people read it: without what is empty, in words, and moments as on our pages."""
    read: dict[str, str] = {}
    for name, value in row.items():
        if value in (None, "", [], {}) or not _is_read(name):
            continue
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            read[name] = ", ".join(words(section, name, each, registrations) for each in value)
        else:
            read[name] = _text(words(section, name, value, registrations) if isinstance(value, str) else value)
    return read


def _is_read(name: str) -> bool:
    return name in _SAYS_SOMETHING or not _OF_SYSTEMS.fullmatch(name)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value == "you":
        return _("You")
    if isinstance(value, str):
        return _in_words(value) if _MOMENT.fullmatch(value) else _SOMEBODY.sub(f"{_('Person')} ", value, count=1)
    return json.dumps(value, ensure_ascii=False)


def _in_words(moment: str) -> str:
    at = datetime.fromisoformat(moment)
    return f"{date_long(at)}, {time_of_day(at)}"
