"""Traces for OpenTelemetry: what a collector gets of the main job, how it hangs together, and what is not in it."""

import http.server
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.database import Server, ask, new_database
from tests.support.person import FROUKE, Person
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.support.town import Town, town
from tests.support.town_fixtures import REDIRECT
from vad.adapters.configuration.files import ConfigurationFileError
from vad.bootstrap import web
from vad.bootstrap.tracing import EXTENSION
from vad.sandbox.redis import RedisServer

pytestmark = pytest.mark.slow

LAB = "https://source.example"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_PATIENCE = 20.0


class Collector:
    """OTLP over HTTP, as a collector speaks it: protobuf in, an empty answer out."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.bodies: list[bytes] = []
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = ExportTraceServiceRequest.FromString(body)
                collector.bodies.append(body)
                for resource in request.resource_spans:
                    for scope in resource.scope_spans:
                        collector.spans += scope.spans
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it takes traces."""
        return f"http://127.0.0.1:{self.server.server_port}/v1/traces"

    def named(self, name: str, trace_id: str | None = None) -> list[Span]:
        """The spans with this name, of this trace."""
        return [
            span for span in self.spans if span.name == name and (trace_id is None or span.trace_id.hex() == trace_id)
        ]

    def wait_for(self, found: Callable[[], object]) -> None:
        """Wait until it came: spans leave in batches."""
        deadline = time.monotonic() + _PATIENCE
        while not found():
            assert time.monotonic() < deadline, sorted({span.name for span in self.spans})
            threading.Event().wait(0.05)


def attributes(span: Span) -> dict[str, str]:
    """Its attributes, as text."""
    return {each.key: _text(each.value) for each in span.attributes}


def _text(value: AnyValue) -> str:
    """A value of whatever kind."""
    found = getattr(value, value.WhichOneof("value") or "string_value")
    return found.decode("latin-1") if isinstance(found, bytes) else str(found)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """Give a running collector."""
    running = Collector()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture(scope="module")
def traced(
    collector: Collector,
    postgres: Server,
    migrated_template: str,
    redis_server: RedisServer,
    server_directory: Path,
    overlay: Path,
) -> Iterator[Town]:
    """Give a town whose VAD is traced."""
    folder = server_directory / "traced"
    folder.mkdir()
    (folder / "tracing.toml").write_text(f'[tracing]\nendpoint = "{collector.address}"\n')
    with pytest.MonkeyPatch.context() as patch, new_database(postgres, migrated_template) as database:
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        with town(server_directory / "traced-town", database, redis_server.url, [overlay, folder]) as built:
            yield built
            built.app.extensions[EXTENSION].close()


class Walk:
    """The main job in the traced town, and every secret of it."""

    def __init__(self, town: Town, rp_key: dict[str, object], asking_key: dict[str, object]) -> None:
        self.person = Person(town, urlsplit(REDIRECT).netloc)
        rp = RelyingParty(town.issuer, "rp-one", REDIRECT, rp_key)
        source = RelyingParty(town.issuer, LAB, "", asking_key)
        asked = rp.ask(resources=(LAB,), scope="openid 51")
        code = self.person.authorize(asked, FROUKE)
        rp.http.headers["traceparent"] = f"00-{TRACE}-00f067aa0ba902b7-00"
        own = rp.redeem(asked, code).json()
        del rp.http.headers["traceparent"]
        exchanged = rp.exchange(own["access_token"], LAB).json()["access_token"]
        source.introspect(exchanged)
        refreshed = rp.refresh(own["refresh_token"]).json()
        rp.userinfo(refreshed["access_token"])
        self.person.send("GET", f"/nowhere/{FROUKE}?code={code}")
        self.person.log_out()
        states = [part for url in self.person.urls for part in re.findall(r"(?:code|state|flow|nonce)=([^&]+)", url)]
        self.secrets = {
            FROUKE,
            code,
            exchanged,
            *(own[name] for name in ("access_token", "refresh_token", "id_token")),
            *(refreshed[name] for name in ("access_token", "refresh_token")),
            *(state for state in states if len(state) > 8),
            *(value for value in self.person.cookies.values() if len(value) > 8),
        }
        own_claims = claims_of(own["id_token"]), claims_of(own["access_token"]), claims_of(refreshed["access_token"])
        self.secrets |= {str(claims[name]) for claims in own_claims for name in ("jti", "sid", "sub") if name in claims}
        url = town.database.superuser_url
        for (names,) in ask(url, "SELECT ARRAY[person_id::text, encode(bsn_lookup, 'hex')] FROM persons"):
            self.secrets |= set(names)
        self.secrets |= {name for (name,) in ask(url, "SELECT grant_id::text FROM grants")}
        self.person.leave()
        rp.http.close()
        source.http.close()


