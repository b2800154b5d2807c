"""Everything about one person as one archive: JSON for programs, and a page to read."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import Response, make_response, render_template

from vad.web.support.i18n import current_language


def download(told: Mapping[str, Sequence[Mapping[str, object]]], at: datetime) -> Response:
    """The archive, as an answer that no cache keeps."""
    written = json.dumps({"madeAt": at.isoformat(timespec="seconds"), **told}, ensure_ascii=False, indent=1)
    readable = render_template("own_data_file.html", told=told, at=at, language=current_language())
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("vad.json", written)
        files.writestr("vad.html", readable)
    response = make_response(archive.getvalue())
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = 'attachment; filename="vad.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response
