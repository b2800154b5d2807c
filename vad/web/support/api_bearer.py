"""The access token of a JSON API: a bearer token (RFC 6750), or one that is bound to a key (RFC 9449 section 7)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from flask import request

from vad.web.support import rate_limits
from vad.web.support.api_problems import ApiProblem

_LONGEST: Final = 16384
BEARER: Final = "bearer"
DPOP: Final = "dpop"
NONCE_WANTED: Final = "use_dpop_nonce"
"""The error of a proof that lacks VAD's nonce (RFC 9449 section 9)."""


@contextmanager
def counted() -> Iterator[None]:
    """Count an address that proves nothing inside; refuse it where it did so too often, a moment ago.

    Raises a 429 page error, which an API tells as a problem.
    """
    rate_limits.refuse_unproved()
    try:
        yield
    except ApiProblem as problem:
        # Who is only asked for a nonce has proved nothing wrong.
        if problem.status == HTTPStatus.UNAUTHORIZED and problem.code != NONCE_WANTED:
            rate_limits.count_unproved()
        raise


@dataclass(frozen=True, slots=True)
class Bearer:
    """How an API asks for its tokens."""

    needed: str
    """What is needed, in words."""
    scope: str | None = None
    dpop_algorithms: tuple[str, ...] = ()
    """What proofs may be signed with; none: it takes no tokens that are bound to a key."""

    def presented(self) -> tuple[str, str]:
        """How the token of the header came, `BEARER` or `DPOP`, and the token. Raises `ApiProblem`.

        An API takes it in no other way (section 2).
        """
        if "access_token" in request.args:
            raise self.challenge(HTTPStatus.BAD_REQUEST, "invalid_request", "A token does not belong in an address.")
        header = request.headers.get("Authorization")
        if header is None:
            # Nothing was tried, so there is no error to tell (section 3.1).
            raise ApiProblem(
                HTTPStatus.UNAUTHORIZED,
                "token_required",
                self.needed,
                headers={"WWW-Authenticate": self._challenges(self._scope())},
            )
        scheme, _, token = header.partition(" ")
        if scheme.lower() not in self._schemes or not token or len(token) > _LONGEST:
            raise self.invalid()
        return scheme.lower(), token

    def invalid(self) -> ApiProblem:
        """The answer for what is no token, or not any more."""
        return self.challenge(HTTPStatus.UNAUTHORIZED, "invalid_token", "The token is not valid, or not any more.")

    def challenge(self, status: HTTPStatus, error: str, detail: str) -> ApiProblem:
        """Any other, with its error code (section 3.1)."""
        scope = self._scope() if status is HTTPStatus.FORBIDDEN else ""
        told = f', error="{error}", error_description="{detail}"{scope}'
        return ApiProblem(status, error, detail, headers={"WWW-Authenticate": self._challenges(told)})

    @property
    def _schemes(self) -> frozenset[str]:
        return frozenset({BEARER, DPOP} if self.dpop_algorithms else {BEARER})

    def _challenges(self, told: str) -> list[str]:
        """One for each scheme (RFC 9110 section 11.6.1); what went wrong stands at the one that was tried.

        Each is a header of its own: not every client takes apart a list of challenges.
        """
        bearer = 'Bearer realm="vad"'
        if not self.dpop_algorithms:
            return [bearer + told]
        dpop = f'DPoP algs="{" ".join(self.dpop_algorithms)}"'
        tried = request.headers.get("Authorization", "").lower().startswith(f"{DPOP} ")
        return [bearer, f"{dpop}{told}"] if tried else [f"{bearer}{told}", dpop]

    def _scope(self) -> str:
        return f', scope="{self.scope}"' if self.scope else ""
