"""What people read of their own data is in words: not one code of those that a row may hold is left out."""

from collections.abc import Iterable

import pytest

from vad.adapters.postgres.own_data import SECTIONS
from vad.adapters.postgres.schema import table
from vad.domain.audit import AuditEvent, Outcome
from vad.domain.block import BlockKind, BlockReason, PlacedBy
from vad.domain.case import CaseOutcome, CaseState, Reach, TextKind
from vad.domain.consent import Duration
from vad.domain.contact import ContactState
from vad.domain.ground import Basis
from vad.domain.mandate import MandateState, Route
from vad.domain.mandate_legal import LegalKind
from vad.domain.notice import Notice
from vad.web.support.own_data_words import WORDS

CODES: dict[tuple[str, str], Iterable[str]] = {
    ("consents", "duration"): Duration,
    ("mandates", "state"): MandateState,
    ("mandates", "route"): Route,
    ("legal_mandates", "kind"): LegalKind,
    ("blocks", "kind"): BlockKind,
    ("blocks", "placed_by"): PlacedBy,
    ("blocks", "reason"): BlockReason,
    ("contacts", "state"): ContactState,
    ("notices", "notice"): Notice,
    ("cases", "state"): CaseState,
    ("cases", "outcome"): CaseOutcome,
    ("cases", "reach"): Reach,
    ("case_texts", "kind"): TextKind,
    ("events", "type"): [each.type for each in AuditEvent.__subclasses__()],
    ("events", "outcome"): Outcome,
    ("events", "basis"): Basis,
}


@pytest.mark.parametrize(("section", "column"), CODES)
def test_every_code_has_words(section: str, column: str) -> None:
    """Nor are there words for what no row can hold, where they are this file's own."""
    known = WORDS[section, column]
    assert [code for code in CODES[section, column] if str(code) not in known] == []


def test_words_are_for_columns_that_there_are() -> None:
    """A column that was renamed takes its words with it. Reasons of events have a test of their own."""
    assert set(WORDS) == {*CODES, ("events", "reason")}
    for section, column in WORDS:
        assert column in table(SECTIONS[section].row).c
