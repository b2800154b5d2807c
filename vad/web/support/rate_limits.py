"""Stopping who asks too often, with a 429 that says when to come back (RFC 6585 section 4)."""

from contextlib import suppress
from http import HTTPStatus

from flask import request

from vad.domain.errors import StoreUnavailableError
from vad.services.ports.volatile import RateLimit
from vad.web.support.error_words import words_for
from vad.web.support.errors import PageError
from vad.web.support.neighbours import network_of
from vad.web.support.services import basics

_RETRY_AFTER = 30
"""Seconds: half a window later half of the uses have left it."""
_V6_PREFIX = 64
"""Bits: one home or office holds all addresses behind them."""


def per_address(limit: RateLimit) -> None:
    """Count this request for the address it comes from; raises a 429 page error when there were too many."""
    per_subject(limit, address())


def per_subject(limit: RateLimit, subject: str) -> None:
    """Count this request for somebody known."""
    if not basics().rate_limits.take(limit, subject):
        raise _too_many()


def refuse_unproved() -> None:
    """Raise a 429 for an address that failed to prove who asks too often, a moment ago; costs no trip.

    By address alone. A limit by what is claimed would let anybody lock out the client that they name.
    """
    if basics().rate_limits.exceeded(RateLimit.UNPROVED, address()):
        raise _too_many()


def count_unproved() -> None:
    """Count that this address did not prove who asks. Only failures count: a good request asks Redis nothing more."""
    # Whoever proved nothing gets nothing: without Redis they may hear that at once.
    with suppress(StoreUnavailableError):
        per_address(RateLimit.UNPROVED)


def _too_many() -> PageError:
    status = HTTPStatus.TOO_MANY_REQUESTS
    return PageError(status, words_for(status), retry_after=_RETRY_AFTER)


def address() -> str:
    """Give the address that this request comes from, as limits count it."""
    return network_of(request.remote_addr or "", bits_v4=32, bits_v6=_V6_PREFIX) or "unknown"
