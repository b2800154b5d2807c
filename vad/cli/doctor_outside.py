"""`vad doctor` on what stands outside: is it there, and how long do its certificates last."""

import socket
import ssl
import time
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

import certifi

from vad.adapters.digid.provider import Provider
from vad.adapters.http.caller import HttpCaller
from vad.cli.findings import Finding, Level, found
from vad.settings import Settings

_TIMEOUT = 3.0
_WARN_DAYS = 30


def outside(known: Settings, roots: str | None = None) -> Iterator[Finding]:
    """Look at each. `roots` is a file of root certificates to trust instead of those that VAD's own calls trust."""
    yield found("digid discovery", partial(_discovery, known.digid.issuer, roots))
    for name, address in (("digid", known.digid.issuer), ("brp", known.brp.base_url), ("prs", known.prs.base_url)):
        yield found(name, partial(_reached, address, roots))
    yield found("issuer", partial(_own_door, known.service.issuer, roots))


def _discovery(issuer: str, roots: str | None) -> tuple[Level, str]:
    Provider(issuer, HttpCaller("digid", ca_bundle=roots)).metadata.get()
    return Level.OK, "DigiD tells of itself what VAD needs"


def _own_door(issuer: str, roots: str | None) -> tuple[Level, str]:
    """From inside, VAD's own front door need not be reachable; where it is, its certificate must be good."""
    try:
        return _reached(issuer, roots)
    except OSError as error:
        return Level.WARN, f"not reached from here ({type(error).__name__})"


def _reached(address: str, roots: str | None) -> tuple[Level, str]:
    parts = urlsplit(address)
    host, secure = parts.hostname or "", parts.scheme == "https"
    with socket.create_connection((host, parts.port or (443 if secure else 80)), _TIMEOUT) as connection:
        if not secure:
            return Level.OK, "reached, without TLS"
        try:
            with ssl.create_default_context(cafile=roots or certifi.where()).wrap_socket(
                connection, server_hostname=host
            ) as tls:
                shown = tls.getpeercert() or {}
        except ssl.SSLCertVerificationError as error:
            return Level.FAIL, f"its certificate is refused: {error.verify_message}"
    days = int((ssl.cert_time_to_seconds(str(shown["notAfter"])) - time.time()) // 86_400)
    return (Level.WARN if days < _WARN_DAYS else Level.OK), f"reached; its certificate ends in {days} days"
