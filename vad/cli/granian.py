"""VAD under Granian: an optional package (extra `granian`), a server in Rust that costs less per request.

`vad serve --server granian` runs this module as a program.
"""

import signal
import sys
import time
from copy import deepcopy
from typing import Any

import structlog
from granian.constants import HTTPModes, Interfaces
from granian.server.mp import MPServer

from vad import settings
from vad.adapters import logs
from vad.bootstrap import running
from vad.bootstrap.running import Mark


class _Server(MPServer):
    """At SIGTERM first tells balancers, through `/readyz`, and only `stop_delay` seconds later stops.

    At SIGHUP it tries new settings first: processes that can't start would end the server, and the old ones with it.
    """

    stop_delay = 0.0
    factory_of_app = running.WEB

    def _reload(self, *args: Any, **kwargs: Any) -> None:
        # Before the trial: what wakes the server while that takes its time, such as SIGTERM, must not be forgotten.
        self.reload_signal = False
        self.main_loop_interrupt.clear()
        begun = time.monotonic()
        if running.trial_works(self.factory_of_app):
            # An old process is told to leave this long after its successor was started, which must serve by then.
            self.respawn_interval = max(self.respawn_interval, time.monotonic() - begun)
            self.interrupt_children.clear()  # those that died meanwhile are replaced with the others
            super()._reload(*args, **kwargs)  # type: ignore[no-untyped-call]
        else:
            structlog.get_logger(__name__).error("reload_refused")
        if self.interrupt_signal or self.interrupt_children:
            self.main_loop_interrupt.set()

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """Hear SIGTERM or SIGINT; a second one, or SIGINT, ends the waiting."""
        if args[:1] == (signal.SIGTERM,) and self.stop_delay and not running.stopping():
            running.note(Mark.STOPPING)
            signal.signal(signal.SIGALRM, self.signal_handler_interrupt)
            signal.setitimer(signal.ITIMER_REAL, self.stop_delay)
        else:
            super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]


def run(host: str, port: int, factory: str, *, workers: int, threads: int) -> None:
    """Serve until told to stop. Each process makes the application by itself, as under gunicorn.

    SIGTERM lets requests under way finish; SIGHUP replaces the processes one by one.
    """
    server = _Server(
        factory,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        http=HTTPModes.http1,
        websockets=False,
        factory=True,
        # A process that dies is replaced; one that dies again at once ends the server.
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_dictconfig=deepcopy(logs.HANDLING),  # it writes in it
        log_access=False,  # addresses may carry codes
    )
    server.factory_of_app = factory
    server.stop_delay = settings.load(settings.config_folders()).http.stop_delay
    try:
        server.serve()
    finally:
        running.end()


if __name__ == "__main__":
    address, number, processes, hands, made_by = sys.argv[1:]
    run(address, int(number), made_by, workers=int(processes), threads=int(hands))
