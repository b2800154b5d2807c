"""What documents say of attacks, pitfalls and demands is shown: each row names a test, and every test exists."""

import ast
import re
from functools import cache

import pytest

from tests.support.documents import PROJECT

LEAST = {"docs/threat-model.md": 50, "docs/attacks.md": 100, "docs/authlib.md": 25, "docs/nlgov.md": 30}
"""Each of these documents, and how many rows it has at least."""
HEADS = ("| attack", "| what the library does", "| demand")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
STANDARDS = {
    *("RFC 9126", "RFC 9101", "RFC 9449", "RFC 8705", "RFC 9396", "RFC 8707", "RFC 7591 and 7592", "RFC 9207"),
    *("RFC 9470", "RFC 9728", "RFC 9701", "RFC 7009 and 7662", "RFC 8693", "RFC 9700", "RFC 8725"),
    *("OpenID Connect Core", "Form Post Response Mode", "RP-Initiated Logout", "Back-Channel Logout"),
    *("RFC 7636", "RFC 7523", "FAPI 2.0 Security Profile"),
}


def text_of(document: str) -> str:
    """What stands there."""
    return (PROJECT / document).read_text("utf-8")


@pytest.mark.parametrize("document", LEAST)
def test_every_row_names_a_test(document: str) -> None:
    """An attack or a demand, how it is met, and at least one test, in each row."""
    lines = text_of(document).splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith(HEADS)]
    assert len(rows) > LEAST[document]
    for row in rows:
        attack, defence, tests = (cell.strip() for cell in row.strip("|").split(" | "))
        assert attack
        assert defence
        assert NAMED.search(tests), row


@pytest.mark.parametrize("document", LEAST)
def test_every_named_test_exists(document: str) -> None:
    """A test that was renamed or removed takes its row with it."""
    for file, name in NAMED.findall(text_of(document)):
        assert name in functions_of(file), f"{file}::{name}"


def test_each_standard_has_its_table() -> None:
    """None that VAD speaks is left out, and none stands there without an attack."""
    tables = re.findall(r"^## (.+)\n\n\| attack", text_of("docs/attacks.md"), re.MULTILINE)
    assert {each.partition(",")[0] for each in tables} == STANDARDS


@cache
def functions_of(file: str) -> set[str]:
    """The tests in a file."""
    tree = ast.parse((PROJECT / file).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
