"""Who comes to the API: the bearer token (RFC 6750) and what it allows."""

from http import HTTPStatus

from flask import g, request

from vad.domain.client import MANDATES_SCOPE
from vad.services.api_access import ApiCaller, ApiFault, ApiRefusedError
from vad.services.ports.volatile import RateLimit
from vad.web.support.api_problems import ApiProblem
from vad.web.support import rate_limits
from vad.web.support.services import now, services

_LONGEST = 16384
OPEN = frozenset({"openapi.document"})
"""Endpoints that ask for no token."""


def check() -> None:
    """Find out who comes, before anything else of the request is looked at. Raises `ApiProblem`."""
    if request.endpoint is None or request.endpoint in OPEN or request.method == "OPTIONS":
        return
    try:
        g.caller = services().api_access.caller(_token(), MANDATES_SCOPE, now())
    except ApiRefusedError as error:
        raise _refused(error.why) from error
    session = caller().session
    rate_limits.per_subject(RateLimit.API, f"{session.through} {session.person_id}")


def caller() -> ApiCaller:
    """Who comes, once that was checked."""
    found: ApiCaller = g.caller
    return found


def _token() -> str:
    """The token of the header: the one way in which the API takes it (RFC 6750 section 2)."""
    if "access_token" in request.args:
        raise _challenge(HTTPStatus.BAD_REQUEST, "invalid_request", "A token does not belong in an address.")
    header = request.headers.get("Authorization")
    if header is None:
        # Nothing was tried, so there is no error to tell (RFC 6750 section 3.1).
        raise ApiProblem(
            HTTPStatus.UNAUTHORIZED,
            "token_required",
            "An access token of VAD itself is needed.",
            headers={"WWW-Authenticate": f'Bearer realm="vad", scope="{MANDATES_SCOPE}"'},
        )
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST:
        raise _refused(ApiFault.INVALID_TOKEN)
    return token


def _refused(why: ApiFault) -> ApiProblem:
    if why is ApiFault.INSUFFICIENT_SCOPE:
        return _challenge(HTTPStatus.FORBIDDEN, why, "The token does not hold the scope, or is about somebody else.")
    return _challenge(HTTPStatus.UNAUTHORIZED, why, "The token is not valid, or not any more.")


def _challenge(status: HTTPStatus, error: str, detail: str) -> ApiProblem:
    scope = f', scope="{MANDATES_SCOPE}"' if status is HTTPStatus.FORBIDDEN else ""
    told = f'Bearer realm="vad", error="{error}", error_description="{detail}"{scope}'
    return ApiProblem(status, error, detail, headers={"WWW-Authenticate": told})
