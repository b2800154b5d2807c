"""The master key: it wraps all other keys and lives outside the database.

While it is changed there are several: the first wraps, and each opens what it has wrapped.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vad.adapters.vault.encoding import base64url, from_base64url, joined
from vad.adapters.vault.errors import MasterKeyError, SealBrokenError

DEMO_PREFIX = "vad-demo:"
"""Marks a key that anybody may know; an installation in production refuses it."""

_LENGTH = 32
_NONCE = 12
_LONGEST_FILE = 1024


class MasterKey:
    """32 bytes that wrap the other keys by AES-256-GCM. `key_id` tells master keys apart without giving one away.

    `older` are the master keys before it, for as long as something may be wrapped by one: they open and wrap nothing.
    """

    __slots__ = ("_aead", "demo", "key_id", "older")

    def __init__(self, material: bytes, *, demo: bool = False, older: "Sequence[MasterKey]" = ()) -> None:
        if len(material) != _LENGTH:
            raise MasterKeyError(f"a master key is {_LENGTH} bytes")
        self._aead = AESGCM(material)
        self.key_id = base64url(hmac.digest(material, b"vad master key id", hashlib.sha256)[:12])
        self.older: tuple[MasterKey, ...] = tuple(older)
        self.demo: bool = demo or any(key.demo for key in older)

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """The key in this file: see `from_text`. Raises `MasterKeyError`."""
        try:
            with path.open("rb") as file:
                text = file.read(_LONGEST_FILE + 1).decode("ascii")
        except (OSError, UnicodeDecodeError):
            raise MasterKeyError(f"the master key can't be read from {path}") from None
        try:
            return cls.from_text(text)
        except MasterKeyError as error:
            raise MasterKeyError(f"{path}: {error}") from None

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The key in base64url, with or without padding; `vad-demo:` before it marks a demo key. Then older ones.

        They stand on lines of their own, or with spaces between. Raises `MasterKeyError`.
        """
        first, *others = text.split() or [""]
        older = [cls(material, demo=demo) for material, demo in map(_parsed, others)]
        material, demo = _parsed(first)
        return cls(material, demo=demo, older=older)

    @staticmethod
    def generate_text(*, demo: bool = False) -> str:
        """A new key as `from_text` reads it."""
        return (DEMO_PREFIX if demo else "") + base64url(os.urandom(_LENGTH))

    def wrap(self, material: bytes, key_id: str) -> bytes:
        """Seal the material of the key with this id; no wrapped key can stand in for another."""
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, material, self._bound_to(key_id))

    def unwrap(self, wrapped: bytes, key_id: str) -> bytes:
        """The material. Raises `SealBrokenError` for another master key, another `key_id` or altered bytes."""
        for master in (self, *self.older):
            material = master._opened(wrapped, key_id)  # noqa: SLF001 - one of its own kind
            if material is not None:
                return material
        raise SealBrokenError("a stored key can't be opened with this master key")

    def wraps(self, wrapped: bytes, key_id: str) -> bool:
        """Whether this very master key wrapped it, and not an older one."""
        return self._opened(wrapped, key_id) is not None

    def _opened(self, wrapped: bytes, key_id: str) -> bytes | None:
        try:
            return self._aead.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], self._bound_to(key_id))
        except (InvalidTag, ValueError):
            return None

    def _bound_to(self, key_id: str) -> bytes:
        """What wrapped material is bound to: table, column, row and master key."""
        return joined("keys", "sealed", key_id, self.key_id)

    def __repr__(self) -> str:
        return f"MasterKey({self.key_id}{', demo' if self.demo else ''})"


def _parsed(text: str) -> tuple[bytes, bool]:
    encoded = text.removeprefix(DEMO_PREFIX)
    try:
        return from_base64url(encoded.rstrip("=")), encoded != text
    except ValueError:
        raise MasterKeyError("a master key is base64url of 32 bytes") from None
