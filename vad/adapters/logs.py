"""Logs: one JSON object per line on standard error; ours, those of libraries, and gunicorn's."""

import json
import logging
import logging.config
import sys
from collections.abc import Callable
from typing import Any

import structlog
from gunicorn.glogging import Logger as GunicornLogger
from structlog.typing import EventDict, WrappedLogger

from vad.services import correlation, faults

_TALKATIVE = ("authlib", "urllib3", "requests", "sqlalchemy", "alembic")
"""Libraries whose finer lines may hold tokens, addresses or parameters: only their warnings are let through."""
_SERVERS = ("gunicorn.error", "_granian")
_CALLER = " from ip="
"""In gunicorn's words about a request it can't read, what follows holds an address and what was sent."""

_SEPARATORS = (",", ":")


class QuietLogger(GunicornLogger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own, without an access log: addresses may carry codes. It would put each line together in vain."""

    def _compute_access_log_enabled(self) -> bool:
        return False

    def access(self, *_told: object) -> None:
        """Nothing."""


HANDLING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "vad.adapters.logs.formatter"}},
    "handlers": {
        "standard_error": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "json"}
    },
    "root": {"level": "INFO", "handlers": ["standard_error"]},
    "loggers": {
        **{name: {"level": "WARNING"} for name in _TALKATIVE},
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
    },
}
"""For `logging.config.dictConfig`, and for gunicorn, which starts before any settings are read."""


def configure(level: str) -> None:
    """Set up logging of this process."""
    level = level.upper()
    logging.config.dictConfig(HANDLING | {"root": HANDLING["root"] | {"level": level}})
    logging.captureWarnings(capture=True)
    structlog.configure(
        # Straight to the stream: by way of `logging`, a line costs several times as much, and every request has one.
        processors=[*_shared(), _as_json()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def formatter() -> logging.Formatter:
    """Make what turns any line, structlog's or not, into JSON."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_without_values, *_shared()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(separators=_SEPARATORS),
        ],
        # What a library would fill in comes apart from its words.
        use_get_message=False,
        pass_foreign_args=True,
    )


def _as_json() -> Callable[[WrappedLogger, str, EventDict], bytes]:
    encoder = json.JSONEncoder(separators=_SEPARATORS, default=str)
    return lambda _logger, _method, line: encoder.encode(line).encode()


def _with_correlation(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Name the request that is being served, as the audit log does."""
    known = correlation.current()
    if known.request_id is not None:
        line["request_id"], line["correlation_id"] = known.request_id, known.correlation_id
    return line


def _shared() -> list[Any]:
    # No exception's text: it may hold what was asked or sent. Its class and place are told by whoever logs it.
    return [
        _with_correlation,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _without_values(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Keep what a library says, but fill in numbers alone, and tell of its exception what we tell of our own.

    What a server says of its own coming and going, below a warning, is about no request and told in full.
    """
    record: logging.LogRecord = line["_record"]
    own_life = record.name in _SERVERS and record.levelno < logging.WARNING
    arguments = line.pop("positional_args", ())
    line["event"] = _told(str(record.msg), arguments, everything=own_life or record.name == "py.warnings")
    line["logger"] = record.name
    raised = line.pop("exc_info", None)
    line.pop("stack_info", None)
    if isinstance(raised, tuple) and raised[1] is not None:
        line["exception_class"] = faults.class_of(raised[1])
        line["where"] = faults.places(raised[1])
    return line


def _told(words: str, arguments: object, *, everything: bool) -> str:
    """The words of a line; a value that is no number, or that they do not fit, stays out."""
    words = words.partition(_CALLER)[0]
    if not isinstance(arguments, tuple) or not arguments:
        return words
    safe = tuple(value if everything or isinstance(value, int | float) else "…" for value in arguments)
    try:
        return words % safe
    except (TypeError, ValueError):
        return words
