"""W3C Trace Context at VAD's borders: what comes in is checked, what goes out connects nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask import Flask, jsonify, request
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import LogCapture

from tests.adapters.http.failing_calls import ask, failure
from vad.adapters.http.caller import HttpCaller
from vad.adapters.http.new_traces import new_traceparent
from vad.sandbox.serving import serve
from vad.services.trace_context import trace_id_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize("header", [f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-ff", f"cc-{TRACE}-{SPAN}-01-more"])
def test_a_trace_id_is_read(header: str) -> None:
    """Of the version that we know, and of a later one, which may say more."""
    assert trace_id_of(header) == TRACE


@pytest.mark.parametrize(
    "header",
    [
        "",
        TRACE,
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01,00-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}",
        f"cc-{'0' * 32}-{SPAN}-01",
        f" 00-{TRACE}-{SPAN}-01",
    ],
)
def test_what_is_none_counts_for_nothing(header: str) -> None:
    """Section 3.2: a header that can't be read is as good as none."""
    assert trace_id_of(header) is None


@given(st.text())
def test_anything_may_come(header: str) -> None:
    """Whatever is sent, what is noted is a trace id or nothing."""
    found = trace_id_of(header)
    assert found is None or (len(found) == 32 and set(found) <= set("0123456789abcdef"))


def test_ours_can_be_read() -> None:
    """What goes out is a header by the standard, and no two are alike."""
    made = [new_traceparent(sampled=sampled) for sampled in (True, False)]
    assert [header[-3:] for header in made] == ["-01", "-00"]
    assert None not in {trace_id_of(header) for header in made}
    assert len({trace_id_of(header) for header in made}) == 2


@pytest.fixture
def seen() -> list[dict[str, str]]:
    """Give the headers of the calls that the register got."""
    return []


@pytest.fixture
def register(seen: list[dict[str, str]]) -> Iterator[str]:
    """Serve a register that says no where it is told to."""
    app = Flask("register")

    @app.route("/<path:path>", methods=["GET", "POST"])
    def note(path: str) -> Any:
        seen.append({name.lower(): value for name, value in request.headers.items()})
        return jsonify({}), 500 if path == "broken" else 200

    with serve(app) as url:
        yield url


def test_each_call_begins_a_trace_of_its_own(register: str, seen: list[dict[str, str]]) -> None:
    """Whatever way it is made; nothing else that could connect calls goes along."""
    caller = HttpCaller("register")
    for _ in range(2):
        caller.get(f"{register}/ok")
        caller.post_json(f"{register}/ok", {}, headers={})
        caller.post_form(f"{register}/ok", {}, statuses={200})
        caller.notify(f"{register}/ok", {}, statuses={200})
    ids = [trace_id_of(headers["traceparent"]) for headers in seen]
    assert len(ids) == 8
    assert None not in ids
    assert len(set(ids)) == 8
    assert not {"tracestate", "baggage", "x-request-id"} & {name for headers in seen for name in headers}


def test_the_log_says_which_call_failed(register: str, seen: list[dict[str, str]]) -> None:
    """The id that the register got stands beside the failure, so that both can be found."""
    heard = LogCapture()
    before = structlog.get_config()["processors"]
    structlog.configure(processors=[heard])
    try:
        failure(ask(HttpCaller("register"), f"{register}/broken"))
    finally:
        structlog.configure(processors=before)
    (line,) = (entry for entry in heard.entries if entry["event"] == "register_unavailable")
    assert line["call_trace"] == trace_id_of(seen[0]["traceparent"])
