"""gunicorn's entry: `gunicorn -c python:vad.wsgi "vad.wsgi:create_application()"`, which is what `vad serve` runs.

The names in lower case are settings of gunicorn. Those of VAD come from `VAD_CONFIG` and `VAD__…`.
"""

import os
import shutil
from typing import Any

import structlog
from flask import Flask
from gunicorn.http import message
from prometheus_client.multiprocess import mark_process_dead

from vad import settings
from vad.adapters import logs
from vad.adapters.configuration.files import ConfigurationFileError
from vad.bootstrap.web import create_app
from vad.domain.errors import VadError
from vad.services import faults

worker_class = "gthread"
timeout = 30
graceful_timeout = 10
keepalive = 20
control_socket_disable = True
logconfig_dict = logs.HANDLING
logger_class = logs.QuietLogger
limit_request_line = 64 * 1024
"""Bytes. Above `vad.web.routes.LONGEST_TARGET`, whose page answers what is too long in the person's language."""

_NEVER_AGAIN = 3
"""gunicorn's WORKER_BOOT_ERROR: it stops, instead of starting another process that fails in the same way."""


def on_starting(_server: object) -> None:
    """Let gunicorn take the request line that we ask for: by itself it goes no further than 8190 bytes."""
    message.MAX_REQUEST_LINE = limit_request_line


def child_exit(_server: object, worker: Any) -> None:
    """Let the figures of a process that is gone count no more than they should."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: object) -> None:
    """Take the folder of figures away."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def create_application() -> Flask:
    """Make the application for this process, from its environment. A process that can't start says why and ends."""
    logs.configure("info")
    try:
        known = settings.load(settings.config_folders())
        logs.configure(known.log.level)
        return create_app(known)
    except Exception as error:  # noqa: BLE001 - gunicorn would print its text, whatever it is
        # The texts of our own are written for an operator.
        reason = str(error) if isinstance(error, ConfigurationFileError | VadError) else None
        structlog.get_logger(__name__).critical(
            "cannot_start", reason=reason, exception_class=faults.class_of(error), where=faults.places(error)
        )
        raise SystemExit(_NEVER_AGAIN) from None
