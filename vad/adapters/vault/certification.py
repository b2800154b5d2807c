"""Which keys take a certificate before they are used, and what is wrong with the one that a key has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from vad.adapters.vault.jwk import public_members, thumbprint
from vad.adapters.vault.keys import AsymmetricKey, Key, KeyState, Purpose, StoredKey
from vad.adapters.x509.errors import CertificateError
from vad.adapters.x509.signing_chain import SigningChain


@dataclass(frozen=True, slots=True)
class Certification:
    """What an installation demands of the certificates of its signing keys."""

    algorithms: frozenset[str] = frozenset()
    """Whose keys take one."""
    authorities: tuple[x509.Certificate, ...] = ()
    """Where each has to lead; empty: anywhere."""

    def lacks(self, key: StoredKey) -> bool:
        """Whether this key signs, needs a certificate for that, and has none."""
        return key.state is KeyState.ACTIVE and self._wants(key)

    def waits(self, key: StoredKey) -> bool:
        """Whether this key is to sign next, and can not before it has one."""
        return key.state is KeyState.NEXT and self._wants(key)

    def _wants(self, key: StoredKey) -> bool:
        return key.purpose is Purpose.SIGNING and key.algorithm in self.algorithms and not key.certificates

    def accepted(self, chain: SigningChain, key: AsymmetricKey, at: datetime) -> SigningChain:
        """The chain as it is published: up to an authority, where they are known. Raises `CertificateError`."""
        public = key.public_key()
        chain.check(public, at)
        if not self.authorities:
            return chain
        whole = chain.led_to(self.authorities)
        whole.check(public, at)
        return whole

    def fault(self, key: Key, at: datetime) -> str:
        """Why this key has no good certificate now; empty: it has one."""
        if not key.certificates:
            return "has no certificate"
        try:
            self.accepted(SigningChain.from_der(key.certificates), key.private, at)
        except CertificateError as error:
            return f"has a certificate that will not do: {error}"
        return ""


def certified_until(key_id: str, certificates: Sequence[bytes]) -> datetime:
    """When the certificates end that are stored with a key, of which there is one at least.

    Raises `CertificateError` for those that `/jwks` leaves out: only who altered the database can have put them there.
    A key is named by its thumbprint, so it need not be opened for that.
    """
    chain = SigningChain.from_der(certificates)
    try:
        known = chain.certified is not None and thumbprint(public_members(chain.certified)) == key_id
    except ValueError:
        known = False
    if not known:
        raise CertificateError("the stored certificate is of another key")
    return chain.ends
