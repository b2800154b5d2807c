"""`vad serve`: the web application under gunicorn, or under Granian where that is installed."""

import os
import sys
from importlib.util import find_spec

import click

from vad.bootstrap import running
from vad.cli.common import known_settings, plain_errors


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--threads", default=16, show_default=True, help="Threads per process.")
@click.option(
    "--server",
    type=click.Choice(["gunicorn", "granian"]),
    default="gunicorn",
    show_default=True,
    help="The HTTP server. Granian comes with the extra `granian`.",
)
@click.option("--admin", is_flag=True, help="Serve the pages for staff, and nothing else. Settings: `[admin]`.")
def serve(bind: str, workers: int, threads: int, server: str, *, admin: bool) -> None:
    """Serve VAD in this process's place."""
    if server == "granian" and find_spec("granian") is None:
        raise click.ClickException("granian is not installed: pip install --require-hashes -r requirements-granian.txt")
    with plain_errors():
        known = known_settings()
        if admin and known.admin.origin is None:
            raise click.ClickException("set the section [admin] to serve the pages for staff")
        header = known.proxy.client_certificate_header
        if server == "granian" and header is not None and "-" in header:
            # To WSGI both are HTTP_CLIENT_CERT; gunicorn drops the one with an underscore, Granian takes it.
            raise click.ClickException(
                f"Granian takes {header.replace('-', '_')} for {header}: give proxy.client_certificate_header a name "
                "without hyphens"
            )
        if server == "granian" and known.http.trusted_proxies and not known.http.proxy_drops_underscores:
            # Whoever sends the second one would choose their own address.
            raise click.ClickException(
                "Granian takes X_Forwarded_For for X-Forwarded-For: have the proxy drop headers with an underscore, "
                "and set http.proxy_drops_underscores"
            )
    factory = running.ADMIN if admin else running.WEB
    if server == "granian":
        host, port = _parsed(bind)
        program = ["vad.cli.granian", host, str(port), str(workers), str(threads), factory]
    else:
        sizes = ["--bind", bind, "--workers", str(workers), "--threads", str(threads)]
        program = ["gunicorn", "--config", "python:vad.wsgi", f"{factory}()", *sizes]
    running.begin()
    os.execv(sys.executable, [sys.executable, "-m", *program])  # noqa: S606 - our own interpreter, arguments from options


def _parsed(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit():
        raise click.BadParameter("an address and a port, such as 127.0.0.1:8000", param_hint="--bind")
    return host.strip("[]"), int(port)
