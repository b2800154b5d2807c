"""`vad serve`: the web application under gunicorn."""

import os
import sys

import click

from vad.cli.common import known_settings, plain_errors


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--threads", default=16, show_default=True, help="Threads per process.")
def serve(bind: str, workers: int, threads: int) -> None:
    """Serve VAD with gunicorn in this process's place."""
    with plain_errors():
        known_settings()
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "python:vad.wsgi", "vad.wsgi:create_application()"]
    sizes = ["--bind", bind, "--workers", str(workers), "--threads", str(threads)]
    os.execv(sys.executable, [*gunicorn, *sizes])  # noqa: S606 - our own interpreter, arguments from options
