"""What every page for staff stands on: the use cases, who is here, the right that a view needs, the frame."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from flask import Response, current_app, g, request, url_for

from vad.domain.break_glass import BreakGlass
from vad.domain.errors import NotPermittedError, OwnCaseError
from vad.domain.identifiers import PersonId
from vad.domain.staff import StaffAction, StaffMember, check
from vad.domain.staff_session import IDLE_LIFE, StaffSession
from vad.services.access_review import AccessReviews
from vad.services.break_glass import BreakGlassAccess
from vad.services.deciding import Deciding
from vad.services.key_changes import KeyChanges
from vad.services.key_overview import KeyOverview
from vad.services.log_changes import LogChanges
from vad.services.log_export import LogExports
from vad.services.log_inquiry import LogInquiry
from vad.services.log_proving import LogProving
from vad.services.log_wholeness import LogWholeness
from vad.services.mandate_inquiry import MandateInquiry
from vad.services.own_data import PersonExports
from vad.services.person_inquiry import PersonInquiry
from vad.services.ports.records import Registrations
from vad.services.ports.tokens import PersonReferences
from vad.services.signals import Signals
from vad.services.staff_accounts import AccountsOfStaff
from vad.services.staff_api_access import StaffApiAccess
from vad.services.staff_cases import StaffCases
from vad.services.staff_drafts import Typed
from vad.services.staff_enrolment import StaffEnrolment
from vad.services.staff_login import StaffLogin
from vad.services.staff_overview import StaffOverview
from vad.services.staff_views import StaffViews
from vad.services.unmasking import Unmasking
from vad.web.admin import time_out
from vad.web.admin.addresses import RIGHT
from vad.web.admin.addresses import here as this_page
from vad.web.admin.menu import Group
from vad.web.admin.words import ACTIONS
from vad.web.support.cookies import read
from vad.web.support.errors import page_expired
from vad.web.support.pages import render
from vad.web.support.redirects import page_stays, see_other
from vad.web.support.services import EXTENSION, Basics, now
from vad.web.support.timeout import WARNING, Timeout

FLOW = "vad_staff_flow"
SESSION = "vad_staff"
"""Names of their own: on one machine all ports share their cookies."""
NAVIGATION = "vad.navigation"
"""Where the application keeps its menu."""

Parameters = ParamSpec("Parameters")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminServices(Basics):
    """Everything that views for staff may use."""

    origin: str
    identity_origins: tuple[str, ...]
    """Of both identity providers: where forms of ours may lead."""
    jwks: Callable[[], bytes]
    login: StaffLogin
    enrolment: StaffEnrolment
    typed: Typed
    views: StaffViews
    cases: StaffCases
    break_glass: BreakGlassAccess
    overview: StaffOverview
    signals: Signals
    registrations: Registrations
    references: PersonReferences
    persons: PersonInquiry
    person_exports: PersonExports
    mandates: MandateInquiry
    log: LogInquiry
    deciding: Deciding
    key_overview: KeyOverview
    wholeness: LogWholeness
    unmasking: Unmasking
    key_changes: KeyChanges
    log_changes: LogChanges
    exports: LogExports
    proving: Callable[[], AbstractContextManager[LogProving]]
    api_access: StaffApiAccess
    access_reviews: AccessReviews
    accounts: AccountsOfStaff


@dataclass(frozen=True, slots=True)
class Visit:
    """A live login of somebody whose account is claimed, and the cookie that brought it."""

    session: StaffSession
    member: StaffMember
    cookie: str
    taken: tuple[BreakGlass, ...] = ()
    """The views that they took outside their roles, and that still hold."""


def services() -> AdminServices:
    """The use cases of the application that handles this request."""
    return cast("AdminServices", current_app.extensions[EXTENSION])


def staff_page(
    action: StaffAction, *, recorded: bool = True
) -> Callable[[Callable[Concatenate[Visit, Parameters], Response]], Callable[Parameters, Response]]:
    """Let nobody see this view but who may do this; everybody else is asked to log in, or refused.

    That they look is an event before the view runs, unless it says so itself (`recorded=False`). What a form that was
    posted leads to, the view says; where it shows a page after all, `page` does.
    """

    def decorate(view: Callable[Concatenate[Visit, Parameters], Response]) -> Callable[Parameters, Response]:
        @wraps(view)
        def guarded(*positional: Parameters.args, **named: Parameters.kwargs) -> Response:
            cookie = read(SESSION)
            by_itself = request.method != "GET" and time_out.KEEP_ONLY in request.form
            session = (services().login.peek if by_itself else services().login.current)(cookie, now())
            if request.method != "GET" and not services().csrf.valid(cookie, request.form.get("csrf_token")):
                raise page_expired()
            if session is None or cookie is None:
                return time_out.log_in_first(services().typed, cookie)
            if by_itself:
                return page_stays()
            member, taken = _member(session)
            if member is None:
                return see_other(url_for("enrolment.enrolment", pagina=this_page()))
            here = Visit(session, member, cookie, taken)
            try:
                check(member, action)
                if recorded and request.method == "GET":
                    viewed(here, action)
                time_out.bring_back(services().typed, member)
                return view(here, *positional, **named)
            except (NotPermittedError, OwnCaseError) as error:
                # By this view, or by its use case: that somebody tried is an event.
                where = {"page": request.endpoint or ""}
                services().views.refused(member, error, now(), sid=session.sid, what=where)
                raise

        setattr(guarded, RIGHT, action)
        return guarded

    return decorate


def viewed(
    here: Visit,
    action: StaffAction,
    *,
    concerning: Collection[PersonId] = (),
    apart: Mapping[str, str] | None = None,
    **what: str,
) -> None:
    """Write down that somebody looks, before they do; refuse who may not, or whom it is about.

    The arguments of the address are written down as well. They and `what` are ids: no names. What was typed
    is `apart`, where it can be erased.
    """
    arguments = {name: str(value) for name, value in (request.view_args or {}).items()}
    where = {"page": request.endpoint or "", **arguments, **what}
    services().views.record(
        here.member, action, now(), sid=here.session.sid, what=where, apart=apart, concerning=concerning
    )
    g.looked = True


def page(template: str, here: Visit, *, status: int = 200, told: bool = False, **context: Any) -> Response:
    """A page in the frame of staff, with the menu of what this one may see.

    No page is shown without an event, a form that comes back with its faults neither: it may hold as much as the page
    itself. `told`: the use case has written it.
    """
    at = now()
    if not told and not g.get("looked", False):
        viewed(here, getattr(current_app.view_functions[request.endpoint or ""], RIGHT))
    g.page_script = True
    left = int((here.session.ends_at - at).total_seconds())
    known: tuple[Group, ...] = current_app.extensions[NAVIGATION]
    return render(
        template,
        status=status,
        timeout=Timeout(
            idle=int(IDLE_LIFE.total_seconds()),
            left=left,
            warn=int(WARNING.total_seconds()),
            renew=url_for("staff_login.renew"),
            expired=url_for("staff_login.expired", pagina=this_page()),
            keep=time_out.KEEP_ONLY,
            minutes=int((here.session.ends_at - here.session.auth_time).total_seconds()) // 60,
        ),
        navigation=[(group.title, shown) for group in known if (shown := _entries(here, group))],
        roles=sorted(here.member.roles),
        taken=[(ACTIONS[each.action], each.ends_at) for each in here.taken],
        csrf_token=services().csrf.token(here.cookie),
        brought_back=time_out.brought_back(),
        **context,
    )


def _entries(here: Visit, group: Group) -> list[tuple[str, str, bool]]:
    return [
        (url_for(entry.endpoint), entry.title, entry.endpoint == request.endpoint)
        for entry in group.entries
        if here.member.may(entry.action)
    ]


def _member(session: StaffSession) -> tuple[StaffMember | None, tuple[BreakGlass, ...]]:
    """Who this is, with what they took outside their roles; nobody while it is not known whose account it is."""
    member = session.member()
    if member is None:
        return None, ()
    taken = services().break_glass.held(member, now())
    return session.member(frozenset(each.action for each in taken)), taken
