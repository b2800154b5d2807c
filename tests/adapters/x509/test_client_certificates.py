"""Certificates as proxies pass them on: read in each way that there is, compared by name, and believed for a while."""

import base64
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.support.signing_certificates import of_no_version
from vad.adapters.x509 import names
from vad.adapters.x509.client_certificates import PassedOnCertificates
from vad.domain.certificate import CertificateName, NameKind
from vad.sandbox.tls.authority import Authority

NOW = datetime.now(UTC)


def der(certificate: x509.Certificate) -> str:
    """In base64."""
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def self_signed(subject: x509.Name, *alternatives: x509.GeneralName) -> x509.Certificate:
    """A certificate with these names."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1))
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return builder.sign(key, hashes.SHA256())


def test_each_proxy_writes_it_in_its_own_way(tmp_path: Path) -> None:
    """RFC 9440, HAProxy, and nginx; they are the same, and read once: the second answer is the first."""
    now, authority = datetime.now(UTC), Authority.kept(tmp_path, "clients", of_localhost=False)
    file = authority.client(tmp_path, "app").certificate
    pem, bare = file.read_text(), der(x509.load_pem_x509_certificate(file.read_bytes()))
    reader = PassedOnCertificates(authority.file)
    found = [reader.read(text, now) for text in (f":{bare}:", bare, quote(pem), pem.replace("\n", " "))]
    assert found[0] is not None
    assert found[0].vouched
    assert len({each.thumbprint for each in found if each}) == 1
    assert None not in found
    assert reader.read(f":{bare}:", now + timedelta(minutes=1)) is found[0]
    no_version = base64.b64encode(of_no_version(x509.load_pem_x509_certificate(pem.encode()))).decode()
    for nonsense in ("", ":", "::", f":{bare[:-8]}:", "%", "\x00", pem.partition("-----END")[0], no_version):
        assert reader.read(nonsense, now) is None, nonsense
    assert reader.read(f"{quote(pem)}%0A", now) is not None


def test_of_two_certificates_neither_counts(tmp_path: Path) -> None:
    """A header that came twice may be one by now: whoever may add the first must not choose who it is."""
    now, authority = datetime.now(UTC), Authority.kept(tmp_path, "clients", of_localhost=False)
    files = [authority.client(tmp_path, name).certificate for name in ("app", "other")]
    pems = [file.read_text() for file in files]
    bare = [der(x509.load_pem_x509_certificate(file.read_bytes())) for file in files]
    ways = [pems, [quote(pem) for pem in pems], bare, [f":{each}:" for each in bare]]
    reader = PassedOnCertificates(authority.file)
    for first, second in ways:
        for between in ("", ",", ", ", "\n", "%2C", "%0A"):
            assert reader.read(f"{first}{between}{second}", now) is None, between
    assert reader.read(f"{pems[0]}x", now) is None


def test_its_time_and_that_of_who_vouches(tmp_path: Path) -> None:
    """Before it begins and after it ends there is none, though it was read before; and nobody vouches without CAs."""
    now, authority = datetime.now(UTC), Authority.kept(tmp_path, "clients", of_localhost=False)
    issued = authority.client(tmp_path, "app", ends_in=timedelta(hours=1))
    text = der(x509.load_pem_x509_certificate(issued.certificate.read_bytes()))
    reader = PassedOnCertificates(authority.file)
    assert reader.read(text, now) is not None
    assert reader.read(text, now + timedelta(hours=2)) is None
    assert reader.read(text, now - timedelta(hours=2)) is None
    alone = PassedOnCertificates(None).read(text, now)
    assert alone is not None
    assert not alone.vouched
    other = Authority.kept(tmp_path, "other", of_localhost=False)
    for foreign in (other.client(tmp_path, "app"), authority.server(tmp_path, ["app.localhost"])):
        read = reader.read(der(x509.load_pem_x509_certificate(foreign.certificate.read_bytes())), now)
        assert read is not None
        assert not read.vouched


def test_names_are_the_same_however_they_are_written() -> None:
    """Attributes by name or number, with or without blanks, in the order of RFC 4514; values are compared exactly."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Zorg, B.V. = goed"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, "00000099000000001000"),
            x509.NameAttribute(NameOID.COMMON_NAME, "app"),
        ]
    )
    shown = list(names.shown(self_signed(subject)))
    for written in (
        r"CN=app,serialNumber=00000099000000001000,O=Zorg\, B.V. = goed,C=NL",
        r"2.5.4.3=app,2.5.4.5=00000099000000001000,2.5.4.10=Zorg\2c B.V. = goed,2.5.4.6=NL",
    ):
        assert shown == [names.registered(NameKind.SUBJECT_DN, written)]
    for another in (
        r"C=NL,O=Zorg\, B.V. = goed,serialNumber=00000099000000001000,CN=app",
        r"CN=app,O=Zorg\, B.V. = goed,C=NL",
        r"CN=App,serialNumber=00000099000000001000,O=Zorg\, B.V. = goed,C=NL",
        "CN=app",
    ):
        assert not shown[0].same(names.registered(NameKind.SUBJECT_DN, another))


def test_the_other_names_of_a_certificate() -> None:
    """RFC 8705 section 2.1.2; one kind never does for another, as the same text may stand in each."""
    certificate = self_signed(
        x509.Name([]),
        x509.DNSName("App.Example"),
        x509.UniformResourceIdentifier("https://app.example/A"),
        x509.IPAddress(ip_address("2001:db8::1")),
        x509.RFC822Name("app@example.org"),
    )
    shown = list(names.shown(certificate))
    assert shown == [
        names.registered(NameKind.SAN_DNS, "app.example"),
        names.registered(NameKind.SAN_URI, "https://app.example/A"),
        names.registered(NameKind.SAN_IP, "2001:0db8:0::1"),
        names.registered(NameKind.SAN_EMAIL, "app@example.org"),
    ]
    assert not any(each.same(CertificateName(NameKind.SAN_URI, "app.example")) for each in shown)


@pytest.mark.parametrize(
    ("kind", "value"),
    [*((NameKind.SUBJECT_DN, value) for value in ("app", "CN=app,", "XX=y")), (NameKind.SAN_IP, "app")],
)
def test_a_name_that_is_none(kind: NameKind, value: str) -> None:
    """It is told when it is registered."""
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own words
        names.registered(kind, value)
