"""Logging out at an app's request: the whole table."""

import itertools

import pytest

from vad.domain.identifiers import ClientId
from vad.domain.logout import HintState, LogoutRequest, LogoutStep, NextLogoutStep, next_step

CASES = list(itertools.product(HintState, (True, False), (True, False)))


@pytest.mark.parametrize(("hint", "session", "same"), CASES)
def test_next_step(hint: HintState, session: bool, same: bool) -> None:  # noqa: FBT001 - a table
    """Only the app's own hint of this very session ends it unasked; a hint of anybody else leads nowhere."""
    step = next_step(LogoutRequest(ClientId("pgo"), hint=hint), session=session, same=same)
    if not session:
        assert step == LogoutStep(NextLogoutStep.DONE, may_redirect=hint is not HintState.UNKNOWN)
    elif hint is HintState.KNOWN and same:
        assert step == LogoutStep(NextLogoutStep.END, may_redirect=True)
    else:
        assert step == LogoutStep(NextLogoutStep.ASK, may_redirect=hint is HintState.NONE)
