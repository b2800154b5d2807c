"""`vad doctor` on certificates: when they end, of whoever VAD talks TLS to."""

import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from vad.adapters.configuration.addresses import hosts
from vad.adapters.http.localhost import reachable
from vad.adapters.postgres.database import Database, parse
from vad.adapters.postgres.registration_queries import read_snapshot
from vad.adapters.postgres.transaction import Transaction
from vad.cli.findings import Finding, Level, forgiven, found
from vad.settings import Settings

_TIMEOUT = 3.0
_WARN_DAYS = 30
_AT_ONCE = 8
_SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
"""What a client says first when it wants TLS (PostgreSQL's protocol, SSLRequest)."""


def reached(address: str, roots: str | None, beside: Path | None = None) -> tuple[Level, str]:
    """Connect as a caller would, and look when the certificate ends. Raises `OSError` where nobody listens.

    `roots` is a file of root certificates to trust instead of the usual ones, `beside` one to trust as well.
    """
    parts = urlsplit(address)
    host, secure = parts.hostname or "", parts.scheme == "https"
    with socket.create_connection((reachable(host), parts.port or (443 if secure else 80)), _TIMEOUT) as connection:
        if not secure:
            return Level.OK, "reached, without TLS"
        try:
            context = ssl.create_default_context(cafile=roots or certifi.where())
            if beside is not None:
                context.load_verify_locations(beside)
            with context.wrap_socket(connection, server_hostname=host) as tls:
                return _ends(tls)
        except ssl.SSLCertVerificationError as error:
            return Level.FAIL, f"its certificate is refused: {error.verify_message}"


def reached_from_here(address: str, roots: str | None, beside: Path | None = None) -> tuple[Level, str]:
    """As `reached`; where nobody answers a warning, for others may well reach what this machine does not."""
    try:
        return reached(address, roots, beside)
    except OSError as error:
        return Level.WARN, f"not reached from here ({type(error).__name__})"


def store_certificates(known: Settings) -> Iterator[Finding]:
    """Look at PostgreSQL and Redis. Whether VAD trusts them, their own checks show; this is about when they end."""
    address = parse(known.database.url.get_secret_value())
    if address.query.get("sslmode") != "disable" and address.host and not address.host.startswith("/"):
        place = address.host, address.port or 5432
        yield found("postgresql certificate", partial(_shown, *place, starts_tls=True))
    for host, port in _redis_over_tls(known):
        yield found(f"redis certificate {host}:{port}", partial(_shown, host, port))


def app_authorities(known: Settings) -> Iterator[Finding]:
    """Look when the CAs end that vouch for certificates of apps: with them those apps prove nothing any more."""
    if known.proxy.client_ca_file is not None:
        for each in x509.load_pem_x509_certificates(known.proxy.client_ca_file.read_bytes()):
            yield Finding(f"CA of apps {each.fingerprint(SHA256()).hex()[:8]}", *_lasts(each, ""))
        text = "VAD looks at no list of revoked certificates: see that the proxy does (ssl_crl or ssl_ocsp)"
        # No warning: nobody can make it go away, and who sees it each day looks no more.
        yield Finding("revoked certificates of apps", Level.OK, text)


def receiver_certificates(
    database: Database, roots: str | None = None, beside: Path | None = None
) -> Iterator[Finding]:
    """Look where apps hear that a session ended, and sources that tokens are over.

    What is wrong there is theirs to mend: a warning, never a failure.
    """
    with Transaction(database) as transaction:
        known = read_snapshot(transaction)
    told = {
        f"logout address of {each.client_id}": each.backchannel_logout_uri
        for each in known.clients.values()
        if each.active
    }
    told |= {
        f"security events address of {each.identifier}": each.security_events_uri
        for each in known.resource_servers.values()
        if each.active
    }
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(
            lambda check: forgiven(found(check, partial(reached_from_here, told[check], roots, beside))),
            [check for check, address in told.items() if address],
        )


def _redis_over_tls(known: Settings) -> list[tuple[str, int]]:
    redis = known.redis
    if redis.url is not None:
        parts = urlsplit(redis.url.get_secret_value())
        return [(parts.hostname or "", parts.port or 6379)] if parts.scheme == "rediss" else []
    return list(hosts(redis.cluster_nodes or redis.sentinels or "") or []) if redis.tls else []


def _shown(host: str, port: int, *, starts_tls: bool = False) -> tuple[Level, str]:
    # Nothing is sent and nothing believed: any certificate will do to read its end.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, port), _TIMEOUT) as connection:
        if starts_tls:
            connection.sendall(_SSL_REQUEST)
            if connection.recv(1) != b"S":
                return Level.OK, "speaks no TLS"
        with context.wrap_socket(connection, server_hostname=host) as tls:
            return _ends(tls)


def _ends(tls: ssl.SSLSocket) -> tuple[Level, str]:
    return _lasts(x509.load_der_x509_certificate(tls.getpeercert(binary_form=True) or b""), "reached; ")


def _lasts(certificate: x509.Certificate, before: str) -> tuple[Level, str]:
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    if left.total_seconds() <= 0:
        return Level.FAIL, f"its certificate ended {-left.days} days ago"
    return (Level.WARN if left.days < _WARN_DAYS else Level.OK), f"{before}its certificate ends in {left.days} days"
