"""Fixtures for the quick starts of other libraries: their programs, running with the addresses of this town."""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

import pytest

from tests.support import npm
from tests.support.documents import Reader, adapted, programs, wait_for
from tests.support.over_tls import trusting
from tests.support.town import Town
from vad.sandbox.demo.layout import Layout
from vad.sandbox.ports import free_port

DOOR = "127.0.0.1:8200"
"""Where the documents' apps stand; the tests run them at another port."""
WITHOUT_TLS = ("oidc.allowInsecureRequests, ", "oidc.allowInsecureRequests", "[oauth.allowInsecureRequests]: true")
"""What lets a program do without TLS."""
Start = Callable[[Sequence[str]], "subprocess.Popen[str]"]
Keep = Callable[[str, str], None]
Program = Callable[[str, str], "subprocess.Popen[str]"]
ServePage = Callable[[], str]
PAGE = "docs/quickstart-oidc-client-ts.md"


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
    addresses = {DOOR: client_door}
    for key in ("vad", "hospital", "rivm"):
        here = the_town.address(key)
        for told in (Layout().address(key), Layout(tls=True).address(key)):
            addresses |= {told: here, quote(told, safe=""): quote(here, safe="")}

    def save(name: str, text: str) -> None:
        present = {old: new for old, new in addresses.items() if old in text}
        (reader.folder / name).write_text(adapted(text, present))

    return save


@pytest.fixture
def start(reader: Reader, the_town: Town) -> Iterator[Start]:
    """Give a way to start a program in the reader's folder; it ends with the test."""
    proxies = {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
    environment = os.environ | proxies
    if the_town.layout.tls:
        environment |= trusting(reader.folder / "names", the_town.state.ca_file)
    running: list[subprocess.Popen[str]] = []

    def run(command: Sequence[str]) -> "subprocess.Popen[str]":
        running.append(
            subprocess.Popen(
                command,
                cwd=reader.folder,
                env=environment,
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


@pytest.fixture
def program(node: str, keep: Keep, start: Start, the_town: Town) -> Program:
    """Give a way to start a program of a document; where the town has TLS, without what let it do without."""

    def run(document: str, name: str) -> "subprocess.Popen[str]":
        text = programs(document, "js")[name]
        keep(name, over_tls(text) if the_town.layout.tls else text)
        return start([node, name])

    return run


@pytest.fixture
def serve_page(node: str, keep: Keep, start: Start, the_town: Town, client_door: str) -> ServePage:
    """Give a way to serve the page with oidc-client-ts, which returns its address."""

    def run() -> str:
        for name, text in {**programs(PAGE, "html"), **programs(PAGE, "js")}.items():
            keep(name, over_tls(text) if the_town.layout.tls else text)
        wait_for(client_door, start([node, "my_page_server.mjs"]))
        return f"http://{client_door}/"

    return run


def over_tls(text: str) -> str:
    """The program as the documents say for https: what allows requests without TLS is left out."""
    for each in WITHOUT_TLS:
        text = text.replace(each, "")
    assert "allowInsecure" not in text
    return text
