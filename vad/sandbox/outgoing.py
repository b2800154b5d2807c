"""How the programs of the neighbourhood call others: names under `localhost` are this machine, whoever asks.

Neither a proxy nor a `.netrc` of the machine has a say in it. Certificates are always checked; those of a demo with TLS
are vouched for by its own authority, which each program is told of when it starts.
"""

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from vad.adapters.http.localhost import resolved

Session = TypeVar("Session", bound=requests.Session)
_trusted: list[Path] = []


@dataclass(frozen=True)
class Certificate:
    """A certificate of one's own and its private key, as PEM files."""

    file: str
    key: str


def trust(ca_file: Path | None) -> None:
    """Let this whole process trust these CAs instead of the usual ones; with None, the usual ones again."""
    _trusted[:] = [] if ca_file is None else [ca_file]


def prepared(session: Session) -> Session:
    """The session, made to call as all do here."""
    session.trust_env = False
    session.verify = str(_trusted[0]) if _trusted else True
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())
    return session


def new_session(certificate: Certificate | None = None) -> requests.Session:
    """A session that calls so; with this certificate, if any."""
    session = prepared(requests.Session())
    session.cert = None if certificate is None else (certificate.file, certificate.key)
    return session


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        with resolved(self):
            return super()._new_conn()


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        with resolved(self):
            return super()._new_conn()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
