"""Asking an authority for a certificate (PKCS#10, RFC 2986): what PKIoverheid wants of an organisation.

Its subject has the country, the name of the organisation as it is registered, the number by which Europe knows it
(`NTRNL-` and the number at the Chamber of Commerce; ETSI EN 319 412-1 section 5.1.4), and the OIN as `serialNumber`.
So the trial hierarchy of Logius has it, for "Private G-Other LP Authenticity" with an OIN.
"""

import re
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from vad.adapters.x509.errors import CertificateError

_OIN = re.compile(r"\d{20}", re.ASCII)
_IDENTIFIER = re.compile(r"(VAT|NTR|PSD|LEI)[A-Z]{2}-[A-Z0-9]{1,50}")


@dataclass(frozen=True, slots=True)
class Applicant:
    """The organisation that asks, and so is to stand in the certificate. Raises `CertificateError`."""

    organisation: str
    oin: str
    identifier: str = ""
    """`NTRNL-` and eight digits, for most; empty: none."""
    common_name: str = ""
    """Empty: the organisation."""

    def __post_init__(self) -> None:
        if _OIN.fullmatch(self.oin) is None:
            raise CertificateError("an OIN has 20 digits")
        if self.identifier and _IDENTIFIER.fullmatch(self.identifier) is None:
            raise CertificateError("an identifier of an organisation is as NTRNL-12345678")
        for value in (self.organisation, self.common_name or self.organisation):
            if not 1 <= len(value) <= 64 or not value.isprintable():  # noqa: PLR2004 - X.520 upper bounds
                raise CertificateError("the organisation and the common name have 1 to 64 characters")

    @property
    def subject(self) -> x509.Name:
        """As it stands in the request."""
        members = [
            (NameOID.COUNTRY_NAME, "NL"),
            (NameOID.ORGANIZATION_NAME, self.organisation),
            *([(NameOID.ORGANIZATION_IDENTIFIER, self.identifier)] if self.identifier else []),
            (NameOID.SERIAL_NUMBER, self.oin),
            (NameOID.COMMON_NAME, self.common_name or self.organisation),
        ]
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in members])


def signing_request(applicant: Applicant, key: EllipticCurvePrivateKey | RSAPrivateKey) -> str:
    """The request as PEM, signed with the key that it is for: with RSA by PKCS#1 1.5, which everybody reads."""
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    request = x509.CertificateSigningRequestBuilder().subject_name(applicant.subject)
    return request.add_extension(usage, critical=True).sign(key, SHA256()).public_bytes(Encoding.PEM).decode("ascii")
