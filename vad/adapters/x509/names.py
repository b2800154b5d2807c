"""The names in certificates, each in one spelling, so that what is registered and what is shown can be compared."""

from collections.abc import Iterator
from ipaddress import ip_address

from cryptography import x509
from cryptography.x509.oid import NameOID

from vad.domain.certificate import CertificateName, NameKind

_ATTRIBUTES = {
    "serialNumber": NameOID.SERIAL_NUMBER,
    "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER,
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "GN": NameOID.GIVEN_NAME,
    "SN": NameOID.SURNAME,
}
"""Names of attributes beside those of RFC 4514 section 3, as OpenSSL writes them."""


def registered(kind: NameKind, value: str) -> CertificateName:
    """A name as an operator wrote it. Raises `ValueError`."""
    match kind:
        case NameKind.SUBJECT_DN:
            name = x509.Name.from_rfc4514_string(value, _ATTRIBUTES)
            return CertificateName(kind, _subject(name))
        case NameKind.SAN_IP:
            return CertificateName(kind, str(ip_address(value)))
        case NameKind.SAN_DNS:
            return CertificateName(kind, value.lower())
        case _:
            return CertificateName(kind, value)


def shown(certificate: x509.Certificate) -> Iterator[CertificateName]:
    """Every name of a certificate. Raises `ValueError` for one that is malformed."""
    if certificate.subject.rdns:
        yield CertificateName(NameKind.SUBJECT_DN, _subject(certificate.subject))
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return
    for name in found:
        match name:
            case x509.DNSName():
                yield CertificateName(NameKind.SAN_DNS, name.value.lower())
            case x509.UniformResourceIdentifier():
                yield CertificateName(NameKind.SAN_URI, name.value)
            case x509.RFC822Name():
                yield CertificateName(NameKind.SAN_EMAIL, name.value)
            case x509.IPAddress():
                yield CertificateName(NameKind.SAN_IP, str(name.value))
            case _:
                pass


def _subject(name: x509.Name) -> str:
    """As RFC 4514 writes it, every attribute by its number: a name of it could be spelt in two ways."""
    return ",".join("+".join(sorted(map(_attribute, rdn))) for rdn in reversed(name.rdns))


def _attribute(attribute: x509.NameAttribute[str | bytes]) -> str:
    return f"{attribute.oid.dotted_string}={attribute.rfc4514_string().partition('=')[2]}"
