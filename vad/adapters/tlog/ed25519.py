"""The keys of checkpoints: Ed25519 in files outside the database, as other tools of transparency logs keep them."""

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vad.domain.checkpoint import CheckpointError, SignatureKind, VerifierKey

DEMO_PREFIX = "vad-demo:"
"""Marks a key that anybody may know; an installation in production refuses it."""
_MARK = "PRIVATE+KEY+"
_SEED = 32
_LONGEST_FILE = 1024


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this public key made this signature of this message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class CheckpointKey:
    """A key that signs: for the log, or for a witness."""

    verifier: VerifierKey
    _private: Ed25519PrivateKey = field(repr=False)
    demo: bool = False

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """The key in this file: see `from_text`. Raises `CheckpointError`."""
        try:
            with path.open("rb") as file:
                text = file.read(_LONGEST_FILE).decode()
        except (OSError, UnicodeDecodeError):
            raise CheckpointError(f"the key of checkpoints can't be read from {path}") from None
        try:
            return cls.from_text(text)
        except CheckpointError as error:
            raise CheckpointError(f"{path}: {error}") from None

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read `PRIVATE+KEY+name+id+base64`; `vad-demo:` before it marks a demo key. Raises `CheckpointError`."""
        marked = text.strip()
        written = marked.removeprefix(DEMO_PREFIX)
        name, _, rest = written.removeprefix(_MARK).partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            secret = base64.b64decode(encoded, validate=True)
            kind, seed = SignatureKind(secret[0]), secret[1:]
            private = Ed25519PrivateKey.from_private_bytes(seed)
        except (ValueError, IndexError):
            raise CheckpointError("not a key that signs checkpoints") from None
        verifier = VerifierKey(name, kind, private.public_key().public_bytes_raw())
        if not written.startswith(_MARK) or verifier.key_id.hex() != key_id:
            raise CheckpointError("not a key that signs checkpoints")
        return cls(verifier, private, written != marked)

    @staticmethod
    def generate_text(name: str, kind: SignatureKind = SignatureKind.LOG, *, demo: bool = False) -> str:
        """A new key as `from_text` reads it. Raises `CheckpointError` for a name that can't be one."""
        seed = os.urandom(_SEED)
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        verifier = VerifierKey(name, kind, public)
        secret = base64.b64encode(bytes([kind]) + seed).decode()
        return f"{DEMO_PREFIX if demo else ''}{_MARK}{name}+{verifier.key_id.hex()}+{secret}"

    @property
    def name(self) -> str:
        """Whose key it is: for the log, the name of the log."""
        return self.verifier.name

    def sign(self, message: bytes) -> bytes:
        """Sign."""
        return self._private.sign(message)
