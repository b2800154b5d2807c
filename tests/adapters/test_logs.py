"""The log: JSON on every line, and no value that somebody sent."""

import json
import logging

import pytest

from vad.adapters import logs

CODE = "/digid/callback?code=secret"


def line(name: str, level: int, words: object, *values: object, error: Exception | None = None) -> dict[str, object]:
    """Give what becomes of a line of a library."""
    raised = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, level, "file.py", 1, words, values, raised)
    written = logs.formatter().format(record)
    assert "\n" not in written
    return dict(json.loads(written))


def test_gunicorn_speaks_of_itself() -> None:
    """Where it listens and which process it is, in full."""
    said = line("gunicorn.error", logging.INFO, "Listening at: %s (%s)", "http://127.0.0.1:8000", 7)
    assert said["event"] == "Listening at: http://127.0.0.1:8000 (7)"
    assert (said["logger"], said["level"]) == ("gunicorn.error", "info")
    assert str(said["timestamp"]).endswith("Z")


@pytest.mark.parametrize(
    ("words", "values", "event"),
    [
        ("Error handling request %s", (CODE,), "Error handling request …"),
        (f"Invalid request from ip=192.0.2.1: Invalid Request Line '{CODE}'", (), "Invalid request"),
        ("WORKER TIMEOUT (pid:%s)", (12,), "WORKER TIMEOUT (pid:12)"),
        ("too many %d", ("values", "here"), "too many %d"),
        ("%(here)s", ({"here": "secret"},), "%(here)s"),
    ],
)
def test_what_was_sent_is_not_repeated(words: str, values: tuple[object, ...], event: str) -> None:
    """A library's warning comes with numbers alone: an address may carry a code."""
    for name in ("gunicorn.error", "urllib3"):
        said = line(name, logging.WARNING, words, *values)
        assert said["event"] == event
        assert "secret" not in str(said)


def test_an_exception_is_told_by_class_and_place() -> None:
    """Neither its text nor a traceback, on one line."""
    try:
        logs.configure("no such level")
    except ValueError as raised:
        said = line("gunicorn.error", logging.ERROR, "Exception in worker process", error=raised)
    assert said["exception_class"] == "builtins.ValueError"
    assert str(said["where"]).count("vad/adapters/logs.py:") == 1
    assert "no such level" not in str(said).lower()
