"""`vad doctor` on what stands outside: is it there, and how long do its certificates last."""

import socket
import ssl
import time
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

from vad.adapters.digid.provider import Provider
from vad.adapters.http.caller import HttpCaller
from vad.cli.findings import Finding, Level, found
from vad.settings import Settings

_TIMEOUT = 3.0
_WARN_DAYS, _FAIL_DAYS = 30, 3


def outside(known: Settings) -> Iterator[Finding]:
    """Look at each."""
    yield found("digid discovery", partial(_discovery, known.digid.issuer))
    for name, address in (
        ("digid", known.digid.issuer),
        ("brp", known.brp.base_url),
        ("prs", known.prs.base_url),
        ("issuer", known.service.issuer),
    ):
        finding = found(name, partial(_reached, address))
        # From inside, VAD's own front door need not be reachable.
        own = name == "issuer" and finding.level is Level.FAIL
        yield Finding(name, Level.WARN, finding.text) if own else finding


def _discovery(issuer: str) -> tuple[Level, str]:
    Provider(issuer, HttpCaller("digid")).metadata.get()
    return Level.OK, "DigiD tells of itself what VAD needs"


def _reached(address: str) -> tuple[Level, str]:
    parts = urlsplit(address)
    host, secure = parts.hostname or "", parts.scheme == "https"
    with socket.create_connection((host, parts.port or (443 if secure else 80)), _TIMEOUT) as connection:
        if not secure:
            return Level.OK, "reached, without TLS"
        with ssl.create_default_context().wrap_socket(connection, server_hostname=host) as tls:
            shown = tls.getpeercert() or {}
    days = int((ssl.cert_time_to_seconds(str(shown["notAfter"])) - time.time()) // 86_400)
    level = Level.FAIL if days < _FAIL_DAYS else Level.WARN if days < _WARN_DAYS else Level.OK
    return level, f"reached; its certificate ends in {days} days"
