"""For whom (P3), and going on for somebody else (P4)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, g, request, url_for

from vad.domain.age import AMSTERDAM
from vad.domain.authorization import ChooseRepresented, ConfirmActing
from vad.domain.errors import StaleFlowError
from vad.domain.mandate import OVER, Mandate
from vad.domain.representation import Choice
from vad.services.authorize import Step
from vad.web.support.cookies import browser
from vad.web.support.errors import page_expired
from vad.web.support.flows import step_of
from vad.web.support.i18n import current_language
from vad.web.support.pages import render
from vad.web.support.redirects import origin, see_other
from vad.web.support.services import now, services
from vad.web.support.timeout import timeout

blueprint = Blueprint("acting", __name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody as the page shows them."""

    handle: str
    """Empty for somebody who cannot be chosen."""
    name: str
    age: int | None
    why: str
    """Why they can be chosen, or not: the value of a `Basis`, or of a `WhyNot`."""
    last_day: date | None = None
    """Of their mandate, or when it ended."""


@blueprint.get("/voor-wie")
def choose() -> Response:
    """Ask whose data it is about, when that is what is asked now."""
    step = step_of(request.args.get("flow", ""))
    if not isinstance(step.next, ChooseRepresented):
        return _on(step)
    services().authorize.hold(step.situation.request)
    return _choice(step, step.next, missing=False)


@blueprint.post("/voor-wie")
def chosen() -> Response:
    """Take the answer; then to the authorization endpoint."""
    step = _posted()
    if not isinstance(step.next, ChooseRepresented):
        return _on(step)
    if request.form.get("action") == "stop":
        services().authorize.refused_by_person(step.situation.request)
    elif not services().acting.choose(step, request.form.get("represented", "")):
        return _choice(step, step.next, missing=True)
    return _on(step)


@blueprint.get("/namens")
def confirm() -> Response:
    """Say for whom the person acts and why that is allowed, when that is what is asked now."""
    step = step_of(request.args.get("flow", ""))
    if not isinstance(step.next, ConfirmActing):
        return _on(step)
    services().authorize.hold(step.situation.request)
    mandate = step.next.mandate
    return _page(
        step,
        "acting_confirm.html",
        basis=step.next.basis.value,
        organisation=step.situation.client.organisation,
        last_day=None if mandate is None else mandate.last_day,
        may=[] if mandate is None else _may(step),
    )


@blueprint.post("/namens")
def confirmed() -> Response:
    """Go on, or choose somebody else; then to the authorization endpoint."""
    step = _posted()
    if isinstance(step.next, ConfirmActing):
        shown = request.form.get("represented", "")
        if request.form.get("action") == "continue":
            services().acting.confirm(step, shown)
        else:
            services().acting.choose_again(step, shown)
    return _on(step)


def _posted() -> Step:
    if not services().csrf.valid(browser().flow_cookie, request.form.get("csrf_token")):
        raise page_expired()
    return step_of(request.form.get("flow", ""))


def _on(step: Step) -> Response:
    return see_other(url_for("authorize.resume", flow=step.situation.request.flow))


def _choice(step: Step, asked: ChooseRepresented, *, missing: bool) -> Response:
    session = step.situation.session
    if session is None:
        raise StaleFlowError("no session")
    others = [_shown(step, each) for each in asked.choices.others]
    return _page(
        step,
        "acting_choose.html",
        status=400 if missing else 200,
        missing=missing,
        myself=services().acting.handle(step, session.person_id),
        others=[each for each in others if each.handle],
        missed=[each for each in others if not each.handle],
        certain=asked.choices.certain,
    )


def _shown(step: Step, each: Choice) -> Shown:
    last_day = None if each.mandate is None else _last_day(each.mandate)
    if each.basis is not None:
        handle = services().acting.handle(step, each.person_id)
        return Shown(handle, each.name, each.age, each.basis.value, last_day)
    return Shown("", each.name, each.age, each.why_not.value, last_day)


def _last_day(mandate: Mandate) -> date:
    """The last day of what is in force; the day on which what is over stopped."""
    stopped = mandate.state in OVER and mandate.changed_at < mandate.ends_at
    return mandate.changed_at.astimezone(AMSTERDAM).date() if stopped else mandate.last_day


def _may(step: Step) -> list[str]:
    """The kinds of data that the mandate lets this app fetch, of those that it asks for."""
    situation, dutch = step.situation, current_language() == "nl"
    taking_part = (source for source in situation.sources if source.active and source.representation)
    ids = sorted(frozenset[str]().union(*(situation.covered_at(source) for source in taking_part)))
    known = (services().registrations.data_service(each) for each in ids)
    return [service.name_nl if dutch else service.name_en for service in known if service is not None]


def _page(step: Step, template: str, *, status: int = 200, **context: Any) -> Response:
    flow_cookie, situation = browser().flow_cookie, step.situation
    if flow_cookie is None or situation.session is None:
        raise StaleFlowError("no flow cookie, or no session")
    g.ui_locales = " ".join(situation.request.ui_locales)
    g.form_action_origins = [origin(situation.request.redirect_uri)]
    return render(
        template,
        status=status,
        name=services().sessions.name(situation.session, now()),
        represented=services().acting.name(step, now()),
        chosen=services().acting.chosen(step),
        app_name=situation.client.name,
        flow=situation.request.flow,
        timeout=timeout(situation.session, now(), flow=situation.request.flow),
        csrf_token=services().csrf.token(flow_cookie),
        **context,
    )
