"""A6: signals, and saying what was done about one."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, Response, current_app, request, url_for

from vad.domain.justification import Justification, JustificationError
from vad.domain.signal import CHANGE_TYPES, USE_TYPES, WRONG_CODE_TYPES, SignalKind
from vad.domain.staff import StaffAction
from vad.services.signals import Shown
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.admin.time_out import sent
from vad.web.support.errors import page_expired
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("signals", __name__)

_LOG: Final = "log.log"
_FILTERS: Final[Mapping[SignalKind, Mapping[str, Any]]] = {
    SignalKind.MANY_PEOPLE: {"for_another": "yes"},
    SignalKind.WRONG_CODES: {"type": WRONG_CODE_TYPES},
    SignalKind.REFUSALS_RISING: {"outcome": "refused"},
    SignalKind.NIGHT_BURST: {"type": USE_TYPES, "for_another": "yes"},
    SignalKind.APP_CHANGED: {"type": CHANGE_TYPES},
}
"""What the log is asked for to see what was counted."""


@blueprint.get("/signalen")
@staff_page(StaffAction.SIGNALS_VIEW)
def signals(here: Visit) -> Response:
    """Those that nobody has handled."""
    found = services().signals.open(here.member, now())
    return page(
        "signals.html",
        here,
        found=[(each, _in_log(here, each)) for each in found],
        limits=services().signals.limits,
        may_handle=here.member.may(StaffAction.SIGNALS_HANDLE),
        may_see_apps=here.member.may(StaffAction.CLIENTS_VIEW),
        done=request.args.get("gedaan") == "ja",
    )


@blueprint.get("/signalen/<name>")
@staff_page(StaffAction.SIGNALS_HANDLE)
def signal(here: Visit, name: str) -> Response:
    """Ask what was done about it."""
    return _form(here, name)


@blueprint.post("/signalen/<name>")
@staff_page(StaffAction.SIGNALS_HANDLE)
def handle(here: Visit, name: str) -> Response:
    """Write that down."""
    try:
        note = Justification(request.form.get("reason", ""), request.form.get("case_number", ""))
    except JustificationError as error:
        return _form(here, name, problem=error.fault.value)
    services().signals.handle(here.member, name, note, now(), here.session.sid)
    return see_other(url_for("signals.signals", gedaan="ja"))


def _form(here: Visit, name: str, problem: str | None = None) -> Response:
    shown = services().signals.named(here.member, name, now())
    if shown is None:
        raise page_expired()
    return page(
        "signal.html",
        here,
        status=400 if problem else 200,
        shown=shown,
        limits=services().signals.limits,
        typed=sent(),
        problem=problem,
    )


def _in_log(here: Visit, shown: Shown) -> str | None:
    """Where the log shows what was counted; None for who may not look there."""
    if _LOG not in current_app.view_functions or not here.member.may(StaffAction.LOG_SEARCH):
        return None
    known = shown.signal
    return url_for(
        _LOG,
        since=known.since.date().isoformat(),
        until=(known.until + timedelta(days=1)).date().isoformat(),
        actor=shown.reference or None,
        client_id=known.client_id,
        **_FILTERS[known.kind],
    )
