"""Fixtures for the quick starts of other libraries: their programs, running with the addresses of this town."""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.support import npm
from tests.support.documents import Reader, adapted
from tests.support.town import Town
from vad.sandbox.ports import free_port

DOOR = "127.0.0.1:8200"
"""Where the documents' apps stand; the tests run them at another port."""
Start = Callable[[Sequence[str]], "subprocess.Popen[str]"]
Keep = Callable[[str, str], None]


@pytest.fixture(scope="session")
def client_door() -> str:
    """Give host and port of the apps that other libraries make; those run one after another."""
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="session")
def node(reader: Reader) -> str:
    """Give Node.js, with the libraries beside the reader's programs."""
    (reader.folder / "node_modules").symlink_to(npm.installed())
    return npm.NODE


@pytest.fixture
def keep(reader: Reader, the_town: Town, client_door: str) -> Keep:
    """Give a way to save a file of a document, with the addresses of this town."""
    addresses = {
        "http://localhost:8100": the_town.issuer,
        "http://localhost:8105": the_town.address("hospital"),
        "http://localhost:8107": the_town.address("rivm"),
        "localhost%3A8105": the_town.address("hospital").removeprefix("http://").replace(":", "%3A"),
        DOOR: client_door,
    }

    def save(name: str, text: str) -> None:
        present = {old: new for old, new in addresses.items() if old in text}
        (reader.folder / name).write_text(adapted(text, present))

    return save


@pytest.fixture
def start(reader: Reader) -> Iterator[Start]:
    """Give a way to start a program in the reader's folder; it ends with the test."""
    proxies = {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
    running: list[subprocess.Popen[str]] = []

    def run(command: Sequence[str]) -> "subprocess.Popen[str]":
        running.append(
            subprocess.Popen(
                command,
                cwd=reader.folder,
                env=os.environ | proxies,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return running[-1]

    yield run
    for process in running:
        process.terminate()
        process.communicate(timeout=30)
