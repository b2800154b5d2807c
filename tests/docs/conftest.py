"""A town built as the documents say: what they let a reader put in folders of their own is laid over the demo."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.docs.apache import SITE, serve
from tests.docs.client_programs import DOOR, client_door, keep, node, program, serve_page, start
from tests.support.database import Server, migrated_template, new_database
from tests.support.documents import Reader, adapted, blocks, programs
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town, town
from vad.cli import main
from vad.sandbox.ports import free_port
from vad.sandbox.redis import RedisServer

__all__ = ["client_door", "keep", "migrated_template", "node", "program", "serve", "serve_page", "start"]

PGO, SOURCE, DEMO, API = "docs/quickstart-pgo.md", "docs/quickstart-data-source.md", "docs/demo.md", "docs/api.md"
WEB_APP, OPENID_CLIENT = "docs/quickstart-authlib.md", "docs/quickstart-openid-client.md"
REQUESTS = "docs/quickstart-oauth4webapi.md"
FAPI2 = "docs/quickstart-fapi2.md"
LOGOUT_PORT = 8201
"""Where it hears that a session ended; the tests register and use another port."""


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Give a reader who has done nothing yet."""
    return Reader(tmp_path_factory.mktemp("reader"))


@pytest.fixture(scope="session")
def logout_port() -> int:
    """Give the port at which the app of the PGO's quick start hears that a session ended."""
    return free_port()


@pytest.fixture(scope="session")
def overlays(reader: Reader, logout_port: int, client_door: str) -> tuple[Path, ...]:
    """Give the folders that the documents let a reader make: both quick starts, and the demo's own example."""
    app = reader.follow(PGO, "make_key.py", "my-app")
    (app / "my-children.toml").write_text(blocks(PGO, "toml")[1].text)
    logout = adapted(blocks(PGO, "toml")[2].text, {f":{LOGOUT_PORT}/": f":{logout_port}/"})
    (app / "my-logout.toml").write_text(logout)
    (app / "my-mandates.toml").write_text(blocks(API, "toml")[0].text)
    (app / "my-web-app.toml").write_text(adapted(blocks(WEB_APP, "toml")[0].text, {DOOR: client_door}))
    basic = reader.folder / "my-basic"
    basic.mkdir()
    (basic / "secret").write_text(_with_secret(OPENID_CLIENT, 1, basic / "my-basic.toml", client_door))
    site = reader.follow(SITE, "make_site_key.py", "my-site", {DOOR: client_door})
    secret = _with_secret(SITE, 1, site / "my-plain-site.toml", client_door)
    (site / "secret.conf").write_text(f'OIDCClientSecret "{secret}"\n')
    source = reader.follow(SOURCE, "make_source_key.py", "my-source")
    reader.follow(SOURCE, "make_inquiry_key.py", "my-source", block=1)
    example = reader.folder / "my-demo"
    jwks = reader.run("make_key.py", example.name).strip()
    for number, block in enumerate(blocks(DEMO, "toml")):
        lines = [jwks if line.startswith("jwks = ") else line for line in block.text.splitlines()]
        (example / f"{number}.toml").write_text("\n".join(lines))
    return app, basic, site, source, example


def _with_secret(document: str, block: int, registration: Path, door: str) -> str:
    """Register an app of a document with a secret, as `vad clients secret` makes one; the secret."""
    made = CliRunner().invoke(main.cli, ["clients", "secret"])
    assert made.exit_code == 0, made.output
    said, line = made.output.splitlines()
    changes = {DOOR: door, 'client_secret_sha256 = ["…"]': line}
    registration.write_text(adapted(blocks(document, "toml")[block].text, changes))
    return said.partition(": ")[2]


@pytest.fixture(scope="session")
def the_town(
    postgres: Server,
    migrated_template: str,
    redis_server: RedisServer,
    server_directory: Path,
    overlays: tuple[Path, ...],
) -> Iterator[Town]:
    """Give the town with the reader's folders laid over it."""
    folder = server_directory / "docs-town"
    with (
        new_database(postgres, migrated_template) as database,
        town(folder, database, redis_server.url, overlays) as built,
    ):
        yield built


@pytest.fixture
def vad_town(the_town: Town) -> Town:
    """Give the town with all mocks behaving."""
    return the_town


@pytest.fixture
def new_person(the_town: Town) -> Iterator[Callable[[], Person]]:
    """Give people, each with a browser of their own; it goes to a running app, and stops where none runs."""
    people: list[Person] = []

    def make() -> Person:
        people.append(Person(the_town, DOOR))
        return people[-1]

    yield make
    for person in people:
        person.leave()


@pytest.fixture
def app(reader: Reader, the_town: Town) -> Iterator["subprocess.Popen[str]"]:
    """Give the app of the PGO's quick start, running: as it stands there, with the addresses of this town."""
    changes = {
        "http://localhost:8100": the_town.issuer,
        "http://localhost:8105": the_town.address("hospital"),
        "http://localhost:8107": the_town.address("rivm"),
        DOOR: f"127.0.0.1:{free_port()}",  # on a loopback literal the port is free (RFC 8252)
    }
    (reader.folder / "my_app.py").write_text(adapted(programs(PGO)["my_app.py"], changes))
    proxies = {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
    with subprocess.Popen(
        [sys.executable, "my_app.py"],
        cwd=reader.folder,
        env=os.environ | proxies,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


@pytest.fixture
def my_app(reader: Reader, the_town: Town) -> RelyingParty:
    """Give the quick start's client made of nothing but HTTP, to ask what its own program never asks."""
    key = json.loads((reader.folder / "my-app" / "private-key.json").read_text())
    return RelyingParty(the_town.issuer, "my-app", f"http://{DOOR}/callback", key)
