"""The tree of errors."""

import inspect
import re

import pytest

from vad.domain import errors
from vad.domain.access import AccessDeniedError, Deny
from vad.domain.ground import DenyReason

CLASSES = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, Exception) and kind.__module__ == errors.__name__
}


def test_the_drawn_tree_is_the_real_one() -> None:
    """What the module draws at its top is every class there is, each under its parent."""
    drawn: dict[str, int] = {}
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^([│├└─ ]*)(\w+Error)\b", line)
        if found:
            drawn[found[2]] = len(found[1]) // 4
    depths = {name: kind.__mro__.index(errors.VadError) for name, kind in CLASSES.items()}
    assert drawn == depths


@pytest.mark.parametrize("name", CLASSES)
def test_one_root(name: str) -> None:
    """Whatever VAD raises on purpose can be caught as one."""
    assert issubclass(CLASSES[name], errors.VadError)


def test_two_audiences() -> None:
    """An error's public words never hold its detail; the text of the exception, for the log, does."""
    error = errors.ProtocolError("invalid_grant", "the code is used", detail="code hash known")
    assert (error.error, error.description, error.detail) == ("invalid_grant", "the code is used", "code hash known")
    assert str(error) == "invalid_grant: code hash known"
    assert str(errors.ProtocolError("invalid_grant", "the code is used")) == "invalid_grant: the code is used"


def test_a_denial_carries_its_reason() -> None:
    """The reason of a decision travels with the error, so that page and protocol can each put it into words."""
    denied = AccessDeniedError(Deny(DenyReason.AGE_SELF))
    assert (denied.reason, denied.denied.as_record(), str(denied)) == (DenyReason.AGE_SELF, {}, "AGE_SELF")
    assert isinstance(denied, errors.VadError)


def test_a_failed_login_says_what_the_person_may_know() -> None:
    """Rule 38: cancelled, failed, a level too low, or a login for somebody else; anything more is for the log."""
    error = errors.LoginFailedError(errors.LoginFailure.CANCELLED, "access_denied from DigiD")
    assert error.failure is errors.LoginFailure.CANCELLED
    assert str(error) == "cancelled: access_denied from DigiD"
    assert {"cancelled", "failed", "level", "representing"} == set(errors.LoginFailure)


def test_an_invalid_identifier_is_a_value_error() -> None:
    """A parser may catch it with the other values that do not fit."""
    assert issubclass(errors.InvalidIdentifierError, ValueError)
