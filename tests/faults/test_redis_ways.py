"""A whole session, from DigiD to a token, over each way to Redis; Sentinel and a cluster lose a server meanwhile."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from tests.adapters.http.self_signed import self_signed
from tests.support.database import Server, new_database
from tests.support.person import Person
from tests.support.redis_servers import PASSWORD, SERVICE, Cluster, Watched
from tests.support.relying_party_client import RelyingParty
from tests.support.slow_wire import SlowWire
from tests.support.town import Town, town
from tests.support.town_fixtures import REDIRECT
from vad.adapters.configuration.store_sections import Redis
from vad.bootstrap import web
from vad.sandbox.redis import RedisServer
from vad.sandbox.serving import serve

pytestmark = pytest.mark.slow

LAB = "https://source.example"
_RECOVERY = 10.0
Keys = dict[str, dict[str, object]]
Over = Callable[[Redis], Town]


@pytest.fixture
def over(
    postgres: Server, migrated_template: str, redis_server: RedisServer, tmp_path: Path, overlay: Path
) -> Iterator[Over]:
    """Give a town whose VAD finds Redis as these settings say."""
    with ExitStack() as stack:
        database = stack.enter_context(new_database(postgres, migrated_template))
        made = stack.enter_context(town(tmp_path / "town", database, redis_server.url, [overlay], served=False))

        def build(redis: Redis) -> Town:
            app = web.create_app(made.settings.model_copy(update={"redis": redis}))
            stack.enter_context(serve(app, made.layout.port("vad")))
            return made

        yield build


def joined(addresses: list[tuple[str, int]]) -> str:
    """The addresses as an operator writes them."""
    return ", ".join(f"{host}:{port}" for host, port in addresses)


def session(made: Town, key: dict[str, object]) -> None:
    """Everything once: log in, consent, code, tokens, refresh, log out; and the code works no second time."""
    person, rp = Person(made, urlsplit(REDIRECT).netloc), RelyingParty(made.issuer, "rp-one", REDIRECT, key)
    asked = rp.ask(resources=(LAB,), scope="openid 51")
    code = person.authorize(asked)
    own = rp.redeem(asked, code).json()
    assert rp.exchange(own["access_token"], LAB).status_code == 200
    assert rp.refresh(own["refresh_token"]).status_code == 200
    assert rp.redeem(asked, code).json()["error"] == "invalid_grant"
    assert person.send("GET", "/mijn/activiteit").status_code == 200
    person.log_out()
    assert person.send("GET", "/mijn/activiteit").status_code == 303
    person.leave()
    rp.http.close()


def recovers(made: Town, killed: Callable[[], None]) -> float:
    """Kill a server; seconds until VAD finds the one that took its place."""
    person = Person(made, urlsplit(REDIRECT).netloc)
    killed()
    begun = time.monotonic()
    good = 0
    while good < 8:  # pages need values in several slots
        good = good + 1 if person.send("GET", "/inloggen").status_code == 200 else 0
        assert time.monotonic() - begun < 2 * _RECOVERY
    person.leave()
    return time.monotonic() - begun


def test_over_tls(over: Over, redis_server: RedisServer, rp_keys: Keys, tmp_path: Path) -> None:
    """Everything works where Redis speaks TLS alone, with roots of the operator's own."""
    certificate, key = self_signed(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    parts = urlsplit(redis_server.url)
    with SlowWire(int(parts.port or 0), tls) as wire:
        url = f"rediss://:{parts.password}@localhost:{wire.port}/0?ssl_ca_certs={certificate}"
        session(over(Redis(url=SecretStr(url))), rp_keys["rp-one"])
        assert wire.passed > 10_000, "it did not go another way"


def test_over_sentinel_with_a_failover(over: Over, rp_keys: Keys, server_directory: Path) -> None:
    """The master dies between two sessions: within ten seconds the replica serves, and everything works on it."""
    with Watched(server_directory / "watched-session") as servers:
        redis = Redis(sentinels=joined(servers.sentinels), service_name=SERVICE, password=SecretStr(PASSWORD))
        made = over(redis)
        session(made, rp_keys["rp-one"])
        assert recovers(made, lambda: servers.kill(servers.master)) < _RECOVERY
        session(made, rp_keys["rp-one"])


def test_over_a_cluster_with_a_failover(over: Over, rp_keys: Keys, server_directory: Path) -> None:
    """A node dies: its replica takes its slots within ten seconds, and everything works."""
    with Cluster(server_directory / "cluster-session", replicas=True) as servers:
        made = over(Redis(cluster_nodes=joined(servers.nodes), password=SecretStr(PASSWORD)))
        session(made, rp_keys["rp-one"])
        assert recovers(made, lambda: servers.kill(servers.nodes[0][1])) < _RECOVERY
        session(made, rp_keys["rp-one"])
