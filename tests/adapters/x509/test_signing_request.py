"""The request for a certificate says of the organisation what PKIoverheid wants (PKCS#10, RFC 2986)."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from vad.adapters.x509.errors import CertificateError
from vad.adapters.x509.signing_request import Applicant, signing_request

OIN = "00000003123456780000"


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)], ids=["EC", "RSA"]
)
def test_the_request(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    """Signed with the key that it is for, by SHA-256, for signatures alone; OIN and number are where others look."""
    applicant = Applicant("Stichting Voorbeeld", OIN, "NTRNL-12345678", "vad.example")
    asked = x509.load_pem_x509_csr(signing_request(applicant, key).encode())
    assert asked.is_signature_valid
    assert asked.public_key() == key.public_key()
    assert isinstance(asked.signature_hash_algorithm, SHA256)
    usage = asked.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_cert_sign, usage.key_encipherment) == (True, False, False)
    assert asked.subject.rfc4514_string() == (
        f"CN=vad.example,2.5.4.5={OIN},2.5.4.97=NTRNL-12345678,O=Stichting Voorbeeld,C=NL"
    )


def test_what_is_left_out() -> None:
    """The common name is the organisation's own; without a number there is none."""
    assert Applicant("VAD", OIN).subject.rfc4514_string() == f"CN=VAD,2.5.4.5={OIN},O=VAD,C=NL"


@pytest.mark.parametrize(
    ("organisation", "oin", "identifier", "common_name"),
    [
        ("VAD", "1", "", ""),
        ("VAD", "0000000312345678000٣", "", ""),
        ("VAD", f"{OIN}\n", "", ""),
        ("VAD", OIN, "12345678", ""),
        ("", OIN, "", ""),
        ("V" * 65, OIN, "", ""),
        ("VAD\n", OIN, "", ""),
        ("VAD", OIN, "", "v" * 65),
    ],
)
def test_what_no_authority_would_take(organisation: str, oin: str, identifier: str, common_name: str) -> None:
    """It is told here, and not after days."""
    with pytest.raises(CertificateError):
        Applicant(organisation, oin, identifier, common_name)
