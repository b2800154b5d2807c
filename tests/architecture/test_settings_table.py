"""The table of settings says what the settings are."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_table_is_in_step_with_the_settings() -> None:
    """docs/settings.md is what its generator makes of vad/adapters/configuration/sections.py today."""
    made = runpy.run_path(str(DOCS / "generate_settings.py"))["document"]()
    assert (DOCS / "settings.md").read_text("utf-8") == made, "run: .venv/bin/python docs/generate_settings.py"
