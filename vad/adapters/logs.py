"""Logs: one JSON object per line on standard error."""

import logging
import sys

import structlog

_TALKATIVE = ("authlib", "urllib3", "requests", "sqlalchemy", "alembic")
"""Libraries whose finer lines may hold tokens, addresses or parameters: only their warnings are let through."""


def configure(level: str) -> None:
    """Set up logging of this process."""
    number = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=number, stream=sys.stderr, format="%(message)s")
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # An exception's text may hold what was asked or sent: its class and place are told by whoever logs it.
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
