"""A Dockerfile as its instructions, and which files .dockerignore lets through to it."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.support.documents import PROJECT

_BROKEN_LINE = re.compile(r"\\\n\s*")


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name and the rest of its line, continued lines joined."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The rest as words: those of a JSON array, or of a shell line."""
        return list(json.loads(self.text)) if self.text.startswith("[") else shlex.split(self.text)

    @property
    def pairs(self) -> dict[str, str]:
        """The names and values of ENV and LABEL."""
        return dict(word.split("=", 1) for word in self.words)


@dataclass(frozen=True)
class Stage:
    """One FROM with what follows; `name` is its AS, or its place among the stages."""

    name: str
    base: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, name: str) -> list[Instruction]:
        """Every instruction of this name."""
        return [instruction for instruction in self.instructions if instruction.name == name]

    def only(self, name: str) -> Instruction:
        """The one instruction of this name."""
        (instruction,) = self.all(name)
        return instruction

    @property
    def environment(self) -> dict[str, str]:
        """What ENV sets, as it is written."""
        return {name: value for each in self.all("ENV") for name, value in each.pairs.items()}


@cache
def stages() -> tuple[Stage, ...]:
    """The stages of the Dockerfile."""
    found: list[Stage] = []
    arguments: dict[str, str] = {}
    for instruction in _instructions((PROJECT / "Dockerfile").read_text("utf-8")):
        if instruction.name == "ARG" and not found:
            arguments |= instruction.pairs
        elif instruction.name == "FROM":
            base, *named = instruction.words
            for name, value in arguments.items():
                base = base.replace(f"${{{name}}}", value)
            found.append(Stage(named[1] if named else str(len(found)), base))
        else:
            found[-1].instructions.append(instruction)
    return tuple(found)


def final() -> Stage:
    """The stage that becomes the image."""
    return stages()[-1]


def _instructions(text: str) -> Iterator[Instruction]:
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for line in _BROKEN_LINE.sub(" ", lines).splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            yield Instruction(name, rest.strip())


@cache
def _rules() -> tuple[tuple[bool, re.Pattern[str]], ...]:
    """Each line of .dockerignore: whether it lets through, and what it is about (a path, and all below it)."""
    lines = (PROJECT / ".dockerignore").read_text("utf-8").splitlines()
    found = []
    for line in (line for line in lines if line and not line.startswith("#")):
        pattern = re.escape(line.removeprefix("!")).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        found.append((line.startswith("!"), re.compile(f"{pattern}(?:/.*)?")))
    return tuple(found)


def sent(path: str) -> bool:
    """Whether a file of the project reaches the builder: the last line that is about it decides."""
    through = True
    for lets_through, pattern in _rules():
        if pattern.fullmatch(path):
            through = lets_through
    return through


@cache
def context() -> tuple[Path, ...]:
    """Every file that reaches the builder, relative to the project."""
    tops = [path for path in PROJECT.iterdir() if sent(path.name) or path.name in {"config", "deploy"}]
    files = [file for top in tops for file in (top.rglob("*") if top.is_dir() else [top]) if file.is_file()]
    return tuple(sorted(file.relative_to(PROJECT) for file in files if sent(file.relative_to(PROJECT).as_posix())))
