"""A town on stores of its own, which tests here stop, flush and kill."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.serving import UNLIMITED, Served, Start
from tests.support.database import FreshDatabase
from tests.support.own_stores import Stores
from tests.support.town import Town, town
from tests.support.town_fixtures import registrations
from vad.sandbox.child import Child, Program
from vad.sandbox.demo.configuration import DEFAULTS, PROJECT
from vad.sandbox.demo.programs import environment
from vad.sandbox.ports import free_port
from vad.sandbox.postgres import PostgresServer
from vad.sandbox.postgres_data import SUPERUSER
from vad.sandbox.redis import RedisServer


@pytest.fixture(scope="session")
def own_stores(server_directory: Path) -> Iterator[Stores]:
    """Give a PostgreSQL and a Redis that no other test needs."""
    with (
        PostgresServer(server_directory / "fragile-postgres", free_port(), fast=True) as postgres,
        RedisServer(server_directory / "fragile-redis", free_port()) as redis,
    ):
        yield Stores(postgres, redis)


@pytest.fixture(scope="session")
def the_town(
    own_stores: Stores,
    server_directory: Path,
    rp_keys: dict[str, dict[str, object]],
    source_key: dict[str, object],
) -> Iterator[Town]:
    """Give the town on them; it takes the place of everybody else's town for the tests in this folder."""
    server = own_stores.postgres
    urls = (server.app_url, server.migrate_url, server.url(SUPERUSER), server.admin_url, server.worker_url)
    database = FreshDatabase(*urls)
    database.migrate()
    overlay = server_directory / "fragile-overlay"
    overlay.mkdir()
    (overlay / "tests.toml").write_text(registrations(rp_keys, source_key))
    with town(server_directory / "fragile-town", database, own_stores.redis.url, [overlay]) as built:
        yield built
        own_stores.mend()


@pytest.fixture
def stores(own_stores: Stores, the_town: Town) -> Iterator[Stores]:
    """Give the stores, running; whatever a test did to them is mended afterwards."""
    own_stores.mend()
    yield own_stores
    own_stores.mend()


@pytest.fixture
def start(vad_town: Town, stores: Stores, tmp_path: Path) -> Iterator[Start]:
    """Start two processes of `vad serve`; `settings` are environment variables."""
    with starting(vad_town, tmp_path) as begin:
        yield begin


@pytest.fixture(scope="module")
def shared(the_town: Town, own_stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give two processes of `vad serve` for a whole module: its tests leave them as able as they were."""
    own_stores.mend()
    with starting(the_town, tmp_path_factory.mktemp("shared")) as begin:
        yield begin(**UNLIMITED, VAD__OUTGOING__REST="2")


@contextmanager
def starting(built: Town, place: Path) -> Iterator[Start]:
    """Start servers inside the block."""
    begun: list[Child] = []

    def begin(server: str = "gunicorn", folder: Path | None = None, *, admin: bool = False, **settings: str) -> Served:
        port = free_port()
        command = ["serve", "--server", server, "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "8"]
        command += ["--admin"] if admin else []
        folders = (DEFAULTS, built.state.configuration, *([folder] if folder else []))
        child = Child(
            Program(
                arguments=(sys.executable, "-c", "from vad.cli.main import main; main()", *command),
                log=place / f"serve-{len(begun)}.log",
                environment=environment(folders) | settings,
                directory=PROJECT,
            )
        )
        begun.append(child)
        served = Served(f"http://127.0.0.1:{port}", child)
        served.until(lambda: served.ready() == 200 and len(served.workers()) == 2)
        if server == "granian":
            # A second one that can't start yet, on a busy machine, is replaced: it would be missed later.
            served.until(lambda: child.log.read_text().count("Started worker-") >= 2)
        return served

    try:
        yield begin
    finally:
        for child in begun:
            child.stop()
