"""The key ring: every stored key, opened once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from vad.adapters.vault.errors import KeyRingError, UnknownKeyError
from vad.adapters.vault.generation import SECRETS, create_missing
from vad.adapters.vault.jwk import public_members, thumbprint
from vad.adapters.vault.keys import AsymmetricKey, Key, KeyState, Purpose, StoredKey
from vad.adapters.vault.master_key import MasterKey

__all__ = ["Key", "KeyRing", "KeyState", "Purpose", "StoredKey", "create_missing"]

_ORDER = (KeyState.ACTIVE, KeyState.NEXT, KeyState.RETIRED)


class KeyRing:
    """All keys of one installation. Immutable: a rotation makes a new ring.

    `former`, the ring before this one, saves opening what it has open already.

    Raises `SealBrokenError` when a key was wrapped by another master key, and `KeyRingError` when keys do not fit
    together.
    """

    def __init__(self, master: MasterKey, stored: Sequence[StoredKey], former: Self | None = None) -> None:
        self._keys: dict[str, Key] = {}
        self._wrapped = {row.key_id: row.sealed for row in stored}
        self._active: dict[tuple[Purpose, str], Key] = {}
        for row in sorted(stored, key=lambda row: (_ORDER.index(row.state), row.created_at, row.key_id)):
            known = None if former is None else former.opened_from(row)
            key = _opened(master, row) if known is None else known
            self._add(replace(key, state=row.state, certificates=row.certificates))

    @property
    def current(self) -> "KeyRing":
        """Itself: a ring is the source of rings that never changes (`vad.adapters.vault.rings.Rings`)."""
        return self

    def newer(self, known: "KeyRing") -> None:
        """Never one."""

    def opened_from(self, row: StoredKey) -> Key | None:
        """The key that was opened from this very row, whatever its state was: most outlive many rings."""
        known = self._keys.get(row.key_id)
        if known is None or (known.purpose, known.algorithm) != (row.purpose, row.algorithm):
            return None
        return known if self._wrapped[row.key_id] == row.sealed else None

    def active(self, purpose: Purpose, algorithm: str | None = None) -> Key:
        """The key to use now; `algorithm` where a purpose has several. Raises `UnknownKeyError`."""
        if algorithm is not None:
            found = self._active.get((purpose, algorithm))
            if found is None:
                raise UnknownKeyError(f"no active {algorithm} key for {purpose}")
            return found
        choices = [key for (kind, _), key in self._active.items() if kind is purpose]
        if len(choices) != 1:
            raise UnknownKeyError(f"no single active key for {purpose}")
        return choices[0]

    def get(self, key_id: str) -> Key:
        """The key with this id, in whatever state. Raises `UnknownKeyError`."""
        found = self._keys.get(key_id)
        if found is None:
            raise UnknownKeyError("no key with this id")
        return found

    def all(self, purpose: Purpose) -> tuple[Key, ...]:
        """Every key of a purpose: active, then next, then retired."""
        return tuple(key for key in self._keys.values() if key.purpose is purpose)

    def public_jwks(self, purpose: Purpose) -> tuple[Mapping[str, object], ...]:
        """The public halves to publish: active, next and retired keys of this purpose."""
        return tuple(key.public_jwk for key in self.all(purpose) if key.public_jwk is not None)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys.values())

    def __repr__(self) -> str:
        return f"KeyRing({len(self._keys)} keys)"

    def _add(self, key: Key) -> None:
        if key.key_id in self._keys:
            raise KeyRingError(f"key {key.key_id} is there twice")
        self._keys[key.key_id] = key
        if key.state is KeyState.ACTIVE:
            if (key.purpose, key.algorithm) in self._active:
                raise KeyRingError(f"two active {key.algorithm} keys for {key.purpose}")
            self._active[key.purpose, key.algorithm] = key


def _opened(master: MasterKey, row: StoredKey) -> Key:
    material = master.unwrap(row.sealed, row.key_id)
    expected = SECRETS.get(row.purpose)
    if expected is not None:
        if (row.algorithm, len(material)) != expected:
            raise KeyRingError(f"key {row.key_id} is not what {row.purpose} needs")
        return Key(row.key_id, row.purpose, row.algorithm, row.state, None, _secret=material, slot=row.slot)
    private = _private_key(material, row)
    # The public half is made anew: a row altered in the database must not publish somebody else's key.
    members = public_members(private.public_key())
    if thumbprint(members) != row.key_id:
        raise KeyRingError(f"key {row.key_id} is not named by its thumbprint")
    use = "enc" if row.purpose in {Purpose.DIGID_ENCRYPTION, Purpose.REQUEST_ENCRYPTION} else "sig"
    jwk = {**members, "kid": row.key_id, "use": use, "alg": row.algorithm}
    return Key(row.key_id, row.purpose, row.algorithm, row.state, jwk, _private=private)


def _private_key(material: bytes, row: StoredKey) -> AsymmetricKey:
    try:
        # Whether it holds together was seen when it was made; since then nobody can have changed it unnoticed. To look
        # anew takes far longer than all the rest, at every start and every change of keys.
        private = load_der_private_key(material, password=None, unsafe_skip_rsa_key_validation=True)
    except ValueError:
        raise KeyRingError(f"key {row.key_id} is no private key") from None
    wanted = RSAPrivateKey if row.algorithm in {"RS256", "PS256", "RSA-OAEP-256"} else EllipticCurvePrivateKey
    if not isinstance(private, RSAPrivateKey | EllipticCurvePrivateKey) or not isinstance(private, wanted):
        raise KeyRingError(f"key {row.key_id} is not fit for {row.algorithm}")
    return private
