"""The log for everybody to follow: its newest checkpoint and its tiles, as C2SP tlog-tiles lays them out.

Hashes alone, over events with random ids: nobody learns from them what happened, or to whom.
"""

import re
from http import HTTPStatus

from flask import Blueprint, Response, abort
from werkzeug.routing import PathConverter

from vad.domain.log_tiles import WIDTH, Tile, width_at
from vad.services.ports.volatile import RateLimit
from vad.web.support import rate_limits
from vad.web.support.services import services

blueprint = Blueprint("transparency", __name__)

_LEVELS = 64
_LEVEL = re.compile(r"0|[1-9]\d?", re.ASCII)
_NUMBER = re.compile(r"(?:x\d{3}/)*\d{3}", re.ASCII)
_WIDTH = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_LONGEST_NUMBER = 28
"""Characters: as many as the largest number of a tile takes."""
_FOR_GOOD = "public, max-age=31536000, immutable"


@blueprint.get("/log/checkpoint")
def checkpoint() -> Response:
    """What was signed last; it is another one a second later."""
    rate_limits.per_address(RateLimit.LOG)
    newest = services().log.latest()
    if newest is None:
        abort(HTTPStatus.NOT_FOUND)
    response = Response(newest.note(), content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=1"
    return response


class AnyPath(PathConverter):
    """All that follows, line breaks and slashes too: to whatever is asked below an address a program gets an answer."""

    regex = "(?s:.+)"
    part_isolating = False


@blueprint.get("/log/tile/<any_path:name>", merge_slashes=False)
def tile(name: str) -> Response:
    """A tile of the tree that was signed last; less than full ones as wide as somebody asks for them."""
    rate_limits.per_address(RateLimit.LOG)
    log, asked = services().log, _asked(name)
    newest = log.latest()
    if asked is None or newest is None or width_at(asked.level, asked.number, newest.checkpoint.size) < asked.width:
        abort(HTTPStatus.NOT_FOUND)
    with log.tiles() as read:
        hashes = b"".join(read(asked))
    response = Response(hashes, content_type="application/octet-stream")
    response.headers["Cache-Control"] = _FOR_GOOD
    return response


def _asked(named: str) -> Tile | None:
    level, _, name = named.partition("/")
    if not _LEVEL.fullmatch(level) or int(level) >= _LEVELS:
        return None
    path, part, width = name.partition(".p/")
    if len(path) > _LONGEST_NUMBER or not _NUMBER.fullmatch(path) or (part and not _WIDTH.fullmatch(width)):
        return None
    found = Tile(int(level), int(path.replace("x", "").replace("/", "")), int(width) if part else WIDTH)
    return found if found.path == f"tile/{named}" else None
