"""A whole town for tests: VAD itself and every mock around it, over real HTTP, on real stores, in one process."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json import loads
from pathlib import Path
from typing import Any

import requests
from flask import Flask

from tests.support.database import FreshDatabase
from vad import settings
from vad.adapters.configuration import registrations
from vad.adapters.configuration.files import read
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.postgres.registration_writer import PostgresRegistrationWriter
from vad.bootstrap import admin, foundation, web
from vad.domain.age import AMSTERDAM
from vad.sandbox.demo import configuration, keys
from vad.sandbox.demo.certifying import certify
from vad.sandbox.demo.configuration import Servers
from vad.sandbox.demo.layout import Layout
from vad.sandbox.demo.programs import Programs
from vad.sandbox.demo.state import State
from vad.sandbox.outgoing import trust
from vad.sandbox.processes import Service, Supervisor
from vad.sandbox.serving import behind_tls, build, serve

NEIGHBOURS = {
    "digid": "digid",
    "brp": "brp",
    "prs": "prs",
    "hospital": "data_source",
    "gp": "data_source",
    "rivm": "data_source",
    "pgo": "pgo",
    "pgo2": "pgo",
    "post": "post",
    "staff_idp": "staff_idp",
}
"""Key of the layout, and the program that stands there."""


@dataclass(frozen=True)
class Town:
    """Everything runs and answers."""

    layout: Layout
    state: State
    keys: keys.Keys
    settings: settings.Settings
    database: FreshDatabase
    app: Flask
    """VAD, also served at `issuer`."""
    admin_app: Flask | None
    """Its pages for staff, served at their own address, where PostgreSQL has a role for them."""
    programs: Mapping[str, Mapping[str, Any]] = field(repr=False)
    """The configuration of each neighbour."""

    @property
    def issuer(self) -> str:
        """VAD's address."""
        return self.layout.address("vad")

    def address(self, key: str) -> str:
        """Where a program is: vad, digid, brp, prs, pgo, hospital, gp, rivm, post."""
        return self.layout.address(key)

    def fault(self, program: str, mode: str = "ok", **more: object) -> None:
        """Make a mock misbehave from now on; `ok` mends it."""
        answer = requests.post(f"{self.address(program)}/control/faults", json={"mode": mode, **more}, timeout=5)
        answer.raise_for_status()

    @contextmanager
    def misbehaving(self, program: str, mode: str, **more: object) -> Iterator[None]:
        """Make a mock misbehave inside the block."""
        self.fault(program, mode, **more)
        try:
            yield
        finally:
            self.fault(program)


@contextmanager
def town(
    folder: Path,
    database: FreshDatabase,
    redis_url: str,
    overlays: Sequence[Path] = (),
    *,
    served: bool = True,
    tls: bool = False,
) -> Iterator[Town]:
    """Build the town on these stores. `overlays` are folders of TOML as `vad demo --config` takes them.

    With `served` False nobody answers at VAD's address yet: it is kept for a process of the caller's own. With `tls` it
    is all as in `vad demo --tls`, where what ends TLS is a process of its own.
    """
    state, layout = State(folder), Layout.free(tls=tls)
    with ExitStack() as stack:
        stack.enter_context(state.locked())
        made = keys.keep(state.keys)
        others = (url or None for url in (database.admin_url, database.worker_url))
        servers = Servers(database.app_url, database.migrate_url, redis_url, *others)
        config = configuration.write(state, layout, made, servers, overlays, datetime.now(AMSTERDAM).date())
        programs: dict[str, Mapping[str, Any]] = {}
        started = Programs(state, layout, made, config)
        for service in started.neighbours():
            file = Path(service.program.arguments[-1])
            programs[file.stem] = loads(file.read_text())
        if tls:
            stack.enter_context(_behind_tls(started.tls(), state.ca_file))
        known = settings.load(config.folders)
        _prepare(known, config.folders)
        if tls:
            certify(state, known)
        app = web.create_app(known)
        admin_app = admin.create_admin_app(known) if database.admin_url else None
        if served:
            stack.enter_context(serve(app, layout.inner("vad")))
        if served and admin_app is not None:
            stack.enter_context(serve(admin_app, layout.inner("admin")))
        for key, program in NEIGHBOURS.items():
            raw = {name: value for name, value in programs[key].items() if name not in {"port", "ca_file"}}
            neighbour = build(program, raw)
            stack.enter_context(serve(behind_tls(neighbour) if tls else neighbour, layout.inner(key)))
        yield Town(layout, state, made, known, database, app, admin_app, programs)


@contextmanager
def _behind_tls(front: Service, ca_file: Path) -> Iterator[None]:
    """What ends TLS runs, and this process trusts who vouches for it."""
    with Supervisor(lambda _: None) as supervisor:
        supervisor.start(front)
        supervisor.wait_until_ready()
        trust(ca_file)
        try:
            yield
        finally:
            trust(None)


def _prepare(known: settings.Settings, folders: tuple[Path, ...]) -> None:
    """What the operator's commands do: keys and registrations."""
    assert known.database.migrate_url is not None
    owner = Database(known.database.migrate_url.get_secret_value())
    at = datetime.now(UTC)
    PostgresKeys(owner).add_missing(foundation.master_key(known), at)
    wanted = registrations.parse(read(folders))
    PostgresRegistrationWriter(owner).apply(wanted.clients, wanted.resource_servers, wanted.data_services, at)
    owner.close()
