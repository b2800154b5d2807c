"""Sealing values at rest: AES-256-GCM, bound to the place where they stand."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vad.adapters.vault.encoding import joined
from vad.adapters.vault.errors import SealBrokenError, UnknownKeyError
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.adapters.vault.rings import PerRing, Rings

_NONCE = 12


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed value and the key that opens it. `value` is nonce, ciphertext and tag."""

    key_id: str
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Keys:
    """What seals and what opens: every key of the purpose, for another process may be ahead of this one."""

    active: str
    aeads: Mapping[str, AESGCM]

    @classmethod
    def of(cls, ring: KeyRing, purpose: Purpose) -> Self:
        return cls(ring.active(purpose).key_id, {key.key_id: AESGCM(key.secret) for key in ring.all(purpose)})


class Sealer:
    """Seals with the active key of one purpose and opens with any key of that purpose.

    The nonce is random, 96 bits: a key is good for 2^32 values (NIST SP 800-38D section 8.3), then it is rotated.
    """

    def __init__(self, rings: Rings, purpose: Purpose = Purpose.SEAL) -> None:
        self._keys = PerRing(rings, lambda ring: _Keys.of(ring, purpose))

    def seal(self, plaintext: bytes, *, table: str, column: str, row: str) -> Sealed:
        """Seal `plaintext` for this one place."""
        keys, nonce = self._keys(), os.urandom(_NONCE)
        aad = joined(table, column, row, keys.active)
        return Sealed(keys.active, nonce + keys.aeads[keys.active].encrypt(nonce, plaintext, aad))

    def open(self, sealed: Sealed, *, table: str, column: str, row: str) -> bytes:
        """The plaintext. Raises `SealBrokenError` if altered or moved, `UnknownKeyError` if its key is gone."""
        aead = self._keys().aeads.get(sealed.key_id) or self._newly_known(sealed.key_id)
        aad = joined(table, column, row, sealed.key_id)
        try:
            return aead.decrypt(sealed.value[:_NONCE], sealed.value[_NONCE:], aad)
        except (InvalidTag, ValueError):
            raise SealBrokenError(f"a sealed value in {table}.{column} can't be opened") from None

    def _newly_known(self, key_id: str) -> AESGCM:
        newer = self._keys.newer()
        aead = None if newer is None else newer.aeads.get(key_id)
        if aead is None:
            raise UnknownKeyError("no key for a sealed value")
        return aead
