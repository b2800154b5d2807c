"""The certificates of a key that signs: who vouches for it, and who for them (RFC 5280).

They are published with the key (RFC 7517 section 4.7), so each link is looked at here before that. Whoever relies on
them looks as well, and asks whether one was revoked: that can be known nowhere but there, and then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from vad.adapters.x509.errors import CertificateError

MOST = 6
"""Certificates in a chain. Those of PKIoverheid have four, the root among them."""
LONGEST = 64 * 1024
"""Bytes of a file."""

_UNREADABLE = (
    *(ValueError, TypeError, UnsupportedAlgorithm),
    *(x509.DuplicateExtension, x509.UnsupportedGeneralNameType, x509.InvalidVersion),
)
_DAY = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True)
class SigningChain:
    """The certificate of the key, then of each who signed the one before; one at least."""

    certificates: tuple[x509.Certificate, ...]

    @classmethod
    def from_pem(cls, text: bytes) -> Self:
        """Read a file. Raises `CertificateError`."""
        if len(text) > LONGEST:
            raise CertificateError(f"the file is longer than {LONGEST} bytes")
        if b"PRIVATE KEY" in text:
            raise CertificateError("the file holds a private key: give certificates alone, and keep that key elsewhere")
        try:
            found = map(_with_times, x509.load_pem_x509_certificates(text))
            return cls(tuple(found))
        except _UNREADABLE:
            raise CertificateError("the file holds no certificates as PEM") from None

    @classmethod
    def from_der(cls, stored: Sequence[bytes]) -> Self:
        """Read what `der` gave. Raises `CertificateError`."""
        try:
            return cls(tuple(_with_times(x509.load_der_x509_certificate(each)) for each in stored))
        except _UNREADABLE:
            raise CertificateError("a stored certificate can't be read") from None

    @cached_property
    def der(self) -> tuple[bytes, ...]:
        """Each as bytes."""
        return tuple(each.public_bytes(Encoding.DER) for each in self.certificates)

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the certificate of the key."""
        return self.certificates[0].fingerprint(SHA256())

    @property
    def begins(self) -> datetime:
        """From when all of them are valid."""
        return max(each.not_valid_before_utc for each in self.certificates)

    @property
    def ends(self) -> datetime:
        """Until when all of them are."""
        return min(each.not_valid_after_utc for each in self.certificates)

    @property
    def certified(self) -> EllipticCurvePublicKey | RSAPublicKey | None:
        """The key that it is the certificate of; None: one of a kind that VAD has not."""
        try:
            key = self.certificates[0].public_key()
        except _UNREADABLE:
            return None
        return key if isinstance(key, EllipticCurvePublicKey | RSAPublicKey) else None

    def belongs_to(self, key: EllipticCurvePublicKey | RSAPublicKey) -> bool:
        """Whether it is the certificate of this key."""
        return self.certified == key

    def check(self, key: EllipticCurvePublicKey | RSAPublicKey, at: datetime) -> None:
        """Raise `CertificateError` unless each link holds now, from this key on."""
        if len(self.certificates) > MOST:
            raise CertificateError(f"there are {len(self.certificates)} certificates; {MOST} are the most")
        if not self.belongs_to(key):
            raise CertificateError("the first certificate is of another key: that of the key comes first")
        try:
            _check_signs(self.certificates[0])
            for below, (signed, issuer) in enumerate(pairwise(self.certificates)):
                _check_issued(signed, issuer, below)
        except _UNREADABLE:
            raise CertificateError("a certificate has extensions that can't be read") from None
        self._check_time(at)

    def led_to(self, authorities: Sequence[x509.Certificate]) -> Self:
        """The same up to one of these, which is added where it is not there. Raises `CertificateError`."""
        last = self.certificates[-1]
        if last in authorities:
            return self
        # A root that was renewed has the name and the key of the one before.
        signers = [each for each in authorities if _issued(last, each)]
        if signers:
            return type(self)((*self.certificates, max(signers, key=lambda each: each.not_valid_after_utc)))
        raise CertificateError(
            f"{_named(last)} comes last, and none of the authorities in keys.certificate_ca_file signed it: "
            "does a certificate lack in between?"
        )

    def _check_time(self, at: datetime) -> None:
        for each in self.certificates:
            if at < each.not_valid_before_utc:
                raise CertificateError(f"{_named(each)} is not valid before {each.not_valid_before_utc:{_DAY}}")
            if at > each.not_valid_after_utc:
                raise CertificateError(f"{_named(each)} ended on {each.not_valid_after_utc:{_DAY}}")


def authorities(text: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates that chains may lead to, of a file. Raises `CertificateError`."""
    return SigningChain.from_pem(text).certificates


def _with_times(certificate: x509.Certificate) -> x509.Certificate:
    """Itself. Raises `ValueError` for times that are none, as of the year 0: nobody looks at them before."""
    _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return certificate


def _check_signs(certificate: x509.Certificate) -> None:
    """The first one is of a key that makes signatures, and no certificates."""
    named = _named(certificate)
    if _constraints(certificate).ca:
        raise CertificateError(f"{named} comes first, and is of an authority: it must be that of the key alone")
    usage = _usage(certificate)
    if usage is None or not usage.digital_signature:
        raise CertificateError(f"{named} is not for signatures: its key usage lacks digitalSignature")
    if certificate.issuer == certificate.subject:
        raise CertificateError(f"{named} is signed by itself: nobody vouches for it")


def _check_issued(signed: x509.Certificate, issuer: x509.Certificate, below: int) -> None:
    """`below`: how many authorities stand between this issuer and the first certificate."""
    if not _issued(signed, issuer):
        raise CertificateError(
            f"{_named(signed)} is not signed by {_named(issuer)}, which comes next: "
            "the certificate of the key comes first, then that of whoever signed it, and so on"
        )
    constraints, usage = _constraints(issuer), _usage(issuer)
    if not constraints.ca or (usage is not None and not usage.key_cert_sign):
        raise CertificateError(f"{_named(issuer)} may not sign certificates")
    if constraints.path_length is not None and constraints.path_length < below:
        raise CertificateError(f"{_named(issuer)} may not sign for so long a chain")


def _issued(signed: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        signed.verify_directly_issued_by(issuer)
    except (InvalidSignature, *_UNREADABLE):
        return False
    return True


def _constraints(certificate: x509.Certificate) -> x509.BasicConstraints:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return x509.BasicConstraints(ca=False, path_length=None)


def _usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _named(certificate: x509.Certificate) -> str:
    """By its subject, cut short: it was written by somebody else."""
    try:
        return repr(certificate.subject.rfc4514_string()[:120])
    except _UNREADABLE:
        return "a certificate without a readable name"
