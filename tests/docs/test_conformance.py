"""docs/conformance.md lists every module of every plan, says how it stands, and names tests that exist."""

import ast
import re

import pytest

from tests.conformance import modules
from tests.support.documents import PROJECT

TEXT = (PROJECT / "docs/conformance.md").read_text("utf-8")
SECTIONS = {
    "Basic OP and Form Post OP": modules.BASIC,
    "Config OP": modules.CONFIG,
    "Dynamic OP": modules.DYNAMIC,
    "RP-Initiated Logout OP": modules.RP_LOGOUT,
    "Back-Channel Logout OP": modules.BACKCHANNEL_LOGOUT,
    "FAPI 2.0 Security Profile": modules.FAPI2,
    "FAPI 2.0 Message Signing": modules.SIGNED_REQUESTS,
}
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
STATES = {"passes", "review", "skipped", "fails"}


def section(title: str) -> str:
    """What stands under this heading."""
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_plan_is_there() -> None:
    """By the name that the suite gives it, and with all its modules."""
    assert set(SECTIONS.values()) >= {each for name, each in modules.PLANS.items() if "message-signing" not in name}
    for name in modules.PLANS:
        assert f"`{name}`" in TEXT


@pytest.mark.parametrize("title", SECTIONS)
def test_every_module_has_its_row(title: str) -> None:
    """Once, with a state, and with a test that shows it."""
    rows = [line.strip("| ").split(" | ", 2) for line in section(title).splitlines() if line.startswith("| `")]
    assert tuple(name.strip("`") for name, _, _ in rows) == SECTIONS[title]
    for name, state, shown in rows:
        assert state in STATES, name
        assert NAMED.search(shown), name


def test_every_named_test_exists() -> None:
    """A test that was renamed or removed takes its row with it."""
    named = NAMED.findall(TEXT)
    assert len(named) > 100
    known: dict[str, set[str]] = {}
    for file, name in named:
        if file not in known:
            tree = ast.parse((PROJECT / file).read_text("utf-8"))
            known[file] = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in known[file], f"{file}::{name}"
