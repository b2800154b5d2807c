"""The documents of the project and the code in them."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(?P<language>[a-z]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"(?:#|//|<!--) (?P<name>[\w./-]+)(?P<more>, continued)?")


@dataclass(frozen=True)
class Block:
    """A fenced block of a document."""

    language: str
    text: str


def blocks(document: str, language: str) -> list[Block]:
    """The blocks of a document in this language, in order."""
    text = (PROJECT / document).read_text("utf-8")
    found = [Block(match["language"], match["text"]) for match in _FENCE.finditer(text)]
    return [block for block in found if block.language == language]


def programs(document: str, language: str = "python") -> dict[str, str]:
    """The programs of a document by name: a block says in its first line which file it begins or continues."""
    files: dict[str, str] = {}
    for block in blocks(document, language):
        named = _FILE.match(block.text)
        assert named, f"{document}: the first line of a block names its file"
        assert bool(named["more"]) is (named["name"] in files), f"{document}: {named['name']} begins once"
        files[named["name"]] = files.get(named["name"], "") + block.text
    return files


def adapted(text: str, changes: Mapping[str, str]) -> str:
    """The text with addresses replaced. Each must be there: a document that changes must not pass by accident."""
    for old, new in changes.items():
        assert old in text, f"{old} is not there"
        text = text.replace(old, new)
    return text


def wait_for(door: str, process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> None:
    """Wait until this program, just started, listens at `host:port`."""
    host, _, port = door.partition(":")
    until = time.monotonic() + 30
    while True:
        assert process.poll() is None, f"the program ended with {process.returncode}"
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except ConnectionRefusedError:
            assert time.monotonic() < until, f"nobody listens at {door}"
            time.sleep(0.05)
        else:
            return


@dataclass(frozen=True)
class Reader:
    """Somebody who does what the documents say, in a folder of their own."""

    folder: Path

    def run(self, program: str, *arguments: str) -> str:
        """Run one of their programs with our Python; return what it printed."""
        return self._printed([sys.executable, program, *arguments])

    def shell(self, script: str, **environment: str) -> str:
        """Run lines of a shell, which end at the first that fails; return what they printed."""
        return self._printed(["/bin/sh", "-ec", script], **environment)

    def _printed(self, command: list[str], **environment: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def follow(
        self, document: str, maker: str, overlay: str, changes: Mapping[str, str] | None = None, *, block: int = 0
    ) -> Path:
        """Make a key and register it, as a quick start says. Returns the folder for `--config`."""
        (self.folder / maker).write_text(programs(document)[maker])
        return self.register(document, maker, overlay, changes, block=block)

    def register(
        self, document: str, maker: str, overlay: str, changes: Mapping[str, str] | None = None, *, block: int = 0
    ) -> Path:
        """Do the same with a program that another document told to keep; `changes` are addresses."""
        printed = self.run(maker, overlay).strip()
        name, _, _ = printed.partition(" = ")
        lines = adapted(blocks(document, "toml")[block].text, changes or {}).splitlines()
        changed = [printed if line.startswith(f"{name} = ") else line for line in lines]
        assert changed != lines, f"{document}: the registration has no line for {name}"
        (self.folder / overlay / f"{block}-{overlay}.toml").write_text("\n".join(changed))
        return self.folder / overlay
