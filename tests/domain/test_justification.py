"""What is typed for a reason holds no BSN, and what VAD named by chance is not taken for one."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vad.domain.justification import holds_bsn

A_BSN = "229288297"


@pytest.mark.parametrize(
    "text",
    [
        A_BSN,
        f"The caller is {A_BSN}.",
        "2292 88 297",
        "229.288.297",
        f"b{A_BSN}e",
        f"83d106ed174b{A_BSN}ed8737e1e0d0",
        f"83d106ed174b{A_BSN}ed8737e1e0d and {A_BSN}",
    ],
)
def test_a_bsn_is_found_however_it_is_written(text: str) -> None:
    """Grouped or between letters, and beside a name that was made by chance."""
    assert holds_bsn(text)


@pytest.mark.parametrize("text", ["", "229288298", f"1{A_BSN}", "Zaak 2026-11"])
def test_other_digits_are_none(text: str) -> None:
    """The eleven test says which nine digits are a BSN (Logius)."""
    assert not holds_bsn(text)


@pytest.mark.parametrize(
    "name",
    [
        f"83d106ed174b{A_BSN}ed8737e1e0d",
        f"83d106ed174b{A_BSN}ed8737e1e0d".upper(),
        "a2292882-97aa-47aa-8a8a-b88418e7acb3",
        f"The request 83d106ed174b{A_BSN}ed8737e1e0d failed",
    ],
)
def test_a_name_by_chance_holds_none(name: str) -> None:
    """A name of 32 hexadecimal digits, with hyphens or without."""
    assert not holds_bsn(name)


@given(st.uuids())
def test_whatever_was_made_can_be_looked_for(name: UUID) -> None:
    """Whoever looks for a request, a login or a grant is never told that it is a BSN."""
    assert not holds_bsn(str(name))
    assert not holds_bsn(name.hex)
