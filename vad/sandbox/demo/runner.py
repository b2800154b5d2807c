"""The order of things in a demo: what is started when, and how all of it ends."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from vad.sandbox.demo import certifying, configuration, description, keys, registering
from vad.sandbox.demo.check import Walk
from vad.sandbox.demo.configuration import Addition, Configuration, Servers
from vad.sandbox.demo.conformance import ProfileSet
from vad.sandbox.demo.layout import NAMES, Layout
from vad.sandbox.demo.ministry import Ministry
from vad.sandbox.demo.programs import Programs
from vad.sandbox.demo.state import State
from vad.sandbox.outgoing import trust
from vad.sandbox.ports import is_free, require_free
from vad.sandbox.postgres import PostgresServer
from vad.sandbox.processes import StopRequestedError, Supervisor, stoppable
from vad.sandbox.redis import RedisServer
from vad.settings import load

Say = Callable[[str], None]
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_LEFTOVER_SECONDS = 15.0
DATABASE_URL, MIGRATE_URL, REDIS_URL = "VAD__DATABASE__URL", "VAD__DATABASE__MIGRATE_URL", "VAD__REDIS__URL"
ADMIN_URL = "VAD__ADMIN__DATABASE_URL"


@dataclass(frozen=True)
class Running:
    """A demo in which everything answers."""

    layout: Layout
    configuration: Configuration
    supervisor: Supervisor


def demo(state: State, layout: Layout, overlays: tuple[Path, ...], say: Say, addition: Addition | None = None) -> None:
    """Run a demo until somebody stops it; raises `SandboxError` when it cannot start, or a part ends by itself."""
    today = _today()
    try:
        with stoppable(), running(state, layout, overlays, today, say, addition) as started:
            for line in description.table(layout, started.configuration, today):
                say(line)
            say(f"\nDescribed in {state.description}; logs in {state.logs}")
            say(f"Apps register themselves at {layout.address('vad')}/register, with {state.registration_token}")
            if layout.tls:
                say(f"The certificates are those of {state.ca_file}: let your browser or client trust it")
            if isinstance(addition, ProfileSet):
                written = addition.write(state, layout)
                say(f"For the suite at {addition.suite}: one file to paste for each plan in {written}")
            if isinstance(addition, Ministry):
                say(f"The ministry's clients find their provider, with its own pages, at {addition.address(layout)}")
            say(f"Begin at {layout.address('pgo')} ; Ctrl-C stops everything")
            started.supervisor.watch()
    except StopRequestedError:
        say("Stopped")


def check(state: State, layout: Layout, overlays: tuple[Path, ...], say: Say) -> bool:
    """Start a demo, walk the main job in it, stop it, and tell whether all went well. Raises `SandboxError`."""
    try:
        with stoppable(), running(state, layout, overlays, _today(), say) as started:
            return Walk(started.layout, started.configuration).run(say)
    except StopRequestedError:
        say("Stopped")
        return False


@contextlib.contextmanager
def running(
    state: State,
    layout: Layout,
    overlays: tuple[Path, ...],
    today: date,
    say: Say,
    addition: Addition | None = None,
) -> Iterator[Running]:
    """Start everything, in the order in which it is needed; stop it at the end, the last one first."""
    with state.locked(), Supervisor(say) as supervisor:
        _require_ports(state, layout)
        ministry = addition if isinstance(addition, Ministry) else None
        if ministry is not None:
            ministry.require_ports(layout)
        made = keys.keep(state.keys)
        try:
            servers, stores = _start_stores(state, layout, supervisor, say)
            config = configuration.write(state, layout, made, servers, overlays, today, addition)
            programs = Programs(state, layout, made, config, ministry)
            if layout.tls:
                supervisor.start(programs.tls())
                trust(state.ca_file)
            for service in programs.neighbours():
                supervisor.start(service)
            for name, program in (
                ("Database, keys and registrations", programs.preparing()),
                ("A month of history", programs.history()),
            ):
                begun = time.monotonic()
                supervisor.run(name, program)
                say(f"{name}: done ({time.monotonic() - begun:.1f} s)")
            known = load(config.folders)
            if layout.tls:
                certifying.certify(state, known)
            profile_set = addition if isinstance(addition, ProfileSet) else None
            token = registering.offer(state, known, profile_set)
            supervisor.start(programs.vad())
            supervisor.start(programs.worker())
            admin = programs.admin()
            if admin is not None:
                supervisor.start(admin)
            supervisor.wait_until_ready()
            address = f"{layout.address('vad')}/register"
            registration = {"registration": {"endpoint": address, "initial_access_token": token}}
            running = {"pids": supervisor.pids(), **stores, **registration}
            if ministry is not None:
                running["ministry"] = ministry.described(state, layout)
            description.write(state, layout, made, config, running)
            yield Running(layout, config, supervisor)
        finally:
            say("Stopping")
            supervisor.stop()
            state.description.unlink(missing_ok=True)


def _require_ports(state: State, layout: Layout) -> None:
    """See that every port is free before anything is made.

    A description that is still there was left by a demo that was killed: what it started is ending by itself.
    """
    elsewhere = {NAMES[key] for key, url in (("postgres", DATABASE_URL), ("redis", REDIS_URL)) if _named(url)}
    ours = {port: name for port, name in layout.ports().items() if name not in elsewhere}
    if state.description.exists():
        deadline = time.monotonic() + _LEFTOVER_SECONDS
        while time.monotonic() < deadline and not all(is_free(port) for port in ours):
            time.sleep(0.1)
    for port, name in ours.items():
        require_free(port, name)


def _start_stores(
    state: State, layout: Layout, supervisor: Supervisor, say: Say
) -> tuple[Servers, dict[str, dict[str, Any]]]:
    """Start PostgreSQL and Redis, unless the environment names others; tell where they are."""
    database_url, migrate_url, redis_url = (_named(name) for name in (DATABASE_URL, MIGRATE_URL, REDIS_URL))
    ours: dict[str, str] = {}
    if database_url is None:
        begun = time.monotonic()
        postgres = PostgresServer(state.postgres, layout.port("postgres"), say=say).start()
        supervisor.adopt(NAMES["postgres"], postgres.child, postgres.stop)
        say(f"PostgreSQL is ready ({time.monotonic() - begun:.1f} s)")
        ours |= {
            "database_url": postgres.app_url,
            "migrate_url": postgres.migrate_url,
            "admin_url": postgres.admin_url,
            "worker_url": postgres.worker_url,
        }
    elif (admin_url := _named(ADMIN_URL)) is not None:
        ours |= {"admin_url": admin_url}
    if redis_url is None:
        begun = time.monotonic()
        redis = RedisServer(state.redis, layout.port("redis")).start()
        supervisor.adopt(NAMES["redis"], redis.child, redis.stop)
        say(f"Redis is ready ({time.monotonic() - begun:.1f} s)")
        ours |= {"redis_url": redis.url}
    used = {"database_url": database_url, "migrate_url": migrate_url, "redis_url": redis_url} | ours
    stores = {
        "database": {"url": used["database_url"], "migrate_url": used["migrate_url"]},
        "redis": {"url": used["redis_url"]},
    }
    return Servers(**ours), stores


def _named(variable: str) -> str | None:
    return os.environ.get(variable) or None


def _today() -> date:
    return datetime.now(_AMSTERDAM).date()
