"""What was done with the person's access (P13): the page, and the same as a file."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, stream_with_context, url_for

from vad.services.activity import ActivityPage
from vad.services.activity_entries import ActivityEntry
from vad.services.ports.volatile import RateLimit
from vad.web.citizen import activity_files, activity_filter
from vad.web.support import own_pages, rate_limits
from vad.web.support.own_session import page, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("activity", __name__)


@blueprint.get("/")
@blueprint.get("/mijn")
def home() -> Response:
    """The citizen's pages begin with the activity."""
    return see_other(url_for("activity.activity"))


@blueprint.get("/mijn/activiteit")
def activity() -> Response:
    """Show it to the person who is logged in; anybody else logs in first."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.ACTIVITY)
    at = now()
    asked, after = activity_filter.asked(at), activity_filter.place()
    shown: ActivityPage = services().activity.of(here.session, at, asked.filter, after)
    following = activity_filter.cursor(shown.following) if shown.following else None
    return page(
        "activity.html",
        here,
        own_pages.ACTIVITY,
        status=400 if asked.problem else 200,
        shown=shown,
        typed=asked.typed,
        problem=asked.problem,
        filtered=bool(asked.query),
        first=after is None,
        address=_address(asked.query),
        following=following and _address({**asked.query, activity_filter.CURSOR: following}),
        files={media: _address(asked.query, media) for media in ("csv", "json")},
    )


@blueprint.get("/mijn/activiteit.<any(csv, json):media>")
def file(media: str) -> Response:
    """Give what the same filter shows, and all of it."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.ACTIVITY)
    rate_limits.per_subject(RateLimit.DOWNLOAD, str(here.session.person_id))
    at = now()
    asked = activity_filter.asked(at)
    if asked.problem:
        return see_other(_address(asked.query))
    entries: Iterator[ActivityEntry] = services().activity.download(here.session, at, asked.filter, media)
    lines = activity_files.as_csv(entries) if media == "csv" else activity_files.as_json(entries, at)
    response = Response(stream_with_context(lines), content_type=_MEDIA[media])
    response.headers["Content-Disposition"] = f'attachment; filename="activiteit.{media}"'
    response.headers["Cache-Control"] = "no-store"
    return response


_MEDIA = {"csv": "text/csv; charset=utf-8; header=present", "json": "application/json"}


def _address(query: Mapping[str, Any], media: str = "") -> str:
    named: dict[str, Any] = {"media": media} if media else {}
    return url_for("activity.file" if media else "activity.activity", **named, **query)
