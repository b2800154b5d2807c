"""What an operator gives for a key is looked at link by link, before others see it (RFC 5280, RFC 7517 section 4.7)."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.signing_certificates import YEAR, Hierarchy, Issuer, of_no_version, pem
from vad.adapters.x509.errors import CertificateError
from vad.adapters.x509.signing_chain import LONGEST, SigningChain

NOW = datetime.now(UTC)
KEY = ec.generate_private_key(ec.SECP256R1()).public_key()
KNOWN = Hierarchy.made()
GOOD = KNOWN.provider.certify(KEY)


def checked(*certificates: x509.Certificate, at: datetime = NOW) -> SigningChain:
    """The chain, once it was found good."""
    chain = SigningChain.from_pem(pem(*certificates).encode())
    chain.check(KEY, at)
    return chain


def test_a_good_chain() -> None:
    """As a provider sends it, with the root or without; it is good for as long as each of its certificates is."""
    chain = checked(GOOD, *KNOWN.above)
    assert checked(GOOD, *KNOWN.above, KNOWN.root.certificate).ends == chain.ends == GOOD.not_valid_after_utc
    assert chain.begins == GOOD.not_valid_before_utc
    assert SigningChain.from_der(chain.der) == chain


def test_the_root_is_added_where_it_lacks() -> None:
    """NL GOV OIDC: the entire chain up to the root. An authority in between will do where it is trusted itself."""
    root = KNOWN.root.certificate
    whole = (GOOD, *KNOWN.above, root)
    for given in (whole[:3], whole):
        assert checked(*given).led_to([root]).certificates == whole
    provider = KNOWN.provider.certificate
    assert checked(GOOD).led_to([root, provider]).certificates == (GOOD, provider)


def test_of_a_root_that_was_renewed_the_one_that_lasts_belongs_to_it() -> None:
    """It has the name and the key of the one before, which ended and is in the file still."""
    root = Issuer.made("Staat")
    leaf, public, named = root.certify(KEY), root.key.public_key(), root.certificate.subject
    ended = root.certify(public, named, begins=NOW - YEAR, lasts=YEAR / 2, ca=True, usage="key_cert_sign")
    for known in ([ended, root.certificate], [root.certificate, ended]):
        whole = checked(leaf).led_to(known)
        assert whole.certificates == (leaf, root.certificate)
        whole.check(KEY, datetime.now(UTC))


def test_authorities_that_sign_as_pkioverheid_does() -> None:
    """RSASSA-PSS with SHA-512, as the fourth generation has it; one byte of it changed, and it is no signature."""
    root = Issuer.made("Staat G4", key=rsa.generate_private_key(65537, 2048))
    leaf = root.certify(KEY)
    chain = checked(leaf, root.certificate)
    assert chain.led_to([root.certificate]) == chain
    altered = bytearray(leaf.public_bytes(Encoding.DER))
    altered[-1] ^= 1
    with pytest.raises(CertificateError, match="is not signed by"):
        checked(x509.load_der_x509_certificate(bytes(altered)), root.certificate)


@pytest.mark.parametrize("given", [(GOOD,), (GOOD, KNOWN.provider.certificate)])
def test_a_chain_that_leads_nowhere_known(given: tuple[x509.Certificate, ...]) -> None:
    """Certificates that lack in between, and another's root of the same name."""
    for roots in ([KNOWN.root.certificate], [Issuer.made("Staat Root").certificate]):
        with pytest.raises(CertificateError, match="none of the authorities"):
            checked(*given).led_to(roots)
    with pytest.raises(CertificateError, match="none of the authorities"):
        checked(GOOD, *KNOWN.above).led_to([Issuer.made("Staat Root").certificate])


