"""Calling a register over HTTP: bounded in time, size and trust, and silent about whom it was about."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, jsonify, redirect, request

from tests.adapters.http.failing_calls import SECRET, ask, failure
from vad.adapters.http.caller import HttpCaller
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve


@pytest.fixture
def seen() -> list[dict[str, Any]]:
    """Give the requests that the register got."""
    return []


@pytest.fixture
def register(seen: list[dict[str, Any]]) -> Iterator[str]:
    """Serve a register that answers in many ways."""
    app = Flask("register")

    @app.route("/<path:_path>", methods=["GET", "POST"])
    def note(_path: str) -> Any:
        headers = {name.lower(): value for name, value in request.headers.items()}
        seen.append({"path": request.full_path, "headers": headers, "json": request.get_json(silent=True)})
        return _answers()[request.path]()

    with serve(app) as url:
        yield url


def _answers() -> dict[str, Callable[[], Any]]:
    def with_cookie() -> Response:
        response = jsonify(ok=True)
        response.set_cookie("tracking", "1")
        return response

    def encoded() -> Response:
        response = jsonify(ok=True)
        response.headers["Content-Encoding"] = "gzip"
        return response

    return {
        "/ok": with_cookie,
        "/form": lambda: (jsonify(dict(request.form)), 400),
        "/created": lambda: Response("made", 201, content_type="text/plain"),
        "/redirect": lambda: redirect("/ok", 307),
        "/html": lambda: Response("<html>", content_type="text/html"),
        "/large": lambda: jsonify("x" * 70_000),
        "/encoded": encoded,
        "/words": lambda: Response(f"{SECRET} is no JSON", content_type="application/json"),
        "/latin": lambda: Response(b'"\xff"', content_type="application/json"),
        "/refused": lambda: (jsonify(detail=SECRET), 403),
        "/broken": lambda: (jsonify(detail=SECRET), 500),
        "/empty": lambda: Response(b"", content_type="application/json"),
    }


def test_answers_are_read_and_nothing_of_the_machine_goes_along(
    register: str, seen: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither cookies of an earlier answer nor proxies of the environment play a part."""
    monkeypatch.setenv("HTTP_PROXY", f"http://localhost:{free_port()}")
    monkeypatch.setenv("http_proxy", f"http://localhost:{free_port()}")
    caller = HttpCaller("register")
    for _ in range(2):
        answer = caller.post_json(f"{register}/ok", {"bsn": SECRET}, headers={"X-API-KEY": "key"})
        assert answer.json == {"ok": True}
    assert [request["json"] for request in seen] == [{"bsn": SECRET}] * 2
    assert seen[1]["headers"]["x-api-key"] == "key"
    assert seen[1]["headers"]["accept-encoding"] == "identity"
    assert "cookie" not in seen[1]["headers"]
    caller.close()


def test_other_statuses_and_types_are_read_where_they_are_expected(register: str) -> None:
    """A caller says which statuses and which content type it can read."""
    caller = HttpCaller("register")
    form = caller.post_form(f"{register}/form", {"code": "c"}, statuses={200, 400})
    assert (form.status, form.json) == (400, {"code": "c"})
    made = caller.post_json(f"{register}/created", {}, headers={}, status=201, content_type="text/plain")
    assert (made.body, made.json) == (b"made", None)


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/redirect", "status 307"),
        ("/html", "another content type"),
        ("/large", "too large an answer"),
        ("/encoded", "an encoded answer"),
        ("/words", "not JSON"),
        ("/latin", "not JSON"),
        ("/empty", "not JSON"),
        ("/refused", "status 403"),
        ("/broken", "status 500"),
        ("/created", "status 201"),
    ],
)
def test_what_cannot_be_used_is_a_failure(
    register: str, seen: list[dict[str, Any]], caplog: pytest.LogCaptureFixture, path: str, fault: str
) -> None:
    """Every unusable answer is one kind of error, which says what was wrong without content; nothing is followed."""
    with caplog.at_level(logging.DEBUG):
        assert failure(ask(HttpCaller("register"), f"{register}{path}")) == f"register: {fault}"
    assert SECRET not in caplog.text
    assert [request["path"] for request in seen] == [f"{path}?"]


def test_a_closed_port_is_a_failure() -> None:
    """Nobody there: an error at once, without the address and what it asked for."""
    url = f"http://localhost:{free_port()}/persons?of={SECRET}"
    assert failure(ask(HttpCaller("register"), url)) == "register: ConnectionError"


def test_a_failing_register_is_left_alone(register: str, seen: list[dict[str, Any]]) -> None:
    """After five failures in a row nothing is sent any more until ten seconds have passed."""
    now = 0.0
    caller = HttpCaller("register", monotonic=lambda: now)
    for _ in range(5):
        assert failure(ask(caller, f"{register}/broken")) == "register: status 500"
    assert failure(ask(caller, f"{register}/ok")) == "register: the circuit is open"
    assert len(seen) == 5
    now = 10.0
    ask(caller, f"{register}/ok")()
    assert len(seen) == 6


def test_refusals_do_not_open_the_circuit(register: str, seen: list[dict[str, Any]]) -> None:
    """A register that says no to one question works: the next person's question is asked."""
    caller = HttpCaller("register")
    for _ in range(7):
        assert failure(ask(caller, f"{register}/refused")) == "register: status 403"
    assert len(seen) == 7


def test_what_failed_long_ago_is_told_no_more(register: str) -> None:
    """Without further calls a register counts as away for some minutes; whoever asks corrects the figure too."""
    told: list[bool] = []

    class Listening:
        def call(self, register: str, outcome: str, seconds: float) -> None:
            """Nothing."""

        def circuit(self, register: str, *, is_open: bool) -> None:
            assert register == "register"
            told.append(is_open)

    now = [0.0]
    caller = HttpCaller("register", monotonic=lambda: now[0], observer=Listening())
    for _ in range(5):
        failure(lambda: caller.post_form(f"{register}/broken", {}, statuses={200}))
    assert told[-1]
    now[0] = 200.0
    assert (caller.degraded, told[-1]) == (True, True)
    now[0] = 400.0
    assert (caller.degraded, told[-1]) == (False, False)


def test_reading_does_not_make_up_for_what_fails(register: str) -> None:
    """A register that can be read, and that fails at what it is for, is left alone at that; it may still be read."""
    caller = HttpCaller("register")
    for _ in range(5):
        assert caller.get(f"{register}/ok").status == 200
        failure(lambda: caller.post_form(f"{register}/broken", {}, statuses={200}))
    assert caller.degraded
    assert failure(lambda: caller.post_form(f"{register}/form", {}, statuses={400})) == "register: the circuit is open"
    assert caller.get(f"{register}/ok").status == 200
