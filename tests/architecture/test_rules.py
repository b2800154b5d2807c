"""What code, tests and documents cite is there to be read: rules by number, pages by their letter and number."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = ROOT / "docs" / "rules.md"
TEXTS = (".py", ".md", ".html", ".css", ".mako", ".po", ".toml")
CITED = re.compile(r"\brules?\s+(\d+(?:(?:\s*,\s*|\s+(?:and|to|or)\s+|\s*,\s*and\s+)\d+)*)", re.IGNORECASE)
RANGE = re.compile(r"(\d+)\s+to\s+(\d+)")
PAGE = re.compile(r"\bP\d{1,2}\b")
RULE = re.compile(r"^### Rule (\d+): .+?(?=^##|\Z)", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`([^`]+)`")
KINDS = ("law", "published practice", "our decision")


@cache
def sources() -> dict[str, str]:
    """Every text of VAD, its tests and its documents, by its path."""
    found = (path for top in ("vad", "tests", "docs") for path in sorted((ROOT / top).rglob("*")))
    kept = (path for path in found if path.suffix in TEXTS and "vendor" not in path.parts and path != Path(__file__))
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in kept}


@cache
def rules() -> dict[int, str]:
    """The text of each rule by its number."""
    found = [(int(match[1]), match[0]) for match in RULE.finditer(RULES.read_text("utf-8"))]
    assert len(dict(found)) == len(found), "a number stands for one rule"
    return dict(found)


def numbers(cited: str) -> set[int]:
    """The numbers in "1, 2 and 5 to 9"; a range names each between its ends as well."""
    spanned = {n for first, last in RANGE.findall(cited) for n in range(int(first), int(last) + 1)}
    return spanned | {int(n) for n in re.findall(r"\d+", cited)}


def line_of(rule: str, name: str) -> str:
    """The text behind `- Source:`, `- Code:` or `- Test:`."""
    match = re.search(rf"^- {name}: (.+)$", rule, re.MULTILINE)
    assert match, f"no line {name}"
    return match[1]


def test_every_cited_rule_exists() -> None:
    """A number in the code leads to a text, so that nobody needs a paper from elsewhere to understand it."""
    cited = {path: set().union(*map(numbers, CITED.findall(text))) for path, text in sources().items()}
    assert {path: wrong for path, found in cited.items() if (wrong := found - rules().keys())} == {}
    assert len(set().union(*cited.values())) > 15


def test_every_rule_is_cited() -> None:
    """A rule that no code and no test names may be out of force without anybody noticing."""
    text = "\n".join(text for path, text in sources().items() if not path.startswith("docs/"))
    assert rules().keys() - set().union(*map(numbers, CITED.findall(text))) == set()


@pytest.mark.parametrize("number", sorted(rules()))
def test_a_rule_names_its_source_code_and_test(number: int) -> None:
    """It says where it comes from; its code is a file, and its test a function in a file."""
    rule = rules()[number]
    assert line_of(rule, "Source").startswith(KINDS)
    code, tests = (NAMED.findall(line_of(rule, name)) for name in ("Code", "Test"))
    assert code
    assert tests
    assert [path for path in code if not (ROOT / path).is_file()] == []
    assert [test for test in tests if not _is_test(test)] == []


def test_every_cited_page_is_listed() -> None:
    """A page that is cited as P5 stands in the table of pages, with its address."""
    listed = set(re.findall(r"^\| (P\d+) \|", sources()["docs/architecture.md"], re.MULTILINE))
    cited = {page for text in sources().values() for page in PAGE.findall(text)}
    assert listed
    assert cited - listed == set()


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("(rule 36)", {36}),
        ("Rules 10 and 11:", {10, 11}),
        ("(rules 2, 36, 37)", {2, 36, 37}),
        ("rules 1 to 3, and 9", {1, 2, 3, 9}),
        ("Rule 31 and 33:", {31, 33}),
        ("the rules of 2026", set()),
    ],
)
def test_the_search_finds_what_is_cited(text: str, cited: set[int]) -> None:
    """The check of the check."""
    assert set().union(*map(numbers, CITED.findall(text))) == cited


def _is_test(named: str) -> bool:
    path, _, function = named.partition("::")
    if not (ROOT / path).is_file():
        return False
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
