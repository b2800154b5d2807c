"""The table of rights says what the rights are."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_table_is_in_step_with_the_rights() -> None:
    """docs/administration.md has the table that its generator makes of vad/domain/staff.py today."""
    made = runpy.run_path(str(DOCS / "generate_rights.py"))["document"]()
    assert (DOCS / "administration.md").read_text("utf-8") == made, "run: .venv/bin/python docs/generate_rights.py"
