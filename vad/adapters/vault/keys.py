"""Keys as PostgreSQL stores them and as the program uses them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from vad.adapters.vault.errors import KeyRingError

AsymmetricKey = EllipticCurvePrivateKey | RSAPrivateKey


class Purpose(StrEnum):
    """What a key is for. No key has two purposes."""

    SEAL = "seal"
    """What PostgreSQL must not be able to read."""
    LOOKUP = "lookup"
    """Finding a person by BSN."""
    PAIRWISE = "pairwise"
    """Pairwise subjects (rule 32). Never changed once people have logged in."""
    HANDLES = "handles"
    """Names of grants in tokens."""
    BINDING = "binding"
    """Keyed hashes of what binds a browser or a code; cookies, forms and codes each under a label of their own."""
    CACHE = "cache"
    """What Redis must not be able to read."""
    SIGNING = "signing"
    DIGID_SIGNING = "digid_signing"
    DIGID_ENCRYPTION = "digid_encryption"
    REQUEST_ENCRYPTION = "request_encryption"
    """Opens requests that apps encrypt to VAD."""
    STAFF_IDP_SIGNING = "staff_idp_signing"
    """Proves VAD to the identity provider of staff: who reads what is sent there learns nothing to use at DigiD."""


class KeyState(StrEnum):
    """Where a key is in its life."""

    NEXT = "next"
    """Published, not used yet."""
    ACTIVE = "active"
    RETIRED = "retired"
    """Opens and verifies what it made; makes nothing new."""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One row of the table `keys`. `sealed` is the material, wrapped by the master key."""

    key_id: str
    purpose: Purpose
    algorithm: str
    """The JWA name (RFC 7518), or the AEAD name of RFC 5297."""
    state: KeyState
    sealed: bytes = field(repr=False)
    public_jwk: Mapping[str, object] | None
    """The public half with `kid`, `use` and `alg`; None for a secret key."""
    created_at: datetime
    activated_at: datetime | None = None
    """When it became active; None while it is next."""
    retired_at: datetime | None = None
    slot: int = 1
    """Of a look-up key: in which of two pairs of columns what it made stands. It never changes."""
    certificates: tuple[bytes, ...] = ()
    """Of a signing key, as DER: its own certificate, then that of each who signed the one before."""
    certified_at: datetime | None = None
    """When it got these."""


@dataclass(frozen=True, slots=True)
class Key:
    """An opened key: either `secret` bytes or a `private` key object, loaded once."""

    key_id: str
    purpose: Purpose
    algorithm: str
    state: KeyState
    public_jwk: Mapping[str, object] | None
    _secret: bytes | None = field(default=None, repr=False)
    _private: AsymmetricKey | None = field(default=None, repr=False)
    slot: int = 1
    certificates: tuple[bytes, ...] = ()

    @property
    def secret(self) -> bytes:
        """The bytes of a secret key; raises `KeyRingError` for a key pair."""
        if self._secret is None:
            raise KeyRingError(f"{self.key_id} is a key pair")
        return self._secret

    @property
    def private(self) -> AsymmetricKey:
        """The private key object of a key pair; raises `KeyRingError` for a secret key."""
        if self._private is None:
            raise KeyRingError(f"{self.key_id} is a secret key")
        return self._private
