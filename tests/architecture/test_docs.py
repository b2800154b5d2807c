"""What the documents mention exists: paths, modules, names, links, make targets, commands and their options."""

import ast
import importlib.util
import re
import shlex
from functools import cache
from pathlib import Path

import click
import pytest

from tests.benchmarks import run
from tests.support.documents import PROJECT, blocks, programs
from vad.cli import main
from vad.sandbox.demo.command import demo

DOCUMENTS = sorted(
    path.relative_to(PROJECT).as_posix() for path in (*PROJECT.glob("*.md"), *PROJECT.joinpath("docs").rglob("*.md"))
)
IN_MARKS = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"\.?[\w.-]+(?:/[\w.*-]+)+/?|[a-z_-]+\.(?:py|toml|md|yaml|in)")
NAME = re.compile(r"(?<![\w.])vad(?:\.\w+)+")
TOP = ("vad/", "tests/", "config/", "docs/", "deploy/", ".ci/")
OF_THE_READER = {
    "make_key.py",
    "make_registration.py",
    "make_site_key.py",
    "make_source_key.py",
    "my_app.py",
    "my_logout.py",
    "my_mandates.py",
    "my_site.py",
    "source_check.py",
    "web_app.py",
}
"""Files that a reader makes by following a document."""


def text_of(document: str) -> str:
    """The text of a document without its fenced blocks."""
    return FENCED.sub("", (PROJECT / document).read_text("utf-8"))


def commands_of(document: str) -> list[list[str]]:
    """Every shell command of a document, in blocks and in marks, as words."""
    lines = [line for block in blocks(document, "sh") for line in block.text.splitlines()]
    marked = [found for found in IN_MARKS.findall(text_of(document)) if re.match(r"(make|vad) [a-z-]", found)]
    return [shlex.split(line) for line in (*lines, *marked)]


