"""Identifiers, the BSN above all."""

import copy
import io
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st

from vad.domain.errors import InvalidIdentifierError
from vad.domain.identifiers import Bsn

DIGITS = "999991772"
WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


@dataclass(frozen=True)
class Holder:
    """Something that has a BSN among its fields."""

    bsn: Bsn


@example(0)
@given(st.integers(min_value=0, max_value=999_999_999))
def test_eleven_proof(number: int) -> None:
    """Rule 31: 9·d1 + 8·d2 + … + 2·d8 - d9 is a multiple of 11, and not all digits are zero; nothing else is a BSN."""
    digits = f"{number:09}"
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True))
    if number and total % 11 == 0:
        assert Bsn(digits).reveal() == digits
    else:
        with pytest.raises(InvalidIdentifierError):
            Bsn(digits)


@given(st.integers(min_value=0, max_value=8), st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_is_noticed(place: int, by: int) -> None:
    """Rule 31: the 11-proof catches every single wrong digit."""
    wrong = str((int(DIGITS[place]) + by) % 10)
    with pytest.raises(InvalidIdentifierError):
        Bsn(DIGITS[:place] + wrong + DIGITS[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "99999177",
        "0999991772",
        "99999177 ",
        " 99999177",
        "9999.917.72",
        "99999-1772",
        "+99999177",
        "99999177a",
        "9999\n1772",
        "٩٩٩٩٩١٧٧٢",
        "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in DIGITS),
        "99999177²",
        "000000000",
    ],
)
def test_exactly_nine_ascii_digits(text: str) -> None:
    """Rule 31: nine digits; nothing is trimmed, padded or converted first, and the error does not repeat the text."""
    with pytest.raises(InvalidIdentifierError) as refused:
        Bsn(text)
    assert str(refused.value) == "not a BSN"


@pytest.mark.parametrize(
    "shown",
    [
        repr,
        str,
        "{}".format,
        "{!r}".format,
        "{!s}".format,
        "{!a}".format,
        lambda bsn: f"{bsn}",
        lambda bsn: "%s %r" % (bsn, bsn),  # noqa: UP031 - the rule is about every way
        lambda bsn: repr(Holder(bsn)),
        lambda bsn: repr([bsn, {bsn: bsn}]),
        lambda bsn: str(ValueError(bsn)),
    ],
)
def test_masked_wherever_it_is_shown(shown: Callable[[Bsn], str]) -> None:
    """Rule 31: a BSN that slips into a text does not show its digits, nor any part of them."""
    text = shown(Bsn(DIGITS))
    assert "Bsn(*********)" in text
    assert not any(digit in text for digit in DIGITS)


def test_masked_in_a_log_and_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """Rule 31: never in a log line, an error or a trace, not even one that prints local variables."""
    bsn = Bsn(DIGITS)
    try:
        {Bsn("999990019"): "somebody else"}[bsn]
    except KeyError as error:
        logging.getLogger("test").exception("lost %s %r", bsn, bsn, extra={"bsn": bsn})
        trace = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    out = io.StringIO()
    structlog.wrap_logger(structlog.PrintLogger(out), [structlog.processors.JSONRenderer()]).info("lost", bsn=bsn)
    for text in (caplog.text, trace, out.getvalue()):
        assert "Bsn(*********)" in text
        assert DIGITS not in text


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_never_pickled(protocol: int) -> None:
    """Rule 31: a pickle would hold the digits in clear, so there is none; nor is one hidden in another object."""
    for value in (Bsn(DIGITS), Holder(Bsn(DIGITS))):
        with pytest.raises(TypeError, match="a BSN is not pickled"):
            pickle.dumps(value, protocol)


@pytest.mark.parametrize("attempt", [json.dumps, copy.copy, copy.deepcopy, vars, "{:s}".format])
def test_no_side_door(attempt: Callable[[Bsn], object]) -> None:
    """Rule 31: `reveal()` is the one way to the digits; what would serialise or copy the object is refused."""
    with pytest.raises(TypeError):
        attempt(Bsn(DIGITS))


def test_compared_by_value() -> None:
    """Two BSNs are the same when their digits are; the mask does not make all equal."""
    assert Bsn(DIGITS) == Bsn(DIGITS)
    assert Bsn(DIGITS) != Bsn("999990019")
    assert len({Bsn(DIGITS), Bsn(DIGITS), Bsn("999990019")}) == 2


def test_can_not_be_changed() -> None:
    """A BSN that was checked stays what was checked."""
    bsn = Bsn(DIGITS)
    with pytest.raises(AttributeError):
        bsn._digits = "123456789"  # type: ignore[misc]  # noqa: SLF001
    with pytest.raises((AttributeError, TypeError)):
        bsn.note = "x"  # type: ignore[attr-defined]
    assert bsn.reveal() == DIGITS
