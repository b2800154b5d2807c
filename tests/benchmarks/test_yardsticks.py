"""The servers that VAD is measured against stay as they are: with another yardstick, figures say nothing."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
FROZEN = {
    "floor.py": "d120a5c725035d7081c6e27adfa1fae419439e27472dcbdc7563459eb815e191",
    "naive.py": "55f539c17c4b07071bce79bfc2a5d079cd02cf818ceb5d79200709b3efb8b4e4",
    "naive_models.py": "335e7f7ecf92f84b728780a70ce4f25cd0f5409b73fd770b2d64636f7979636f",
}
TO_CHANGE = """{} is a yardstick, and it changed: put it back as it was.

If it has to change (a library's new release asks for it, or it was unfair), do all of this in one commit: run
`make bench` before and after, put the new figures of the floor, the naive server and VAD in docs/performance.md, say
there what changed and why, and put {} in FROZEN here."""


@pytest.mark.parametrize("name", FROZEN)
def test_a_yardstick_does_not_change(name: str) -> None:
    """To the byte: a check more or a trip less moves what VAD seems to cost."""
    digest = sha256((FOLDER / name).read_bytes()).hexdigest()
    assert digest == FROZEN[name], TO_CHANGE.format(name, digest)


def test_every_yardstick_is_held() -> None:
    """A file that says of itself that it is frozen, and what it imports of ours, is among them."""
    words = {file.name: file.read_text().partition("\n\nimport ")[0] for file in FOLDER.glob("*.py")}
    said = {name for name, text in words.items() if re.search(r"[\n ]Frozen[:,]", text)}
    imported = {
        f"{name}.py"
        for file in said
        for name in re.findall(r"from tests\.benchmarks\.(\w+) import", (FOLDER / file).read_text())
    }
    assert said | imported == FROZEN.keys()
