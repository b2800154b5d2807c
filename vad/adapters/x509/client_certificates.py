"""Certificates of clients as a proxy passes them on: read once, and looked at again when their time may be over."""

import base64
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from urllib.parse import unquote

import structlog
from cryptography import x509
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from vad.adapters.x509 import names
from vad.domain.certificate import ClientCertificate

_LONGEST = 16 * 1024
_MOST = 1024
"""Certificates that are remembered."""
_AGAIN = timedelta(minutes=10)
"""After so long who vouches for a certificate is looked at again: authorities end too."""
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class _Known:
    certificate: ClientCertificate
    begins: datetime
    ends: datetime
    read_at: datetime


class PassedOnCertificates:
    """`vad.services.ports.tokens.ClientCertificates`. Safe among threads.

    `ca_file` holds the authorities that vouch for the names in certificates, those between included; without it nobody
    does. Whatever the proxy checked is checked here as well: one that lets any certificate pass opens nothing.
    """

    def __init__(self, ca_file: Path | None) -> None:
        authorities = [] if ca_file is None else x509.load_pem_x509_certificates(ca_file.read_bytes())
        self._authorities = Store(authorities) if authorities else None
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._lock = Lock()

    def read(self, passed_on: str, at: datetime) -> ClientCertificate | None:
        if len(passed_on) > _LONGEST:
            return None
        key = hashlib.sha256(passed_on.encode()).digest()
        with self._lock:
            known = self._known.get(key)
        if known is None or not known.read_at <= at < known.read_at + _AGAIN:
            known = self._read(passed_on, at)
            if known is None:
                return None
            self._remember(key, known)
        return known.certificate if known.begins <= at <= known.ends else None

    def _remember(self, key: bytes, known: _Known) -> None:
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)

    def _read(self, passed_on: str, at: datetime) -> _Known | None:
        try:
            der = base64.b64decode(_base64(passed_on), validate=True)
            certificate = x509.load_der_x509_certificate(der)
            found = tuple(names.shown(certificate))
            begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, x509.InvalidVersion):
            structlog.get_logger(__name__).info("client_certificate_unreadable")
            return None
        thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode("ascii")
        return _Known(ClientCertificate(thumbprint, found, self._vouched(certificate, at)), begins, ends, at)

    def _vouched(self, certificate: x509.Certificate, at: datetime) -> bool:
        if self._authorities is None:
            return False
        # Names of organisations stand in the subject: not each certificate has an alternative.
        alternative = x509.SubjectAlternativeName
        policy = ExtensionPolicy.webpki_defaults_ee().may_be_present(alternative, Criticality.AGNOSTIC, None)
        builder = PolicyBuilder().store(self._authorities).time(at)
        builder = builder.extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=policy)
        try:
            builder.build_client_verifier().verify(certificate, [])
        except VerificationError:
            return False
        return True


def _base64(passed_on: str) -> str:
    """DER in base64: by RFC 9440 between colons, bare (HAProxy), or as PEM, which nginx writes as in an address.

    Of one certificate, or of none: two headers that became one would leave the choice to the order they came in. Raises
    `ValueError`.
    """
    text = passed_on.strip()
    if text.startswith(":") and text.endswith(":"):
        return text.removeprefix(":").removesuffix(":")
    if "%" in text:
        text = unquote(text)
    if text.startswith(_BEGIN):
        inside, end, rest = text.removeprefix(_BEGIN).partition(_END)
        if not end or rest.strip():
            raise ValueError("not one certificate")
        return "".join(inside.split())
    return text
