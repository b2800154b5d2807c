"""What docs/audit-exports.md says of FHIR is what is written."""

import re
from pathlib import Path

from vad.services.log_fhir import FIELDS

PAGE = Path(__file__).parents[2] / "docs" / "audit-exports.md"


def test_every_field_stands_in_the_table() -> None:
    """Each column of the log with its element, in this order."""
    table = PAGE.read_text(encoding="utf-8").partition("## FHIR R4 AuditEvent")[2]
    rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| (.*) \|$", table, re.MULTILINE)
    assert rows == [(column, element, how.strip()) for column, element, how in FIELDS]
