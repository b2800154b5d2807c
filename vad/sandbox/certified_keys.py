"""How a data source knows that a key is VAD's own: by its certificate, and not by the address that it came from.

For sources of another organisation than VAD's, who trust a root such as that of PKIoverheid and know an OIN. Take it
over beside `token_check`, which is to take no key that is not `vouched` for. One thing is left to you outside a demo:
ask whether a certificate was revoked, at the addresses that it has in it (CRL, RFC 5280 section 5, or OCSP, RFC 6960).
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtensionOID, NameOID
from jwt import PyJWK, PyJWTError

from vad.sandbox import fields

MOST = 6
"""Certificates in a chain; those of PKIoverheid have four."""
_UNREADABLE = (
    *(ValueError, TypeError, KeyError, PyJWTError, InvalidSignature, UnsupportedAlgorithm),
    *(x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, x509.InvalidVersion),
)
_UNDERSTOOD = frozenset(
    (
        *(ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE),
        *(ExtensionOID.CERTIFICATE_POLICIES, ExtensionOID.SUBJECT_ALTERNATIVE_NAME),
    )
)
"""Extensions that may be critical. Of the last three none narrows whose key it is, or what a token is."""
_SMALLEST_RSA, _SMALLEST_EC = 2048, 256
"""Bits of the key of an authority."""


@dataclass(frozen=True)
class Trust:
    """Whom to believe: the certificates in `ca_file`, for the organisation with this `oin`."""

    ca_file: str
    oin: str

    @classmethod
    def from_json(cls, raw: Mapping[str, Any], /) -> "Trust":
        """The trust written as JSON. Raises ConfigError."""
        fields.known_only(raw, set(cls.__dataclass_fields__))
        return cls(fields.text(raw, "ca_file"), fields.text(raw, "oin"))


class CertifiedKeys:
    """Looks at the certificates of a key, link by link. Raises `OSError` or `ValueError` for a file of no roots."""

    def __init__(self, trust: Trust) -> None:
        self._roots = x509.load_pem_x509_certificates(Path(trust.ca_file).read_bytes())
        self._oin = trust.oin

    def vouched(self, jwk: Mapping[str, Any], at: datetime) -> bool:
        """Whether somebody whom we trust says that this key (RFC 7517) is that organisation's, and for signatures."""
        try:
            chain = _chain(jwk)
            if not (chain[0].public_key() == PyJWK(dict(jwk)).key and self._names(chain[0]) and _signs(chain[0])):
                return False
            if any(each.critical and each.oid not in _UNDERSTOOD for of in chain for each in of.extensions):
                # RFC 5280 section 4.2. One of them narrows whom an authority speaks for (`nameConstraints`).
                return False
            in_time = all(each.not_valid_before_utc <= at <= each.not_valid_after_utc for each in chain)
            for below, (signed, issuer) in enumerate(pairwise(chain)):
                _check_issued(signed, issuer, below)
        except _UNREADABLE:
            return False
        # The issuer publishes the root as well (NL GOV OIDC): so it is one of ours, or the chain leads elsewhere.
        return in_time and chain[-1] in self._roots

    def _names(self, certificate: x509.Certificate) -> bool:
        """Whether it is of the organisation that we know: anybody else can have a certificate too."""
        found = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
        return [each.value for each in found] == [self._oin]


def _chain(jwk: Mapping[str, Any]) -> list[x509.Certificate]:
    given = jwk["x5c"]
    if not isinstance(given, list) or not 1 < len(given) <= MOST:
        raise ValueError("no chain")
    return [x509.load_der_x509_certificate(b64decode(each, validate=True)) for each in given]


def _signs(certificate: x509.Certificate) -> bool:
    """Whether it is for signatures, and for no certificates."""
    extensions = certificate.extensions
    authority = extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    return extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature and not authority


def _check_issued(signed: x509.Certificate, issuer: x509.Certificate, below: int) -> None:
    """Raise unless this one signed that one and may, with so many authorities below."""
    signed.verify_directly_issued_by(issuer)
    constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
    length = MOST if constraints.path_length is None else constraints.path_length
    if not (constraints.ca and usage.key_cert_sign and _strong(issuer.public_key())) or length < below:
        raise ValueError("not an authority")


def _strong(key: CertificatePublicKeyTypes) -> bool:
    """Whether nobody finds the other half of it. That its hash will do, the library looks at."""
    if isinstance(key, RSAPublicKey):
        return key.key_size >= _SMALLEST_RSA
    return isinstance(key, EllipticCurvePublicKey) and key.key_size >= _SMALLEST_EC