@pytest.fixture(scope="module")
def walk(
    traced: Town, rp_keys: dict[str, dict[str, object]], asking_key: dict[str, object], collector: Collector
) -> Walk:
    """Give the walk, once all of it has come in."""
    walked = Walk(traced, rp_keys["rp-one"], asking_key)
    collector.wait_for(lambda: collector.named("logout.logged_out"))
    return walked


def test_a_request_is_one_trace(walk: Walk, collector: Collector) -> None:
    """The app's own trace id, and under the request what PostgreSQL and Redis were asked for it."""
    (request,) = collector.named("token.token", TRACE)
    assert attributes(request) == {
        "http.request.method": "POST",
        "vad.endpoint": "token.token",
        "http.response.status_code": "200",
    }
    assert request.parent_span_id == b""
    under = [span for span in collector.spans if span.trace_id == request.trace_id and span is not request]
    systems = {attributes(span).get("db.system") or attributes(span).get("db.system.name") for span in under}
    assert {"postgresql", "redis"} <= systems
    assert {span.parent_span_id for span in under} == {request.span_id}
    assert walk.secrets


def test_calls_are_part_of_the_request_and_tell_others_nothing(walk: Walk, collector: Collector) -> None:
    """The BRP was asked during the callback of DigiD; what it was told is noted, and is no trace of ours."""
    (call,) = collector.named("call brp")
    (request,) = (span for span in collector.named("login.callback") if span.trace_id == call.trace_id)
    assert call.parent_span_id == request.span_id
    told = attributes(call)["vad.call_trace"]
    assert len(told) == 32
    assert told not in {span.trace_id.hex() for span in collector.spans}
    assert {"call digid", "call brp"} <= {span.name for span in collector.spans}
    assert walk.secrets


def test_nothing_of_a_person_is_in_it(walk: Walk, collector: Collector) -> None:
    """No BSN, token, code, state, cookie, id, look-up hash or address with a query, in any attribute or elsewhere."""
    assert len(walk.secrets) > 10
    everything = b"".join(collector.bodies)
    assert [secret for secret in walk.secrets if secret.encode() in everything] == []
    assert b"nowhere" not in everything
    assert b"eyJ" not in everything, "the beginning of every JWT"
    texts = [value for span in collector.spans for value in attributes(span).values()]
    assert [text for text in texts if re.search(r"(?<![0-9a-f])[0-9]{9}(?![0-9a-f])", text)] == []
    assert [span.name for span in collector.spans if span.events or span.status.message] == [], "texts of exceptions"


def test_without_a_setting_nothing_is_noted(vad_town: Town) -> None:
    """Not even a hook that could cost something."""
    assert vad_town.settings.tracing.endpoint is None
    hooks = [hook.__module__ for hook in vad_town.app.before_request_funcs[None]]
    assert "vad.web.support.tracing" not in hooks


def test_without_the_package_it_says_so(vad_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that can't be obeyed is told at the start, with what to install."""
    monkeypatch.delitem(__import__("sys").modules, "vad.adapters.tracing", raising=False)
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry", None)
    asked = vad_town.settings.tracing.model_copy(update={"endpoint": "http://127.0.0.1:4318/v1/traces"})
    with pytest.raises(ConfigurationFileError, match=r"requirements-otel\.txt"):
        web.create_app(vad_town.settings.model_copy(update={"tracing": asked}))
