"""Everything about me: what VAD holds about this person, as one file (AVG article 15)."""

from flask import Blueprint, Response

from vad.services.ports.volatile import RateLimit
from vad.web.support import own_data_archive, own_pages, rate_limits
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
    return own_data_archive.download(services().own_data.of(here.session, at), services().registrations, at)


def _log_in(here: Visit | None) -> Response:
    return own_pages.log_in_first(own_pages.OWN_DATA) if here is None else own_pages.log_in_again(own_pages.OWN_DATA)
