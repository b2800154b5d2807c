"""gunicorn's entry: `gunicorn -c python:vad.wsgi "vad.wsgi:create_application()"`, which is what `vad serve` runs.

`vad serve --admin` runs `create_admin_application()`.

The names in lower case are settings of gunicorn. Those of VAD come from `VAD_CONFIG` and `VAD__…`.
"""

import signal
import time
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask
from gunicorn.http import message

from vad import settings
from vad.adapters import logs
from vad.adapters.configuration.files import ConfigurationFileError
from vad.bootstrap import running
from vad.bootstrap.loading import load
from vad.bootstrap.running import Mark
from vad.domain.errors import VadError
from vad.services import faults

worker_class = "vad.cli.gunicorn_worker.Worker"
timeout = 30
graceful_timeout = 10
keepalive = 20
control_socket_disable = True
logconfig_dict = logs.HANDLING
logger_class = logs.QuietLogger
limit_request_line = 64 * 1024
"""Bytes. Above `vad.web.routes.LONGEST_TARGET`, whose page answers what is too long in the person's language."""

_WEB, _ADMIN = "vad.bootstrap.web", "vad.bootstrap.admin"
_NEVER_AGAIN = 3
"""gunicorn's WORKER_BOOT_ERROR: it stops, instead of starting another process that fails in the same way."""
_ONCE_MORE = 1
_BEFORE_ONCE_MORE = 1.0
"""Seconds that a process which can't start waits before it ends, and gunicorn starts the next."""


def on_starting(server: Any) -> None:
    """Load what the processes will run before there are any: it is done once, and they share the memory.

    And let gunicorn take the request line that we ask for: by itself it goes no further than 8190 bytes.
    """
    load(_ADMIN if server.app.app_uri.startswith(running.ADMIN) else _WEB)
    message.MAX_REQUEST_LINE = limit_request_line


def when_ready(server: Any) -> None:
    """At SIGTERM first tell balancers, through `/readyz`, and only `http.stop_delay` seconds later stop."""

    def told(_number: int, _frame: object) -> None:
        running.note(Mark.STOPPING)
        signal.signal(signal.SIGTERM, server.signal)  # a second one ends the waiting
        signal.signal(signal.SIGALRM, lambda *_: server.signal(signal.SIGTERM, None))
        signal.setitimer(signal.ITIMER_REAL, delay)

    delay = settings.load(settings.config_folders()).http.stop_delay
    signal.signal(signal.SIGTERM, told if delay else server.signal)


def on_reload(server: Any) -> None:
    """At SIGHUP try the new settings first, in a process of their own: where that can't start, nothing is replaced."""
    if running.trial_works(server.app.app_uri):
        when_ready(server)
        return
    server.log.error("reload_refused")
    # gunicorn is about to start this many processes, and to end as many of the old ones.
    server.cfg.set("workers", 0)


def on_exit(_server: object) -> None:
    """Take the folder of figures away."""
    running.end()


def create_application() -> Flask:
    """Make the application for this process, from its environment. A process that can't start says why and ends."""
    return _made(lambda known: load(_WEB).create_app(known))


def create_admin_application() -> Flask:
    """The same of the pages for staff."""
    return _made(lambda known: load(_ADMIN).create_admin_app(known))


def _made(create: Callable[[settings.Settings], Flask]) -> Flask:
    logs.configure("info")
    try:
        known = settings.load(settings.config_folders())
        logs.configure(known.log.level)
        app = create(known)
    except Exception as error:  # noqa: BLE001 - gunicorn would print its text, whatever it is
        # The texts of our own are written for an operator.
        reason = str(error) if isinstance(error, ConfigurationFileError | VadError) else None
        structlog.get_logger(__name__).critical(
            "cannot_start", reason=reason, exception_class=faults.class_of(error), where=faults.places(error)
        )
        # Only one of them says so: a second, while gunicorn stops already, is an error that gunicorn doesn't expect.
        if not running.noted(Mark.STARTED) and running.note(Mark.FAILED):
            raise SystemExit(_NEVER_AGAIN) from None
        # If it has worked before, what lacks may come back: a store that is away is no reason to end what still runs.
        time.sleep(_BEFORE_ONCE_MORE)
        raise SystemExit(_ONCE_MORE) from None
    running.note(Mark.STARTED)
    structlog.get_logger(__name__).info("process_ready")
    return app
