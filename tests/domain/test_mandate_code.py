"""The code of a mandate (rule 24)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vad.domain.errors import InvalidIdentifierError
from vad.domain.mandate_code import ALPHABET, LENGTH, MandateCode

CODES = st.binary(min_size=LENGTH, max_size=LENGTH).map(MandateCode.of_random)


def test_the_alphabet_has_no_look_alikes() -> None:
    """Rule 24: 32 characters, of which none is taken for another."""
    assert len(set(ALPHABET)) == 32
    assert not set("01IO") & set(ALPHABET)


@given(CODES)
def test_a_code_is_read_as_people_write_it(code: MandateCode) -> None:
    """Rule 24: groups, spaces, hyphens and lower case; nobody reads it in a log."""
    shown = code.shown()
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{2}", shown)
    for written in (shown, shown.lower(), shown.replace("-", " "), f"  {shown.replace('-', '')} ", f"{shown}\n"):
        assert MandateCode(written).reveal() == code.reveal()
    assert code.reveal() not in f"{code!r} {code}"


@given(CODES, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(code: MandateCode, place: int, other: str) -> None:
    """Rule 24: the last character checks the others."""
    right = code.reveal()
    wrong = right[:place] + other + right[place + 1 :]
    if wrong != right:
        with pytest.raises(InvalidIdentifierError):
            MandateCode(wrong)


@given(st.text(max_size=60))
def test_anything_else_is_no_code(text: str) -> None:
    """Whatever is pasted: a code or an error of ours."""
    try:
        assert set(MandateCode(text).reveal()) <= set(ALPHABET)
    except InvalidIdentifierError as error:
        assert not text or len(text) < 3 or text not in str(error)  # noqa: PT017 - what it does not say
