"""docs/threat-model.md promises nothing that no test shows: every test it names exists, and each row names one."""

import ast
import re

from tests.support.documents import PROJECT

TEXT = (PROJECT / "docs/threat-model.md").read_text("utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| attack")]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_row_names_a_test() -> None:
    """An attack, a defence, and at least one test, in each row."""
    assert len(ROWS) > 50
    for row in ROWS:
        attack, defence, tests = (cell.strip() for cell in row.strip("|").split(" | "))
        assert attack
        assert defence
        assert NAMED.search(tests), row


def test_every_named_test_exists() -> None:
    """A test that was renamed or removed takes its row with it."""
    for file, name in NAMED.findall(TEXT):
        tree = ast.parse((PROJECT / file).read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file}::{name}"
