"""Finding a person by BSN without storing the BSN: a keyed hash under every look-up key that lives.

There is one, and two while it is rotated: each has a slot of its own, and the next one takes the slot that is free. So
two processes that know different keys still have one in common, and what it makes meets in one column.
"""

import hashlib
import hmac
from typing import NamedTuple

from vad.adapters.vault.errors import KeyRingError
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.adapters.vault.keys import Key, KeyState
from vad.adapters.vault.rings import PerRing, Rings
from vad.domain.identifiers import Bsn


class KeyedHash(NamedTuple):
    """32 bytes to look for, and the id of the key that made them; neither where no key has this slot."""

    key_id: str | None = None
    value: bytes | None = None


class Hashes(NamedTuple):
    """What a BSN is found by."""

    first: KeyedHash
    second: KeyedHash


class BsnLookup:
    """HMAC-SHA-256 of the nine digits. A plain hash would be undone by 10^9 guesses (rule 32)."""

    def __init__(self, rings: Rings) -> None:
        self._keys = PerRing(rings, _living)

    @property
    def key_ids(self) -> tuple[str | None, str | None]:
        """The id of the key of each slot."""
        first, second = self._keys()
        return (first.key_id if first else None), (second.key_id if second else None)

    def of(self, bsn: Bsn) -> Hashes:
        """What to look for and what to store."""
        first, second = self._keys()
        return Hashes(_hash(first, bsn), _hash(second, bsn))


def _living(ring: KeyRing) -> tuple[Key | None, Key | None]:
    """The key of each slot; a retired one makes nothing any more, for the active one finds everybody."""
    ring.active(Purpose.LOOKUP)
    living = [key for key in ring.all(Purpose.LOOKUP) if key.state is not KeyState.RETIRED]
    slots = {key.slot: key for key in living}
    if len(slots) != len(living) or not slots.keys() <= {1, 2}:
        raise KeyRingError("two look-up keys have one slot")
    return slots.get(1), slots.get(2)


def _hash(key: Key | None, bsn: Bsn) -> KeyedHash:
    if key is None:
        return KeyedHash()
    return KeyedHash(key.key_id, hmac.digest(key.secret, bsn.reveal().encode(), hashlib.sha256))
