"""Stopping a mandate by letter with its stop code (rule 23): for everybody, logged in or not."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, request

from vad.services.mandate_codes import CodeRefusedError
from vad.services.ports.volatile import RateLimit
from vad.web.support import birth_fields
from vad.web.support.csrf import sent_by
from vad.web.support.pages import render
from vad.web.support.rate_limits import per_address
from vad.web.support.redirects import origin
from vad.web.support.services import now, services

blueprint = Blueprint("mandate_stop_code", __name__)

_LONGEST_CODE = 40


@blueprint.get("/machtiging-stoppen")
def ask() -> Response:
    """Ask for the code, and for the birth date of whom it is of."""
    return _page()


@blueprint.post("/machtiging-stoppen")
def stop() -> Response:
    """Stop it at once. There is no cookie to ride on; another site's form is refused all the same."""
    if not sent_by(request.headers, origin(services().issuer)):
        abort(HTTPStatus.FORBIDDEN)
    per_address(RateLimit.STOP_CODE)
    text = request.form.get("code", "").strip()[:_LONGEST_CODE]
    birth = birth_fields.birth_date()
    empty = [name for name, there in (("code", text), ("birth", birth)) if not there]
    if empty:
        return _page(empty)
    try:
        return _page(stopped=services().mandates.stop_code.stop(text, birth, now()))
    except CodeRefusedError as error:
        return _page([error.why.value])


def _page(problems: list[str] | None = None, *, stopped: bool | None = None) -> Response:
    return render(
        "mandate_stop_code.html",
        status=HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK,
        problems=problems or [],
        stopped=stopped,
        written={"code": request.form.get("code", "")[:_LONGEST_CODE], **birth_fields.typed()},
    )
