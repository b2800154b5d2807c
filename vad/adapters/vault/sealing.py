"""Sealing values at rest: AES-256-GCM, bound to the place where they stand."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vad.adapters.vault.encoding import joined
from vad.adapters.vault.errors import SealBrokenError, UnknownKeyError
from vad.adapters.vault.keyring import KeyRing, Purpose

_NONCE = 12


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed value and the key that opens it. `value` is nonce, ciphertext and tag."""

    key_id: str
    value: bytes = field(repr=False)


class Sealer:
    """Seals with the active key of one purpose and opens with any key of that purpose.

    The nonce is random, 96 bits: a key is good for 2^32 values (NIST SP 800-38D section 8.3), then it is rotated.
    """

    def __init__(self, keyring: KeyRing, purpose: Purpose = Purpose.SEAL) -> None:
        self._active = keyring.active(purpose).key_id
        self._aeads = {key.key_id: AESGCM(key.secret) for key in keyring.all(purpose)}

    def seal(self, plaintext: bytes, *, table: str, column: str, row: str) -> Sealed:
        """Seal `plaintext` for this one place."""
        nonce = os.urandom(_NONCE)
        aad = joined(table, column, row, self._active)
        return Sealed(self._active, nonce + self._aeads[self._active].encrypt(nonce, plaintext, aad))

    def open(self, sealed: Sealed, *, table: str, column: str, row: str) -> bytes:
        """The plaintext. Raises `SealBrokenError` if altered or moved, `UnknownKeyError` if its key is gone."""
        aead = self._aeads.get(sealed.key_id)
        if aead is None:
            raise UnknownKeyError("no key for a sealed value")
        aad = joined(table, column, row, sealed.key_id)
        try:
            return aead.decrypt(sealed.value[:_NONCE], sealed.value[_NONCE:], aad)
        except (InvalidTag, ValueError):
            raise SealBrokenError(f"a sealed value in {table}.{column} can't be opened") from None