def _wrong() -> dict[str, tuple[tuple[x509.Certificate, ...], str]]:
    above, provider = KNOWN.above, KNOWN.provider
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    narrow = Issuer.made("Narrow", KNOWN.root, path_length=0)
    below = Issuer.made("Below", narrow)
    no_authority = Issuer.made("An organisation", KNOWN.middle, ca=False)
    alone = x509.CertificateBuilder().subject_name(GOOD.subject).issuer_name(GOOD.subject).public_key(KEY)
    alone = alone.serial_number(1).not_valid_before(NOW - YEAR).not_valid_after(NOW + YEAR)
    usage = GOOD.extensions.get_extension_for_class(x509.KeyUsage).value
    by_itself = alone.add_extension(usage, critical=True).sign(provider.key, SHA256())
    return {
        "another key": ((provider.certify(other), *above), "of another key"),
        "the authority first": ((*above, GOOD), "of another key"),
        "links exchanged": ((GOOD, *reversed(above)), "is not signed by"),
        "one left out": ((GOOD, KNOWN.middle.certificate), "is not signed by"),
        "another's authority of that name": ((GOOD, Issuer.made("Staat Provider").certificate), "is not signed by"),
        "of an authority": ((provider.certify(KEY, ca=True), *above), "is of an authority"),
        "for encryption": ((provider.certify(KEY, usage="key_encipherment"), *above), "lacks digitalSignature"),
        "signed by itself": ((by_itself,), "is signed by itself"),
        "signed by an organisation": (
            (no_authority.certify(KEY), no_authority.certificate, KNOWN.middle.certificate),
            "may not sign certificates",
        ),
        "too deep": ((below.certify(KEY), below.certificate, narrow.certificate), "may not sign for so long a chain"),
        "too many": ((GOOD, *above, *above, *above), "6 are the most"),
        "ended": ((provider.certify(KEY, begins=NOW - YEAR, lasts=YEAR / 2), *above), "ended on"),
        "yet to begin": ((provider.certify(KEY, begins=NOW + YEAR), *above), "is not valid before"),
    }


@pytest.mark.parametrize(("given", "told"), _wrong().values(), ids=_wrong().keys())
def test_what_is_wrong_is_told(given: tuple[x509.Certificate, ...], told: str) -> None:
    """In words that say what to mend."""
    with pytest.raises(CertificateError, match=told):
        checked(*given)


def test_the_whole_chain_has_to_be_in_time() -> None:
    """Not the first certificate alone."""
    with pytest.raises(CertificateError, match=r"Staat .* ended on"):
        checked(KNOWN.provider.certify(KEY, lasts=20 * YEAR), *KNOWN.above, at=NOW + 11 * YEAR)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "no certificates as PEM"),
        (b"\x00\xff garbage", "no certificates as PEM"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no certificates as PEM"),
        (b" " * (LONGEST + 1), "longer than"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds a private key"),
    ],
)
def test_what_is_no_file_of_certificates(text: bytes, told: str) -> None:
    """Nor is anything read on that is too long, or somebody's secret."""
    with pytest.raises(CertificateError, match=told):
        SigningChain.from_pem(text)


def test_stored_bytes_that_are_none() -> None:
    """Somebody altered the database."""
    for stored in (b"garbage", of_no_version(GOOD)):
        with pytest.raises(CertificateError, match="can't be read"):
            SigningChain.from_der([stored])


def test_a_time_that_is_none_is_seen_as_it_is_read() -> None:
    """The year 0: a file that has it tells an operator no more than garbage does, and breaks nothing later."""
    dated = KNOWN.provider.certify(KEY, lasts=50 * YEAR)
    stands = f"{dated.not_valid_after_utc:%Y%m%d%H%M%SZ}".encode()
    stored = dated.public_bytes(Encoding.DER).replace(stands, b"00000101000000Z")
    with pytest.raises(CertificateError, match="can't be read"):
        SigningChain.from_der([stored])
    with pytest.raises(CertificateError, match="no certificates as PEM"):
        SigningChain.from_pem(pem(x509.load_der_x509_certificate(stored)).encode())


def test_it_is_good_up_to_its_very_end() -> None:
    """And not after."""
    checked(GOOD, *KNOWN.above, at=GOOD.not_valid_after_utc)
    with pytest.raises(CertificateError, match="ended on"):
        checked(GOOD, *KNOWN.above, at=GOOD.not_valid_after_utc + timedelta(seconds=1))
