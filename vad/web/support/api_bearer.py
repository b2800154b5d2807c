"""The bearer token of a JSON API (RFC 6750)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from flask import request

from vad.web.support import rate_limits
from vad.web.support.api_problems import ApiProblem

_LONGEST: Final = 16384


@contextmanager
def counted() -> Iterator[None]:
    """Count an address that proves nothing inside; refuse it where it did so too often, a moment ago.

    Raises a 429 page error, which an API tells as a problem.
    """
    rate_limits.refuse_unproved()
    try:
        yield
    except ApiProblem as problem:
        if problem.status == HTTPStatus.UNAUTHORIZED:
            rate_limits.count_unproved()
        raise


@dataclass(frozen=True, slots=True)
class Bearer:
    """How an API asks for its tokens."""

    needed: str
    """What is needed, in words."""
    scope: str | None = None

    def token(self) -> str:
        """The token of the header: the one way in which an API takes it (section 2). Raises `ApiProblem`."""
        if "access_token" in request.args:
            raise self.challenge(HTTPStatus.BAD_REQUEST, "invalid_request", "A token does not belong in an address.")
        header = request.headers.get("Authorization")
        if header is None:
            # Nothing was tried, so there is no error to tell (section 3.1).
            raise ApiProblem(
                HTTPStatus.UNAUTHORIZED,
                "token_required",
                self.needed,
                headers={"WWW-Authenticate": f'Bearer realm="vad"{self._scope()}'},
            )
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > _LONGEST:
            raise self.invalid()
        return token

    def invalid(self) -> ApiProblem:
        """The answer for what is no token, or not any more."""
        return self.challenge(HTTPStatus.UNAUTHORIZED, "invalid_token", "The token is not valid, or not any more.")

    def challenge(self, status: HTTPStatus, error: str, detail: str) -> ApiProblem:
        """Any other, with its error code (section 3.1)."""
        scope = self._scope() if status is HTTPStatus.FORBIDDEN else ""
        told = f'Bearer realm="vad", error="{error}", error_description="{detail}"{scope}'
        return ApiProblem(status, error, detail, headers={"WWW-Authenticate": told})

    def _scope(self) -> str:
        return f', scope="{self.scope}"' if self.scope else ""
