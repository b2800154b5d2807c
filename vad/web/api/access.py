"""Who comes to the API: the access token, what it is bound to, and what it allows."""

from http import HTTPStatus

from flask import g, request

from vad.domain.client import MANDATES_SCOPE
from vad.domain.dpop import DpopProofError
from vad.domain.possession import Possession
from vad.services.api_access import ApiCaller, ApiFault, ApiRefusedError
from vad.services.ports.volatile import RateLimit
from vad.web.support import client_certificate, possession, rate_limits
from vad.web.support.api_bearer import DPOP, Bearer, counted
from vad.web.support.api_problems import ApiProblem
from vad.web.support.services import now, services

OPEN = frozenset({"openapi.document"})
"""Endpoints that ask for no token."""


def check() -> None:
    """Find out who comes, before anything else of the request is looked at. Raises `ApiProblem`."""
    if request.endpoint is None or request.endpoint in OPEN or request.method == "OPTIONS":
        return
    algorithms = services().profiles.dpop_algorithms
    bearer = Bearer("An access token of VAD itself is needed.", MANDATES_SCOPE, algorithms)
    with counted():
        scheme, token = bearer.presented()
        try:
            held = _held(token) if scheme == DPOP else client_certificate.held()
            g.caller = services().api_access.caller(token, held, MANDATES_SCOPE, now())
        except ApiRefusedError as error:
            raise _refused(bearer, error.why) from error
        except DpopProofError as error:
            raise bearer.challenge(HTTPStatus.UNAUTHORIZED, error.error, error.description) from error
    session = caller().session
    rate_limits.per_subject(RateLimit.API, f"{session.through} {session.person_id}")


def caller() -> ApiCaller:
    """Who comes, once that was checked."""
    found: ApiCaller = g.caller
    return found


def _held(token: str) -> Possession:
    """What is proved with this token. The scheme `DPoP` comes with a proof, always (RFC 9449 section 7.1)."""
    held = possession.proved(token)
    if not held.jkt:
        raise DpopProofError
    return held


def _refused(bearer: Bearer, why: ApiFault) -> ApiProblem:
    if why is ApiFault.INSUFFICIENT_SCOPE:
        detail = "The token does not hold the scope, or is about somebody else."
        return bearer.challenge(HTTPStatus.FORBIDDEN, why, detail)
    return bearer.invalid()
