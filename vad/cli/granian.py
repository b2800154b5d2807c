"""VAD under Granian: an optional package (extra `granian`), a server in Rust that costs less per request."""

from copy import deepcopy

from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from vad.adapters import logs


def run(host: str, port: int, *, workers: int, threads: int) -> None:
    """Serve until told to stop. Each process makes the application by itself, as under gunicorn.

    SIGTERM lets requests under way finish; SIGHUP replaces the processes one by one.
    """
    Server(
        "vad.wsgi:create_application",
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
    ).serve()
