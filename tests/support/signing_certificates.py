"""Authorities as those of PKIoverheid stand above one another, and certificates of them: good ones, and wrong ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.support.rsa_keys import STRONG

YEAR = timedelta(days=365)
_PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
_BITS = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@dataclass(frozen=True)
class Issuer:
    """One authority: its certificate and its key."""

    certificate: x509.Certificate
    key: _PrivateKey

    @classmethod
    def made(
        cls,
        name: str,
        above: Self | None = None,
        *,
        path_length: int | None = None,
        ca: bool = True,
        key: _PrivateKey | None = None,
        narrowed: x509.ExtensionType | None = None,
    ) -> Self:
        """A new one, under another or a root; `narrowed`: by a critical extension."""
        key, subject = key or ec.generate_private_key(ec.SECP256R1()), _named(name)
        signer = key if above is None else above.key
        issuer = subject if above is None else above.certificate.subject
        builder = _between(_builder(subject, issuer, key.public_key()), datetime.now(UTC) - YEAR / 12, 10 * YEAR)
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
        builder = builder.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        builder = builder if narrowed is None else builder.add_extension(narrowed, critical=True)
        return cls(_signed(builder, signer), key)

    def certify(
        self,
        key: _PublicKey,
        subject: x509.Name | None = None,
        *,
        begins: datetime | None = None,
        lasts: timedelta = YEAR,
        ca: bool = False,
        usage: str = "digital_signature",
    ) -> x509.Certificate:
        """A certificate of this key. It began an hour ago: some tests look at it as of when the run of all began."""
        builder = _builder(subject or _named("VAD"), self.certificate.subject, key)
        builder = _between(builder, begins or datetime.now(UTC) - timedelta(hours=1), lasts)
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        return _signed(builder.add_extension(_usage(usage), critical=True), self.key)


@dataclass(frozen=True)
class Hierarchy:
    """A root, an authority under it, and under that the one that certifies organisations."""

    root: Issuer
    middle: Issuer
    provider: Issuer

    @classmethod
    @cache
    def made(cls, name: str = "Staat") -> "Hierarchy":
        """The one of this name, made once."""
        root = Issuer.made(f"{name} Root")
        middle = Issuer.made(f"{name} Intermediate", root, path_length=1)
        return cls(root, middle, Issuer.made(f"{name} Provider", middle, path_length=0))

    @property
    def above(self) -> tuple[x509.Certificate, x509.Certificate]:
        """What stands between a certificate and the root."""
        return self.provider.certificate, self.middle.certificate

    def answers(self, request: str, *, lasts: timedelta = YEAR) -> str:
        """What whoever asked by this request (PKCS#10) gets, without the root."""
        asked = x509.load_pem_x509_csr(request.encode())
        assert asked.is_signature_valid
        key = asked.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
        return pem(self.provider.certify(key, asked.subject, lasts=lasts), *self.above)


def pem(*certificates: x509.Certificate) -> str:
    """As a file has them."""
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in certificates)


def der(certificates: Iterable[x509.Certificate]) -> tuple[bytes, ...]:
    """As the database has them."""
    return tuple(each.public_bytes(Encoding.DER) for each in certificates)


def of_no_version(certificate: x509.Certificate) -> bytes:
    """The same as DER, but that it says to be of version 2, which nobody issues and libraries call an error."""
    version = b"\xa0\x03\x02\x01"
    return certificate.public_bytes(Encoding.DER).replace(version + b"\x02", version + b"\x01", 1)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"), x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(subject: x509.Name, issuer: x509.Name, key: _PublicKey) -> x509.CertificateBuilder:
    named = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    return named.public_key(key).serial_number(x509.random_serial_number())


def _signed(builder: x509.CertificateBuilder, key: _PrivateKey) -> x509.Certificate:
    """By RSA as the fourth generation of PKIoverheid signs: RSASSA-PSS with SHA-512."""
    if isinstance(key, rsa.RSAPrivateKey):
        # A key that is too weak has no room for that.
        digest = SHA512() if key.key_size >= STRONG else SHA256()
        pss = padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
        return builder.sign(key, digest, rsa_padding=pss)
    return builder.sign(key, SHA256())


def _between(builder: x509.CertificateBuilder, begins: datetime, lasts: timedelta) -> x509.CertificateBuilder:
    return builder.not_valid_before(begins).not_valid_after(begins + lasts)


def _usage(*used: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{bit: bit in used for bit in _BITS})
