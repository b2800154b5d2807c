"""`vad doctor` on certificates of the stores and of apps: each told in time, by servers that really speak TLS."""

import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from tests.adapters.http.self_signed import self_signed
from tests.adapters.http.wild_server import fixed, wild_server
from tests.support.backroom import Backroom
from tests.support.database import ask
from tests.support.slow_wire import SlowWire
from tests.support.town import Town
from vad.adapters.postgres.database import Database
from vad.cli.doctor_certificates import app_authorities, receiver_certificates, store_certificates
from vad.cli.findings import Finding, Level
from vad.sandbox.ports import free_port
from vad.sandbox.redis import RedisServer
from vad.settings import Settings

LIVES = [
    (timedelta(days=90, hours=1), Level.OK, "reached; its certificate ends in 90 days"),
    (timedelta(days=29, hours=1), Level.WARN, "reached; its certificate ends in 29 days"),
    (timedelta(days=-2, hours=1), Level.FAIL, "its certificate ended 2 days ago"),
]


def speaking(shown: tuple[Path, Path]) -> ssl.SSLContext:
    """What a server needs to show this certificate."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*shown)
    return tls


def looked(known: Settings) -> dict[str, Finding]:
    """What is said of the stores."""
    return {finding.check: finding for finding in store_certificates(known)}


@pytest.mark.parametrize(("lasts", "level", "says"), LIVES)
def test_who_vouches_for_apps_ends_too(
    vad_town: Town, tmp_path: Path, lasts: timedelta, level: Level, says: str
) -> None:
    """Each CA of the file; the name says which, as a file may hold several of one name."""
    certificate, _ = self_signed(tmp_path, lasts)
    known = vad_town.settings
    proxy = known.proxy.model_copy(update={"client_ca_file": certificate})
    found, revoked = app_authorities(known.model_copy(update={"proxy": proxy}))
    assert (revoked.level, "ssl_crl" in revoked.text) == (Level.OK, True)
    assert found.check.startswith("CA of apps ")
    assert (found.level, found.text) == (level, says.removeprefix("reached; "))


@pytest.mark.parametrize(("lasts", "level", "says"), LIVES)
def test_postgresql_shows_when_its_certificate_ends(
    vad_town: Town, tmp_path: Path, lasts: timedelta, level: Level, says: str
) -> None:
    """By its own protocol, whether VAD would verify it or not; told to speak no TLS, VAD has nothing to see."""
    known, tls = vad_town.settings, speaking(self_signed(tmp_path, lasts))
    url = make_url(known.database.url.get_secret_value())
    with SlowWire(int(url.port or 0), tls, asked_first=True) as wire:

        def through(mode: str) -> Settings:
            moved = url.set(host="localhost", port=wire.port, query={"sslmode": mode})
            told = {"url": SecretStr(moved.render_as_string(hide_password=False))}
            return known.model_copy(update={"database": known.database.model_copy(update=told)})

        assert ask(through("require").database.url.get_secret_value(), "SELECT 1") == [(1,)], "libpq finds TLS there"
        finding = looked(through("require"))["postgresql certificate"]
        assert (finding.level, finding.text) == (level, says)
        assert looked(through("disable")) == {}


def test_a_postgresql_without_tls_is_no_fault(vad_town: Town) -> None:
    """The network may be its own."""
    found = looked(vad_town.settings)
    assert (found["postgresql certificate"].level, found["postgresql certificate"].text) == (Level.OK, "speaks no TLS")
    assert found.keys() == {"postgresql certificate"}, "Redis does not speak TLS here"


@pytest.mark.parametrize(("lasts", "level", "says"), LIVES)
def test_redis_shows_when_its_certificate_ends(
    vad_town: Town, redis_server: RedisServer, tmp_path: Path, lasts: timedelta, level: Level, says: str
) -> None:
    """By its address, and each node of a cluster or sentinel that the settings name."""
    tls = speaking(self_signed(tmp_path, lasts))
    known, parts = vad_town.settings, urlsplit(redis_server.url)
    with SlowWire(int(parts.port or 0), tls) as wire, SlowWire(int(parts.port or 0), tls) as other:
        ways = (
            (1, {"url": SecretStr(f"rediss://:secret@localhost:{wire.port}/0")}),
            (2, {"url": None, "tls": True, "cluster_nodes": f"localhost:{wire.port}, localhost:{other.port}"}),
            (1, {"url": None, "tls": True, "sentinels": f"localhost:{other.port}", "service_name": "vad"}),
        )
        for named, way in ways:
            found = looked(known.model_copy(update={"redis": known.redis.model_copy(update=way)}))
            del found["postgresql certificate"]
            assert [(each.level, each.text) for each in found.values()] == [(level, says)] * named
            assert all("secret" not in str(each) for each in found.values())
    away = known.redis.model_copy(update={"url": SecretStr(f"rediss://localhost:{free_port()}/0")})
    (*_, finding) = looked(known.model_copy(update={"redis": away})).values()
    assert (finding.level, finding.text) == (Level.FAIL, "ConnectionRefusedError")


@contextmanager
def told_at(backroom: Backroom, address: str) -> Iterator[None]:
    """Let the first app hear of logouts there, and a source of security events."""
    source = "UPDATE resource_servers SET security_events_uri = %s WHERE identifier = 'https://source.example'"
    statement = "UPDATE clients SET backchannel_logout_uri = %s WHERE client_id = 'rp-one'"
    ((former,),) = backroom.ask("SELECT backchannel_logout_uri FROM clients WHERE client_id = 'rp-one'")
    backroom.ask(statement, address)
    backroom.ask(source, address)
    try:
        yield
    finally:
        backroom.ask(source, "")
        backroom.ask(statement, former)


@pytest.mark.parametrize(
    ("lasts", "roots", "level", "says"),
    [
        (timedelta(days=90, hours=1), "its own", Level.OK, "reached; its certificate ends in 90 days"),
        (timedelta(days=9, hours=1), "its own", Level.WARN, "reached; its certificate ends in 9 days"),
        (timedelta(hours=-1), "its own", Level.WARN, "its certificate is refused: certificate has expired"),
        (timedelta(days=90), "others", Level.WARN, "its certificate is refused: self-signed certificate"),
    ],
)
def test_an_app_whose_certificate_ends_is_named(
    backroom: Backroom, tmp_path: Path, lasts: timedelta, roots: str, level: Level, says: str
) -> None:
    """The app has to mend it, so that is no failure of VAD; one that is made inactive is not looked at."""
    certificate, key = self_signed(tmp_path, lasts)
    tls = speaking((certificate, key))

    def found() -> dict[str, Finding]:
        with closing(Database(backroom.town.settings.database.url.get_secret_value())) as database:
            trusted = str(certificate) if roots == "its own" else None
            return {each.check: each for each in receiver_certificates(database, trusted)}

    with wild_server(fixed(b""), tls) as address, told_at(backroom, f"{address}/hears"):
        known = found()
        for check in ("logout address of rp-one", "security events address of https://source.example"):
            assert (known[check].level, known[check].text) == (level, says)
        backroom.ask("UPDATE clients SET active = false WHERE client_id = 'rp-one'")
        try:
            assert "logout address of rp-one" not in found()
        finally:
            backroom.ask("UPDATE clients SET active = true WHERE client_id = 'rp-one'")


def test_an_app_that_is_not_reached_is_named(backroom: Backroom) -> None:
    """A warning in words: from where the command runs it need not be reachable."""
    with (
        told_at(backroom, f"https://localhost:{free_port()}/hears"),
        closing(Database(backroom.town.settings.database.url.get_secret_value())) as database,
    ):
        found = {each.check: each for each in receiver_certificates(database)}
    finding = found["logout address of rp-one"]
    assert (finding.level, finding.text) == (Level.WARN, "not reached from here (ConnectionRefusedError)")
