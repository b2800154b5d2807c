"""Who comes to the API of the log, what they may, and that they looked is an event before anything is shown."""

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from http import HTTPStatus
from typing import ParamSpec, TypeVar

from flask import g, request

from vad.domain.errors import NotPermittedError, OwnCaseError
from vad.domain.identifiers import PersonId
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.ports.volatile import RateLimit
from vad.web.admin.addresses import RIGHT
from vad.web.admin.support import services
from vad.web.support import rate_limits
from vad.web.support.api_bearer import Bearer, counted
from vad.web.support.api_problems import ApiProblem
from vad.web.support.services import now

P = ParamSpec("P")
R = TypeVar("R")
OPEN = frozenset({"audit_openapi.document"})
"""Endpoints that ask for no token."""


def check_token() -> None:
    """Find out who comes, before anything else of the request is looked at. Raises `ApiProblem`."""
    if request.endpoint is None or request.endpoint in OPEN or request.method == "OPTIONS":
        return
    bearer = Bearer("An access token of the identity provider of staff is needed.")
    with counted():
        _, token = bearer.presented()
        found = services().api_access.member(token, now())
        if found is None:
            raise bearer.invalid()
    g.member = found
    rate_limits.per_subject(RateLimit.API, str(found.account))


def member() -> StaffMember:
    """Who comes, once that was checked."""
    found: StaffMember = g.member
    return found


def needs(action: StaffAction) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Refuse who may not do this; by this view, or by its use case. That somebody tried is an event."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*positional: P.args, **named: P.kwargs) -> R:
            try:
                check(member(), action)
                return view(*positional, **named)
            except (NotPermittedError, OwnCaseError) as error:
                services().views.refused(member(), error, now(), what={"page": request.endpoint or ""})
                own = isinstance(error, OwnCaseError)
                detail = "This is about yourself: somebody else must look." if own else "Your roles do not allow this."
                raise ApiProblem(HTTPStatus.FORBIDDEN, "own_case" if own else "not_permitted", detail) from error

        setattr(guarded, RIGHT, action)
        return guarded

    return decorate


def looked(
    action: StaffAction,
    concerning: Collection[PersonId] = (),
    *,
    apart: Mapping[str, str] | None = None,
    **what: str,
) -> None:
    """Write down that somebody looks, before they do. `what` are ids: no names; what was typed is `apart`."""
    arguments = {name: str(value) for name, value in (request.view_args or {}).items()}
    where = {"page": request.endpoint or "", **arguments, **what}
    services().views.record(member(), action, now(), what=where, apart=apart, concerning=concerning)
