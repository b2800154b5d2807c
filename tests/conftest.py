"""Real servers for the tests: PostgreSQL and Redis of our own, started once, or those that the environment names."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
import structlog
from sqlalchemy import make_url

from vad.sandbox.ports import free_port
from vad.sandbox.postgres import PostgresServer
from vad.sandbox.redis import RedisServer

# Until all tests are known nothing is garbage: to search it again and again would take more than a second.
gc.disable()

# A busy machine is no defect: an example may take its time, and the number of examples bounds the whole.
hypothesis.settings.register_profile("vad", deadline=None)
hypothesis.settings.load_profile("vad")

pytest_plugins = [
    "tests.support.browsers",
    "tests.support.town_fixtures",
    "tests.support.backroom",
    "tests.support.staff_office",
]

_MEMORY = Path("/dev/shm")  # noqa: S108 - whoever may write there
_ROOM = 6 * 2**30
"""Bytes that four processes of a run never come near."""
_NO_BROWSER = pytest.StashKey[str]()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Tell what `-n auto` means: two processes to a core, as each waits half its time for its servers and browser."""
    return 2 * len(os.sched_getaffinity(0))


def pytest_configure() -> None:
    """Keep what the tests write in memory, where that has room; TMPDIR names another place.

    A database is hundreds of files. To make and drop one on a disk can take half a second of the kernel's work.
    """
    if "TMPDIR" not in os.environ and _has_room(_MEMORY):
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # read anew


def _has_room(place: Path) -> bool:
    """Tell whether files fit there and programs may be started from there; a container's often has 64 MiB and can't."""
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return False
    told = os.statvfs(place)
    facts = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text("utf-8").splitlines())
    available = int(facts["MemAvailable"].split()[0]) * 1024
    return not told.f_flag & os.ST_NOEXEC and min(told.f_bavail * told.f_frsize, available) >= _ROOM


def pytest_collection_finish() -> None:
    """Search for garbage from now on, among what the tests make."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, so that the processes of a run end at about the same time."""
    long = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("journey")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Leave the log as it was: a command that is run in this process sets it up as for a process of its own."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@dataclass(frozen=True)
class DatabaseServer:
    """Where the tests find PostgreSQL: database `vad` by role, and an address that may make databases."""

    app_url: str
    migrate_url: str
    superuser_url: str
    admin_url: str
    worker_url: str


@dataclass(frozen=True)
class CacheServer:
    """Where the tests find Redis."""

    url: str


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """Give a temporary folder for servers that, unlike pytest's own, PostgreSQL's account under root can enter."""
    directory = Path(tempfile.mkdtemp(prefix="vad-test-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def postgres(server_directory: Path) -> Iterator[DatabaseServer]:
    """Give the PostgreSQL server of this test run.

    VAD__DATABASE__URL and VAD__DATABASE__MIGRATE_URL name another; the migrating role is a superuser there, and
    VAD__ADMIN__DATABASE_URL and VAD__WORKER__DATABASE_URL name its roles for the administration and the worker, without
    which the tests of those fail.
    """
    app_url = os.environ.get("VAD__DATABASE__URL")
    if app_url is not None:
        migrate_url = os.environ.get("VAD__DATABASE__MIGRATE_URL", app_url)
        maintenance = make_url(migrate_url).set(database="postgres")
        superuser_url = maintenance.render_as_string(hide_password=False)
        others = (os.environ.get(f"VAD__{program}__DATABASE_URL", "") for program in ("ADMIN", "WORKER"))
        yield DatabaseServer(app_url, migrate_url, superuser_url, *others)
        return
    with PostgresServer(server_directory / "postgres", free_port(), fast=True) as server:
        urls = (server.app_url, server.migrate_url, server.superuser_url, server.admin_url, server.worker_url)
        yield DatabaseServer(*urls)


@pytest.fixture(scope="session")
def redis_server(server_directory: Path) -> Iterator[CacheServer]:
    """Give the Redis server of this test run; VAD__REDIS__URL names another, in which nothing of a VAD is left."""
    url = os.environ.get("VAD__REDIS__URL")
    if url is not None:
        yield CacheServer(url)
        return
    with RedisServer(server_directory / "redis", free_port()) as server:
        yield CacheServer(server.url)


@pytest.fixture(scope="session")
def chromium(pytestconfig: pytest.Config) -> str:
    """Give the path of the browser; without one its tests are skipped, or fail under VAD_REQUIRE_BROWSER=1.

    Debian packs the same Chromium without its windows too: half the work for the same pages.
    """
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found is not None:
            return found
    reason = "no Chromium on this machine (Debian: apt-get install chromium-headless-shell)"
    if os.environ.get("VAD_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytestconfig.stash[_NO_BROWSER] = reason
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say loudly that browser journeys were left out."""
    reason = config.stash.get(_NO_BROWSER, None)
    if reason is not None:
        terminalreporter.write_sep("!", f"BROWSER JOURNEYS SKIPPED: {reason}", yellow=True, bold=True)
