"""Authorising somebody (P7), and asking to be authorised (P9), by letter or not: the same steps, one question each."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Response, abort, request, url_for

from vad.domain.errors import InvalidIdentifierError, UnavailableError
from vad.domain.identifiers import Bsn
from vad.domain.mandate import Route, TermError, ends_after, latest_day
from vad.domain.mandate_parties import MandateUnableError
from vad.services.mandate_drafts import addressee, last_day, missing, shown_digest, wanted
from vad.services.mandates import LONGEST_LABEL
from vad.services.ports.volatile import MandateDraft
from vad.services.reaching import kinds_within, reach_of
from vad.web.support import birth_fields, own_pages
from vad.web.support.cookies import browser
from vad.web.support.own_session import Visit, page, posted, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("mandate_making", __name__)

_ROUTES: Final[Mapping[str, Route]] = {
    "machtigen": Route.OFFER,
    "machtiging-vragen": Route.REQUEST,
    "machtiging-per-brief": Route.LETTER,
}
_WHERE: Final = "<any(machtigen, 'machtiging-vragen', 'machtiging-per-brief'):where>"
_PAGES: Final[Mapping[Route, str]] = {
    Route.OFFER: own_pages.AUTHORISE,
    Route.REQUEST: own_pages.ASK,
    Route.LETTER: own_pages.ASK_BY_LETTER,
}
_STEPS: Final = ("wie", "wat", "hoelang", "controle")
_LONGEST_PART = 4
"""Characters of a day, a month or a year."""
_LONGEST_BSN = 20
_BETWEEN_DIGITS: Final = frozenset(" .-\t")
"""What people write between the digits of a BSN."""


@blueprint.get(f"/mijn/{_WHERE}")
def begin(where: str) -> Response:
    """Go to the first step that has no answer yet."""
    route, here = _route(where), visit()
    if here is None:
        return own_pages.log_in_first(_PAGES[route])
    return _to(where, missing(services().mandates.drafting.of(here.session, route), route, now()) or "controle")


@blueprint.get(f"/mijn/{_WHERE}/<any(wie, wat, hoelang, controle):step>")
def ask(where: str, step: str) -> Response:
    """Show one step, with what was filled in before."""
    route, here = _route(where), visit()
    if here is None:
        return own_pages.log_in_first(_PAGES[route])
    draft = services().mandates.drafting.of(here.session, route)
    first = missing(draft, route, now())
    if first is not None and _STEPS.index(first) < _STEPS.index(step):
        return _to(where, first)
    return _step(where, step, here, draft)


@blueprint.post(f"/mijn/{_WHERE}/<any(wie, wat, hoelang):step>")
def answer(where: str, step: str) -> Response:
    """Keep the answer, also of somebody whose login has ended by idle time meanwhile; then the next step."""
    route, here = _route(where), posted()
    drafting = services().mandates.drafting
    # Whose page it was says the cookie alone: nobody writes in somebody else's draft.
    session = services().sessions.known(browser().session_cookie) if here is None else here.session
    draft = _READ[step](MandateDraft() if session is None else drafting.of(session, route))
    if session is not None:
        drafting.keep(session, route, draft)
    if here is None:
        return own_pages.log_in_first(_PAGES[route])
    problem = _PROBLEMS[step](draft) or (_letter_problem(step, draft) if route is Route.LETTER else "")
    if problem:
        return _step(where, step, here, draft, problem=problem)
    first = missing(draft, route, now()) or "controle"
    following = _STEPS[_STEPS.index(step) + 1]
    # Whoever came back from the check page to change one thing goes back there.
    return _to(where, following if request.form.get("terug") != "controle" else first)


@blueprint.post(f"/mijn/{_WHERE}/controle")
def make(where: str) -> Response:
    """Make it, once, and show its code, once."""
    route, here = _route(where), posted()
    if here is None:
        return own_pages.log_in_first(_PAGES[route])
    mandates, at = services().mandates, now()
    draft = mandates.drafting.take(here.session, route)
    if draft is None:
        # Sent twice: the first one has made it, and its card can make another code.
        return see_other(url_for("mandates.given" if route is Route.OFFER else "mandates.held"))
    if not hmac.compare_digest(shown_digest(draft, route, at).encode(), request.form.get("shown", "").encode()):
        mandates.drafting.keep(here.session, route, draft)
        first = missing(draft, route, at)
        return _to(where, first) if first else _page("mandate_check.html", here, route, draft, status=409, changed=True)
    try:
        return _made(here, route, draft, at)
    except TermError as error:
        mandates.drafting.keep(here.session, route, draft)
        return _step(where, "hoelang", here, draft, problem=str(error))
    except MandateUnableError as error:
        mandates.drafting.keep(here.session, route, draft)
        return _page("mandate_check.html", here, route, draft, status=409, unable=error.why.value)
    except UnavailableError:
        # Nothing was made: it can be tried again.
        mandates.drafting.keep(here.session, route, draft)
        raise


def _made(here: Visit, route: Route, draft: MandateDraft, at: datetime) -> Response:
    """Make it. The code of a letter goes to somebody else: of that there is nothing to show."""
    mandates, asked, whom = services().mandates, wanted(draft, at), addressee(draft)
    if route is Route.LETTER:
        if mandates.by_letter is None or whom is None:
            abort(HTTPStatus.NOT_FOUND)
        mandates.by_letter.ask(here.session, asked, whom, at)
        return page("mandate_letter_asked.html", here, _PAGES[route], once=True, label=draft.label)
    made = (mandates.making.offer if route is Route.OFFER else mandates.making.request)(here.session, asked, at)
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
    known, whom = reach_of(registrations), addressee(draft)
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
        letter=route is Route.LETTER,
        letters=services().mandates.by_letter is not None,
        where=next(name for name, known in _ROUTES.items() if known is route),
        draft=draft,
        kinds=kinds_within(known, registrations),
        apps=known.clients,
        sources=known.sources,
        until=until,
        born=whom.birth if whom else None,
        shown=shown_digest(draft, route, at),
        **context,
    )


def _route(where: str) -> Route:
    """Which way it is; not found where no letters can be sent."""
    route = _ROUTES[where]
    if route is Route.LETTER and services().mandates.by_letter is None:
        abort(HTTPStatus.NOT_FOUND)
    return route


def _to(where: str, step: str) -> Response:
    return see_other(url_for("mandate_making.ask", where=where, step=step))


def _who(draft: MandateDraft) -> MandateDraft:
    born = birth_fields.parts()
    return replace(
        draft,
        label=request.form.get("label", "").strip()[:LONGEST_LABEL],
        bsn="".join(each for each in request.form.get("bsn", "")[:_LONGEST_BSN] if each not in _BETWEEN_DIGITS),
        birth_day=born["birth_day"],
        birth_month=born["birth_month"],
        birth_year=born["birth_year"],
    )


def _what(draft: MandateDraft) -> MandateDraft:
    known = reach_of(services().registrations)
    apps = {each.client_id for each in known.clients}
    return replace(
        draft,
        data_services=frozenset(request.form.getlist("data_service")) & known.kinds,
        clients=frozenset(request.form.getlist("app")) & apps,
        every_app="*" in request.form.getlist("app"),
        resources=frozenset(request.form.getlist("source")) & {each.identifier for each in known.sources},
    )


def _how_long(draft: MandateDraft) -> MandateDraft:
    day, month, year = (request.form.get(name, "").strip()[:_LONGEST_PART] for name in ("day", "month", "year"))
    term = request.form.get("term", "")
    return replace(draft, term=term if term in {"1", "6", "12", "date"} else "", day=day, month=month, year=year)


def _no_name(draft: MandateDraft) -> str:
    return "" if draft.label else "name"


def _letter_problem(step: str, draft: MandateDraft) -> str:
    """What a letter asks beside what every way asks."""
    if step == "wie" and addressee(draft) is None:
        try:
            Bsn(draft.bsn)
        except InvalidIdentifierError:
            return "bsn"
        return "birth"
    by_letter = services().mandates.by_letter
    if step == "hoelang" and by_letter is not None:
        try:
            by_letter.check_end(ends_after(last_day(draft, now()), now()), now())
        except TermError as error:
            return str(error)
    return ""


def _nothing_chosen(draft: MandateDraft) -> str:
    if not draft.data_services:
        return "kinds"
    if not (draft.every_app or draft.clients):
        return "apps"
    clients = frozenset[str]() if draft.every_app else draft.clients
    known = reach_of(services().registrations)
    return "" if known.places(draft.data_services, clients, draft.resources) else "sources"


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
