"""Everything about me: what VAD holds about this person, as one file (AVG article 15)."""

import io
import json
import zipfile

from flask import Blueprint, Response, make_response, render_template

from vad.services.ports.volatile import RateLimit
from vad.web.support import own_pages, rate_limits
from vad.web.support.i18n import current_language
from vad.web.support.own_session import Visit, page, posted, visit
from vad.web.support.services import now, services

blueprint = Blueprint("own_data", __name__)


@blueprint.get("/mijn/gegevens")
def own_data() -> Response:
    """Say what can be had here."""
    here = visit()
    return (
        _log_in(here)
        if here is None or not here.session.recent(now())
        else page("own_data.html", here, own_pages.OWN_DATA)
    )


@blueprint.post("/mijn/gegevens")
def take() -> Response:
    """Give it: as JSON for programs, and as a page to read, in one archive."""
    here = posted()
    if here is None or not here.session.recent(now()):
        return _log_in(here)
    rate_limits.per_subject(RateLimit.DOWNLOAD, str(here.session.person_id))
    at = now()
    told = services().own_data.of(here.session, at)
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


def _log_in(here: Visit | None) -> Response:
    return own_pages.log_in_first(own_pages.OWN_DATA) if here is None else own_pages.log_in_again(own_pages.OWN_DATA)
