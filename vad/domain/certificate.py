"""Certificates by which clients prove themselves, and to which their tokens are bound (RFC 8705)."""

import hmac
from dataclasses import dataclass
from enum import StrEnum

from vad.domain.errors import ProtocolError


class CertificateError(ProtocolError):
    """What is bound to a certificate came without it, or with another. `invalid_grant`."""

    def __init__(self) -> None:
        super().__init__("invalid_grant", "the certificate is not the one that this is bound to, or there is none")


class NameKind(StrEnum):
    """By what a client's certificate is known: the metadata of RFC 8705 section 2.1.2."""

    SUBJECT_DN = "tls_client_auth_subject_dn"
    SAN_DNS = "tls_client_auth_san_dns"
    SAN_URI = "tls_client_auth_san_uri"
    SAN_IP = "tls_client_auth_san_ip"
    SAN_EMAIL = "tls_client_auth_san_email"


@dataclass(frozen=True, slots=True)
class CertificateName:
    """One name, in the one spelling that it has here."""

    kind: NameKind
    value: str

    def same(self, other: "CertificateName") -> bool:
        """Whether it is this name; takes as long whatever differs."""
        mine, theirs = (f"{each.kind} {each.value}".encode() for each in (self, other))
        return hmac.compare_digest(mine, theirs)


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate whose key its bearer proved to hold in the handshake of TLS, and whose time is now."""

    thumbprint: str
    """SHA-256 of it, in base64url (`x5t#S256`)."""
    names: tuple[CertificateName, ...] = ()
    vouched: bool = False
    """Whether an authority that VAD trusts for this vouches for its names."""