def anchors_of(document: Path) -> set[str]:
    """The anchors that GitHub makes of the headings of a document."""
    text = FENCED.sub("", document.read_text("utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def exists(name: str) -> bool:
    """Whether a dotted name is a module, or something that a module or one of its classes defines."""
    module, _, member = name.rpartition(".")
    try:
        if importlib.util.find_spec(name) is not None:
            return True
    except ModuleNotFoundError:
        pass
    if not module or module == "vad":
        return False
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return exists(module)
    if spec is None or spec.origin is None:
        return False
    tree = ast.parse(Path(spec.origin).read_text("utf-8"))
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    assigned = {ast.unparse(t) for node in ast.walk(tree) if isinstance(node, ast.Assign) for t in node.targets}
    return member in defined | assigned


def targets() -> set[str]:
    """The targets of the Makefile that `make help` shows."""
    return set(re.findall(r"^([a-z-]+):.*##", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE))


def fault_of(words: list[str]) -> str | None:
    """What is wrong with a `make` or `vad` command; None when nothing is, or when it is another program's."""
    if words[0] == "make":
        wrong = [word for word in words[1:] if "=" not in word and word not in targets()]
        arguments = next((word.removeprefix("ARGS=") for word in words if word.startswith("ARGS=--")), "")
        if not wrong and "bench" in words:
            unknown = run.parser().parse_known_args(shlex.split(arguments))[1]
            return f"no option {unknown[0]}" if unknown else None
        return f"no target {wrong[0]}" if wrong else fault_of(["vad", "demo", *shlex.split(arguments)])
    if words[0] != "vad":
        return None
    command: click.Command = main.cli
    rest = words[1:]
    while rest and isinstance(command, click.Group):
        found = command.get_command(click.Context(command), rest[0])
        if found is None:
            return f"no command {rest[0]}"
        command, rest = found, rest[1:]
    options = {name for parameter in command.params for name in parameter.opts}
    unknown = [word for word in rest if word.startswith("--") and word not in options]
    return f"no option {unknown[0]}" if unknown else None


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_exist(document: str) -> None:
    """A path in marks is a file or folder of the project; a file's bare name is the name of one."""
    marked = [found for found in IN_MARKS.findall(text_of(document)) if PATH.fullmatch(found)]
    ours = [path for path in marked if path.startswith(TOP) or ("/" not in path and path not in OF_THE_READER)]
    assert [path for path in ours if "*" not in path and not _anywhere(path, document)] == []


def _anywhere(path: str, document: str) -> bool:
    if (PROJECT / path).exists() or (PROJECT / document).parent.joinpath(path).exists():
        return True
    return "/" not in path and any((PROJECT / "vad").rglob(path))


def test_what_a_reader_makes_is_not_committed() -> None:
    """Every program that a quick start lets one save is left alone by git."""
    ignored = (PROJECT / ".gitignore").read_text("utf-8").splitlines()
    made = {name for document in DOCUMENTS if "quickstart" in document for name in programs(document)}
    assert made >= {"my_app.py", "source_check.py"}
    assert made - set(ignored) == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_names_exist(document: str) -> None:
    """A dotted name of VAD in marks is a module, a class, a function or a constant."""
    marked = [match[0] for found in IN_MARKS.findall(text_of(document)) for match in NAME.finditer(found)]
    assert [name for name in marked if "/" not in name and not exists(name)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_resolve(document: str) -> None:
    """A link within the project leads to a file, and its anchor to a heading."""
    wrong = []
    for link in (a or b for a, b in LINK.findall(text_of(document))):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (PROJECT / document).parent / file if file else PROJECT / document
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            wrong.append(link)
    assert wrong == []


def test_each_decision_has_a_number_of_its_own() -> None:
    """And stands in the list of them, in that order, by which others name it."""
    files = sorted(path.name for path in (PROJECT / "docs/adr").glob("[0-9]*.md"))
    assert len({name[:4] for name in files}) == len(files)
    assert re.findall(r"^\| \[\d{4}\]\((.+?)\)", text_of("docs/adr/README.md"), re.MULTILINE) == files


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if not name.startswith("docs/adr/")])
def test_commands_exist(document: str) -> None:
    """Each make target, command of `vad` and option exists. A decision may speak of what will come."""
    faults = {" ".join(words): fault_of(words) for words in commands_of(document) if words}
    assert {command: fault for command, fault in faults.items() if fault} == {}


def test_every_command_and_target_is_documented() -> None:
    """Nobody has to read the code to learn that a command exists."""
    text = "".join((PROJECT / document).read_text("utf-8") for document in DOCUMENTS)
    root = click.Context(main.cli)
    commands = {name: main.cli.get_command(root, name) for name in main.cli.list_commands(root)}
    groups = [group for group in commands.values() if isinstance(group, click.Group)]
    inner = {f"vad {group.name} {name}" for group in groups for name in group.commands}
    outer = {f"vad {name}" for name, command in commands.items() if command not in groups}
    assert inner
    assert "vad demo" in outer
    assert {name for name in (*inner, *outer) if name not in text} == set()
    options = {name for parameter in demo.params for name in parameter.opts}
    assert {name for name in options if f"`{name}" not in text} == set()


def test_the_checks_above_see_what_is_wrong() -> None:
    """The check of the check."""
    assert exists("vad.domain.access.decide")
    assert not exists("vad.domain.access.guess")
    assert not exists("vad.nowhere")
    assert fault_of(["make", "coffee"]) == "no target coffee"
    assert fault_of(["make", "demo", "ARGS=--fast"]) == "no option --fast"
    assert fault_of(["make", "bench", "ARGS=--fast"]) == "no option --fast"
    assert fault_of(["make", "bench", "ARGS=--flows W3 --rounds 1"]) is None
    assert fault_of(["vad", "keys", "lose"]) == "no command lose"
    assert "where-is-" in anchors_of(PROJECT / "docs/architecture.md")
