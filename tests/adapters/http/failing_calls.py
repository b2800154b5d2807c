"""Calls about a person, and the proof that their failure tells nothing about that person."""

import traceback
from collections.abc import Callable

import pytest

from vad.adapters.http.caller import HttpCaller
from vad.domain.errors import RegisterUnavailableError

SECRET = "999991772"


def failure(call: Callable[[], object]) -> str:
    """Give the text of the failure, after proving that nothing in or behind it tells about whom it was."""
    with pytest.raises(RegisterUnavailableError) as caught:
        call()
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def ask(caller: HttpCaller, url: str) -> Callable[[], object]:
    """Ask about a person."""
    return lambda: caller.post_json(url, {"bsn": SECRET}, headers={"X-API-KEY": "key"})
