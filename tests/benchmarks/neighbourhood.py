"""Where the bench happens: VAD's neighbourhood on stores of its own, with apps, people and consents of its own.

Nothing of it is shared with other tests: the consents that it leaves behind stand until somebody stops them.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.callers import App
from tests.support.certificate_holder import BY_NAME, HEADER, Certificates, passed_on
from tests.support.database import FreshDatabase
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty, new_key, public
from tests.support.town import Town, town
from tests.support.town_fixtures import REDIRECT, registrations
from vad.adapters.configuration.limits_section import Limits
from vad.sandbox.load.loader import Loader, Wanted, open_sandbox
from vad.sandbox.persons import is_bsn
from vad.sandbox.ports import free_port
from vad.sandbox.postgres import PostgresServer
from vad.sandbox.postgres_data import SUPERUSER
from vad.sandbox.redis import RedisServer

LAB = "https://source.example"
SOUTH = "https://south.example"
"""A source whose tokens are signed with RS256."""
PEOPLE = 8
_NO_LIMITS = 1_000_000_000


@dataclass(frozen=True)
class Apps:
    """Those that ask."""

    usual: App
    rs256: App
    """The same, but its ID tokens and its source's tokens are signed with RS256."""
    source_key: Mapping[str, Any]
    """The source's own private key, to which the person is encrypted."""
    ways: Mapping[str, App]
    """The usual app in other ways, and one with a certificate: `par`, `dpop`, `mtls`."""
    authority: Path
    """Who vouches for that certificate."""

    @classmethod
    def fresh(cls, folder: Path) -> "Apps":
        """New keys, never used before; the certificate and who vouches for it are kept in this folder."""
        one, rs256, tls = (new_key(name, use="sig", alg="ES256") for name in ("rp-one", "rp-rs256", BY_NAME))
        source = new_key("source", use="enc", alg="ECDH-ES")
        usual = App("rp-one", one, REDIRECT, LAB)
        made = Certificates.made(folder)
        ways = {
            "par": replace(usual, pushes=True),
            "dpop": replace(usual, bound=True),
            "mtls": App(BY_NAME, tls, REDIRECT, LAB, certificate=passed_on(made.file(BY_NAME))),
        }
        return cls(usual, App("rp-rs256", rs256, REDIRECT, SOUTH), source, ways, made.authority.file)

    def overlay(self, folder: Path) -> Path:
        """What VAD and its neighbourhood must know of them, and of the people; without limits."""
        folder.mkdir()
        asking = (self.usual, self.rs256, self.ways["mtls"])
        keys = {app.client_id: dict(app.key) for app in asking} | {"rp-two": new_key("rp-two")}
        limits = "\n".join(f"{name} = {_NO_LIMITS}" for name in Limits.model_fields if "_per_" in name)
        (folder / "bench.toml").write_text(f"[limits]\n{limits}\n\n{registrations(keys, dict(self.source_key))}")
        (folder / "certificate.toml").write_text(
            f'[proxy]\ntrusted = "127.0.0.1"\nclient_certificate_header = "{HEADER}"\n'
            f'client_ca_file = "{self.authority}"\n[[clients]]\nclient_id = "{BY_NAME}"\n'
            f'token_endpoint_auth_method = "tls_client_auth"\ntls_client_auth_subject_dn = "CN={BY_NAME},O=VAD demo"\n'
            "tls_client_certificate_bound_access_tokens = true\n"
        )
        (folder / "people.toml").write_text("\n".join(map(_person, people())))
        return folder

    def known(self, issuer: str) -> dict[str, Any]:
        """What the other servers must know."""
        app = self.usual
        mine = {"client_id": app.client_id, "client_key": public(app.key), "redirect_uri": app.redirect_uri}
        return {
            "issuer": issuer,
            **mine,
            "scope": app.scope,
            "source": app.source,
            "source_key": public(self.source_key),
        }


def people() -> list[str]:
    """The BSNs of people who exist in the bench alone."""
    candidates = (str(number) for number in itertools.count(999_700_000))
    return list(itertools.islice(filter(is_bsn, candidates), PEOPLE))


def _person(bsn: str) -> str:
    lines = {"bsn": bsn, "voornamen": "Bente", "geslachtsnaam": "Jansen", "geslacht": "V"}
    texts = "\n".join(f"{name} = {json.dumps(value)}" for name, value in lines.items())
    return (
        f'[[persons]]\n{texts}\nage = {{ years = 42, days = 100 }}\nstory = {{ nl = "Meet mee.", en = "Measures." }}\n'
    )


@dataclass(frozen=True)
class Neighbourhood:
    """The town, and who is logged in there."""

    town: Town
    redis_url: str
    apps: Apps
    _browsers: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def browsers(self, app: App) -> list[dict[str, str]]:
        """The cookies of a browser for each of the people; who is not logged in yet does so now."""
        if app.client_id not in self._browsers:
            self._browsers[app.client_id] = [log_in(self.town, app, bsn) for bsn in people()]
        return self._browsers[app.client_id]


@contextmanager
def built(folder: Path, crowd: Wanted | None = None) -> Iterator[Neighbourhood]:
    """Build it; VAD's own place is free. PostgreSQL commits to the disk, as in production. `crowd` lives there."""
    folder.mkdir(mode=0o711, exist_ok=True)
    apps = Apps.fresh(folder / "certificates")
    with PostgresServer(folder / "pg", free_port()) as postgres, RedisServer(folder / "redis", free_port()) as redis:
        urls = (postgres.app_url, postgres.migrate_url, postgres.url(SUPERUSER), "", postgres.worker_url)
        database = FreshDatabase(*urls)
        database.migrate()
        overlay = apps.overlay(folder / "overlay")
        with town(folder / "town", database, redis.url, [overlay], served=False) as made:
            if crowd is not None:
                load(made, crowd)
            yield Neighbourhood(made, redis.url, apps)


def load(made: Town, crowd: Wanted) -> None:
    """Let these people have used VAD."""
    loader = Loader(open_sandbox(made.settings))
    for _ in loader.load(crowd, 0):
        pass
    loader.look_through()


def log_in(made: Town, app: App, bsn: str) -> dict[str, str]:
    """The cookies of a browser in which this person logged in, with a consent for the app that stands."""
    person = Person(made, urlsplit(app.redirect_uri).netloc)
    rp = RelyingParty(made.issuer, app.client_id, app.redirect_uri, app.key)
    try:
        asked = rp.ask(resources=(app.source,), scope=app.scope)
        person.authorize(asked, bsn, duration="until_stopped")
        return person.cookies
    finally:
        person.leave()
        rp.http.close()
