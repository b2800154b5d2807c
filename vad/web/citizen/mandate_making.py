"""Authorising somebody (P7), and asking somebody to authorise me (P9): the same five steps, one question each."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, Response, request, url_for

from vad.domain.errors import UnavailableError
from vad.domain.mandate import Route, TermError, latest_day
from vad.domain.mandate_parties import MandateUnableError
from vad.services.mandate_drafts import last_day, missing, shown_digest, wanted
from vad.services.mandates import LONGEST_LABEL
from vad.services.ports.volatile import MandateDraft
from vad.web.support import own_pages
from vad.web.support.cookies import browser
from vad.web.support.own_session import Visit, page, posted, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("mandate_making", __name__)

_ROUTES: Final[Mapping[str, Route]] = {"machtigen": Route.OFFER, "machtiging-vragen": Route.REQUEST}
_PAGES: Final[Mapping[Route, str]] = {Route.OFFER: own_pages.AUTHORISE, Route.REQUEST: own_pages.ASK}
_STEPS: Final = ("wie", "wat", "hoelang", "controle")
_LONGEST_PART = 4
"""Characters of a day, a month or a year."""


@blueprint.get("/mijn/<any(machtigen, 'machtiging-vragen'):where>")
def begin(where: str) -> Response:
    """Go to the first step that has no answer yet."""
    route, here = _ROUTES[where], visit()
    if here is None:
        return own_pages.log_in_first(_PAGES[route])
    return _to(where, missing(services().mandates.drafting.of(here.session, route), now()) or "controle")


@blueprint.get("/mijn/<any(machtigen, 'machtiging-vragen'):where>/<any(wie, wat, hoelang, controle):step>")
def ask(where: str, step: str) -> Response:
    """Show one step, with what was filled in before."""
    route, here = _ROUTES[where], visit()
    if here is None:
        return own_pages.log_in_first(_PAGES[route])
    draft = services().mandates.drafting.of(here.session, route)
    first = missing(draft, now())
    if first is not None and _STEPS.index(first) < _STEPS.index(step):
        return _to(where, first)
    return _step(where, step, here, draft)


@blueprint.post("/mijn/<any(machtigen, 'machtiging-vragen'):where>/<any(wie, wat, hoelang):step>")
def answer(where: str, step: str) -> Response:
    """Keep the answer, also of somebody whose login has ended by idle time meanwhile; then the next step."""
    route, here = _ROUTES[where], posted()
    drafting = services().mandates.drafting
    # Whose page it was says the cookie alone: nobody writes in somebody else's draft.
    session = services().sessions.known(browser().session_cookie) if here is None else here.session
    draft = _READ[step](MandateDraft() if session is None else drafting.of(session, route))
    if session is not None:
        drafting.keep(session, route, draft)
    if here is None:
        return own_pages.log_in_first(_PAGES[route])
    problem = _PROBLEMS[step](draft)
    if problem:
        return _step(where, step, here, draft, problem=problem)
    first = missing(draft, now()) or "controle"
    following = _STEPS[_STEPS.index(step) + 1]
    # Whoever came back from the check page to change one thing goes back there.
    return _to(where, following if request.form.get("terug") != "controle" else first)


@blueprint.post("/mijn/<any(machtigen, 'machtiging-vragen'):where>/controle")
def make(where: str) -> Response:
    """Make it, once, and show its code, once."""
    route, here = _ROUTES[where], posted()
    if here is None:
        return own_pages.log_in_first(_PAGES[route])
    mandates, at = services().mandates, now()
    draft = mandates.drafting.take(here.session, route)
    if draft is None:
        # Sent twice: the first one has made it, and its card can make another code.
        return see_other(url_for("mandates.given" if route is Route.OFFER else "mandates.held"))
    if not hmac.compare_digest(shown_digest(draft, route, at).encode(), request.form.get("shown", "").encode()):
        mandates.drafting.keep(here.session, route, draft)
        first = missing(draft, at)
        return _to(where, first) if first else _page("mandate_check.html", here, route, draft, status=409, changed=True)
    try:
        asked = wanted(draft, at)
        made = (mandates.making.offer if route is Route.OFFER else mandates.making.request)(here.session, asked, at)
    except MandateUnableError as error:
        mandates.drafting.keep(here.session, route, draft)
        return _page("mandate_check.html", here, route, draft, status=409, unable=error.why.value)
    except UnavailableError:
        # Nothing was made: it can be tried again.
        mandates.drafting.keep(here.session, route, draft)
        raise
    return code_page(here, route, made.mandate.label, made.code.shown(), made.mandate.answer_by)


def code_page(here: Visit, route: Route, label: str, code: str, until: Any) -> Response:
    """The one time that a code is shown."""
    return page(
        "mandate_code.html",
        here,
        _PAGES[route],
        once=True,
        label=label,
        code=code,
        until=until,
        offer=route is Route.OFFER,
    )


def _step(where: str, step: str, here: Visit, draft: MandateDraft, *, problem: str = "") -> Response:
    back = "controle" if request.values.get("terug") == "controle" else ""
    return _page(
        _TEMPLATES[step],
        here,
        _ROUTES[where],
        draft,
        status=400 if problem else 200,
        problem=problem,
        back=back,
        longest=latest_day(now()),
    )


def _page(
    template: str, here: Visit, route: Route, draft: MandateDraft, *, status: int = 200, **context: Any
) -> Response:
    registrations, at = services().registrations, now()
    kinds = registrations.data_services()
    apps = [each for each in registrations.clients() if each.active and each.representation]
    try:
        until = last_day(draft, at)
    except TermError:
        until = None
    return page(
        template,
        here,
        _PAGES[route],
        status=status,
        offer=route is Route.OFFER,
        where=next(name for name, known in _ROUTES.items() if known is route),
        draft=draft,
        kinds=kinds,
        apps=sorted(apps, key=lambda each: (each.name.casefold(), each.client_id)),
        until=until,
        shown=shown_digest(draft, route, at),
        **context,
    )


def _to(where: str, step: str) -> Response:
    return see_other(url_for("mandate_making.ask", where=where, step=step))


def _who(draft: MandateDraft) -> MandateDraft:
    return replace(draft, label=request.form.get("label", "").strip()[:LONGEST_LABEL])


def _what(draft: MandateDraft) -> MandateDraft:
    registrations = services().registrations
    known = {each.id for each in registrations.data_services()}
    apps = {each.client_id for each in registrations.clients() if each.active and each.representation}
    return replace(
        draft,
        data_services=frozenset(request.form.getlist("data_service")) & known,
        clients=frozenset(request.form.getlist("app")) & apps,
        every_app="*" in request.form.getlist("app"),
    )


def _how_long(draft: MandateDraft) -> MandateDraft:
    day, month, year = (request.form.get(name, "").strip()[:_LONGEST_PART] for name in ("day", "month", "year"))
    term = request.form.get("term", "")
    return replace(draft, term=term if term in {"1", "6", "12", "date"} else "", day=day, month=month, year=year)


def _no_name(draft: MandateDraft) -> str:
    return "" if draft.label else "name"


def _nothing_chosen(draft: MandateDraft) -> str:
    if not draft.data_services:
        return "kinds"
    return "" if draft.every_app or draft.clients else "apps"


def _no_term(draft: MandateDraft) -> str:
    if not draft.term:
        return "term"
    try:
        last_day(draft, now())
    except TermError as error:
        return str(error)
    return ""


_TEMPLATES: Final = {
    "wie": "mandate_who.html",
    "wat": "mandate_what.html",
    "hoelang": "mandate_how_long.html",
    "controle": "mandate_check.html",
}
_READ: Final[Mapping[str, Callable[[MandateDraft], MandateDraft]]] = {"wie": _who, "wat": _what, "hoelang": _how_long}
_PROBLEMS: Final[Mapping[str, Callable[[MandateDraft], str]]] = {
    "wie": _no_name,
    "wat": _nothing_chosen,
    "hoelang": _no_term,
}
