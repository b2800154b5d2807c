"""What the settings demand of certificates for keys that sign."""

from vad.adapters.vault.certification import Certification
from vad.adapters.x509.errors import CertificateError
from vad.adapters.x509.signing_chain import authorities
from vad.settings import Settings


def certification(settings: Settings) -> Certification:
    """Read the authorities. Raises `CertificateError`."""
    file = settings.keys.certificate_ca_file
    if file is None:
        return Certification()
    try:
        known = authorities(file.read_bytes())
    except (OSError, CertificateError) as error:
        told = error.strerror if isinstance(error, OSError) else error
        raise CertificateError(f"keys.certificate_ca_file: {told}") from None
    return Certification(frozenset(settings.keys.certified_algorithms), known)
