"""The master key: it wraps all other keys and lives outside the database."""

import hashlib
import hmac
import os
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vad.adapters.vault.encoding import base64url, from_base64url
from vad.adapters.vault.errors import MasterKeyError, SealBrokenError

DEMO_PREFIX = "vad-demo:"
"""Marks a key that anybody may know; an installation in production refuses it."""

_LENGTH = 32
_NONCE = 12
_LONGEST_FILE = 1024


class MasterKey:
    """32 bytes that wrap the other keys by AES-256-GCM. `key_id` tells master keys apart without giving one away."""

    __slots__ = ("_aead", "demo", "key_id")

    def __init__(self, material: bytes, *, demo: bool = False) -> None:
        if len(material) != _LENGTH:
            raise MasterKeyError(f"a master key is {_LENGTH} bytes")
        self._aead = AESGCM(material)
        self.key_id = base64url(hmac.digest(material, b"vad master key id", hashlib.sha256)[:12])
        self.demo = demo

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
        """The key in base64url, with or without padding; `vad-demo:` before it marks a demo key.

        Raises `MasterKeyError`.
        """
        stripped = text.strip()
        encoded = stripped.removeprefix(DEMO_PREFIX)
        try:
            material = from_base64url(encoded.rstrip("="))
        except ValueError:
            raise MasterKeyError("a master key is base64url of 32 bytes") from None
        return cls(material, demo=encoded != stripped)

    @staticmethod
    def generate_text(*, demo: bool = False) -> str:
        """A new key as `from_text` reads it."""
        return (DEMO_PREFIX if demo else "") + base64url(os.urandom(_LENGTH))

    def wrap(self, material: bytes, aad: bytes) -> bytes:
        """Seal key material; `aad` says which key it is, so that no wrapped key can stand in for another."""
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, material, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """The material. Raises `SealBrokenError` for another master key, another `aad` or altered bytes."""
        try:
            return self._aead.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], aad)
        except (InvalidTag, ValueError):
            raise SealBrokenError("a stored key can't be opened with this master key") from None

    def __repr__(self) -> str:
        return f"MasterKey({self.key_id}{', demo' if self.demo else ''})"
