"""A certificate authority for one machine: whoever trusts it trusts it for names under `localhost` alone.

Its key lies in a folder of somebody who tries things out, so it can vouch for nothing else (RFC 5280 section 4.2.1.10).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vad.sandbox.errors import SandboxError

_CA_LIFE = timedelta(days=3650)
_LIFE = timedelta(days=90)
_SKEW = timedelta(minutes=5)
_ADDRESSES = ("127.0.0.1", "::1")
_RSA_BITS = 2048
_PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
_SERVER, _CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


@dataclass(frozen=True)
class Issued:
    """A certificate and its private key, as PEM files."""

    certificate: Path
    key: Path


class Authority:
    """One certificate authority, kept in a folder: `{name}.pem` is what others trust, `{name}.key` is its own."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, file: Path) -> None:
        self._certificate = certificate
        self._key = key
        self.file = file
        """The certificate to trust."""

    @classmethod
    def kept(cls, folder: Path, name: str, *, of_localhost: bool) -> "Authority":
        """The one in this folder, made if there is none. `of_localhost`: it can vouch for this machine's names alone.

        Raises `SandboxError` for one that cannot be read.
        """
        file, secret = folder / f"{name}.pem", folder / f"{name}.key"
        if not (file.exists() and secret.exists()):
            _write(file, secret, *_made(name, of_localhost=of_localhost))
        try:
            key = load_pem_private_key(secret.read_bytes(), None)
            certificate = x509.load_pem_x509_certificate(file.read_bytes())
        except (OSError, ValueError) as error:
            raise SandboxError(f"{file} cannot be read; vad demo --reset makes a new one") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise SandboxError(f"{secret} holds another kind of key; vad demo --reset makes a new one")
        return cls(certificate, key, file)

    def server(self, folder: Path, names: Sequence[str]) -> Issued:
        """A new certificate for these names, and for this machine by any name.

        RSA, as whoever tries cipher suites of TLS 1.2 one by one, such as the Foundation's suite, knows those for it.
        """
        hosts: list[x509.GeneralName] = [x509.DNSName(name) for name in dict.fromkeys((*names, "localhost"))]
        hosts += [x509.IPAddress(ip_address(address)) for address in _ADDRESSES]
        key = rsa.generate_private_key(65537, _RSA_BITS)
        return self._issue(folder / "server", key, _named("VAD demo"), hosts, _SERVER)

    def client(self, folder: Path, name: str, *, ends_in: timedelta = _LIFE) -> Issued:
        """A new certificate for an app of this name (`CN`)."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._issue(folder / name, key, _named(name), [x509.DNSName(f"{name}.localhost")], _CLIENT, ends_in)

    def for_signatures(self, request: str) -> str:
        """A certificate, as PEM, of the key and the organisation that ask for it (PKCS#10). Raises `SandboxError`."""
        asked = x509.load_pem_x509_csr(request.encode())
        key = asked.public_key()
        if not asked.is_signature_valid or not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            raise SandboxError("a request for a certificate must be signed with the key that it is for")
        builder = self._leaf(asked.subject, key, datetime.now(UTC) + _LIFE)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM).decode("ascii")

    def _issue(
        self,
        base: Path,
        key: _PrivateKey,
        subject: x509.Name,
        alternatives: Sequence[x509.GeneralName],
        usage: x509.ObjectIdentifier,
        ends_in: timedelta = _LIFE,
    ) -> Issued:
        certificate = (
            self._leaf(subject, key.public_key(), datetime.now(UTC) + ends_in)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        issued = Issued(base.with_suffix(".pem"), base.with_suffix(".key"))
        _write(issued.certificate, issued.key, certificate, key)
        return issued

    def _leaf(self, subject: x509.Name, key: _PublicKey, ends: datetime) -> x509.CertificateBuilder:
        begins = min(datetime.now(UTC), ends) - _SKEW
        return (
            _builder(subject, self._certificate.subject, key, begins, ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )


def subject_of(name: str) -> str:
    """The subject of a certificate of an app, as RFC 4514 has it."""
    return _named(name).rfc4514_string()


def _made(name: str, *, of_localhost: bool) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = _named(f"VAD demo {name}")
    builder = (
        _builder(subject, subject, key.public_key(), now - _SKEW, now + _CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if of_localhost:
        addresses = [x509.IPAddress(ip_network(address)) for address in _ADDRESSES]
        builder = builder.add_extension(
            x509.NameConstraints([x509.DNSName("localhost"), *addresses], None), critical=True
        )
    return builder.sign(key, hashes.SHA256()), key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: _PublicKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _named(name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "VAD demo"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(file: Path, secret: Path, certificate: x509.Certificate, key: _PrivateKey) -> None:
    secret.unlink(missing_ok=True)
    with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
