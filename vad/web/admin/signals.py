"""A6: signals, and saying what was done about one."""

from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, Response, current_app, request, url_for

from vad.domain.justification import Justification, JustificationError
from vad.domain.staff import StaffAction
from vad.services.signals import Shown, in_log
from vad.web.admin.log import lines
from vad.web.admin.support import Visit, page, services, staff_page, viewed
from vad.web.admin.time_out import sent
from vad.web.support.errors import page_expired
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("signals", __name__)

_LOG: Final = "log.log"


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
        may_persons=here.member.may(StaffAction.MANDATES_SEARCH),
        done=request.args.get("gedaan") == "ja",
    )


@blueprint.get("/signalen/<name>")
@staff_page(StaffAction.SIGNALS_HANDLE, recorded=False)
def signal(here: Visit, name: str) -> Response:
    """Show what was counted, and ask what was done about it."""
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
    # Named by the evidence, and not told of it: whom a signal is about is not warned (ADR 0004).
    who: dict[str, Any] = {"person": str(shown.signal.person)} if shown.signal.person else {}
    viewed(here, StaffAction.SIGNALS_HANDLE, **who)
    counted = services().signals.counted(here.member, shown.signal)
    may = here.member.may
    return page(
        "signal.html",
        here,
        status=400 if problem else 200,
        shown=shown,
        limits=services().signals.limits,
        counted=counted,
        lines=lines(here, counted.events),
        refer=services().references.of,
        in_log=_in_log(here, shown),
        may_search=may(StaffAction.LOG_SEARCH),
        may_persons=may(StaffAction.MANDATES_SEARCH),
        may_see_apps=may(StaffAction.CLIENTS_VIEW),
        typed=sent(),
        problem=problem,
    )


def _in_log(here: Visit, shown: Shown) -> str | None:
    """Where the log shows what was counted; None for who may not look there."""
    if _LOG not in current_app.view_functions or not here.member.may(StaffAction.LOG_SEARCH):
        return None
    wanted = in_log(shown.signal)
    return url_for(
        _LOG,
        since=wanted.since.date().isoformat(),
        until=(wanted.until + timedelta(days=1)).date().isoformat(),
        actor=shown.reference or None,
        client_id=wanted.client_id,
        type=list(wanted.types) or None,
        outcome=wanted.outcome,
        for_another="yes" if wanted.for_another else None,
    )
