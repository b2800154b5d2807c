"""Signed statements about the log: C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof.

Text that people can read and keep on paper. Who signs and who checks a signature come in as functions.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from vad.domain.errors import VadError
from vad.domain.merkle import HASH_SIZE

_DASH = "\u2014"
_KEY_ID = 4
_KEY = 32
_TIME = 8
_PROOF = "c2sp.org/tlog-proof@v1"
_MOST_SIGNATURES = 64
_LINES = 3

Verify = Callable[[bytes, bytes, bytes], bool]
"""Whether this public key (Ed25519, 32 bytes) made this signature of this message."""
Sign = Callable[[bytes], bytes]


class CheckpointError(VadError, ValueError):
    """Something is not a checkpoint, not a key or not a proof, or nobody whom we know signed it."""


class SignatureKind(IntEnum):
    """What a key signs: the byte that goes into its id."""

    LOG = 1
    """The log itself: the text as it is."""
    WITNESS = 4
    """Somebody who saw that the log only grew: the text with a time (tlog-cosignature)."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and whose it is, written `name+id+base64` (vkey)."""

    name: str
    kind: SignatureKind
    public: bytes

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or any(character.isspace() for character in self.name):
            raise CheckpointError("the name of a key has no spaces and no plus")
        if len(self.public) != _KEY:
            raise CheckpointError("a public key is 32 bytes")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read it. Raises `CheckpointError`."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            kind, public = _from_base64(encoded)[:1], _from_base64(encoded)[1:]
            key = cls(name, SignatureKind(kind[0]), public)
        except (ValueError, IndexError):
            raise CheckpointError("not a key: it must be written as name+id+base64") from None
        if key.key_id.hex() != key_id:
            raise CheckpointError("the id of the key is not of this name and key")
        return key

    @property
    def key_id(self) -> bytes:
        """The first bytes of a hash over name, kind and key: enough to find it, not to trust it."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:_KEY_ID]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One line below a note."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """As it stands there."""
        return f"{_DASH} {self.name} {_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: so many leaves, and this root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint and everybody who signed it. Trust what it says only after `signed_by`."""

    checkpoint: Checkpoint
    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, note: str) -> Self:
        """Read a note. Raises `CheckpointError`."""
        text, blank, below = note.rpartition("\n\n")
        text += "\n"
        if not blank or not below or not _plain(note):
            raise CheckpointError("not a signed checkpoint")
        return cls(_checkpoint(text), text, _signatures(below))

    @classmethod
    def make(cls, checkpoint: Checkpoint, key: VerifierKey, sign: Sign) -> Self:
        """Let the log sign."""
        text = checkpoint.text()
        return cls(checkpoint, text, (NoteSignature(key.name, key.key_id, sign(text.encode())),))

    def cosigned(self, key: VerifierKey, sign: Sign, seconds: int) -> Self:
        """Let a witness sign as well, at this POSIX time."""
        signature = seconds.to_bytes(_TIME, "big") + sign(_cosigned(seconds, self.text))
        others = tuple(each for each in self.signatures if (each.name, each.key_id) != (key.name, key.key_id))
        return type(self)(self.checkpoint, self.text, (*others, NoteSignature(key.name, key.key_id, signature)))

    def note(self) -> str:
        """As it is kept and published."""
        return self.text + "\n" + "".join(each.line() for each in self.signatures)

    def signed_by(self, keys: Iterable[VerifierKey], verify: Verify) -> VerifierKey:
        """Which of these keys signed it. A wrong signature of a key that we know spoils all of it.

        Raises `CheckpointError` when none did.
        """
        known = {(key.name, key.key_id): key for key in keys}
        found = None
        for each in self.signatures:
            key = known.get((each.name, each.key_id))
            if key is None:
                continue
            if not _holds(key, each.signature, self.text, verify):
                raise CheckpointError(f"the signature of {key.name} is wrong")
            found = found or key
        if found is None:
            raise CheckpointError("nobody whom we know signed this checkpoint")
        return found


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That an entry is in the log, for somebody who holds a key of the log alone (tlog-proof)."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: SignedCheckpoint
    entry: bytes
    """What the leaf holds. It proves itself: its hash is where the proof begins."""

    def text(self) -> str:
        """As it is handed over."""
        lines = [_PROOF, f"extra {_base64(self.entry)}", f"index {self.index}", *map(_base64, self.hashes)]
        return "\n".join(lines) + "\n\n" + self.checkpoint.note()


def _checkpoint(text: str) -> Checkpoint:
    lines = text.split("\n")[:-1]
    if len(lines) < _LINES or not all(lines):
        raise CheckpointError("a checkpoint has a name, a size and a root")
    origin, size, encoded = lines[:_LINES]
    if not (size.isascii() and size.isdigit()) or str(int(size)) != size:
        raise CheckpointError("the size of a checkpoint is a plain number")
    try:
        found = _from_base64(encoded)
    except ValueError:
        found = b""
    if len(found) != HASH_SIZE:
        raise CheckpointError("the root of a checkpoint is 32 bytes")
    return Checkpoint(origin, int(size), found)


def _signatures(below: str) -> tuple[NoteSignature, ...]:
    lines = below.split("\n")
    if lines.pop() or len(lines) > _MOST_SIGNATURES:
        raise CheckpointError("not the signatures of a checkpoint")
    found = []
    for line in lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        try:
            signature = _from_base64(encoded)
        except ValueError:
            signature = b""
        if dash != _DASH or not name or len(signature) <= _KEY_ID:
            raise CheckpointError("not a signature of a checkpoint")
        found.append(NoteSignature(name, signature[:_KEY_ID], signature[_KEY_ID:]))
    return tuple(found)


def _holds(key: VerifierKey, signature: bytes, text: str, verify: Verify) -> bool:
    if key.kind is SignatureKind.LOG:
        return verify(key.public, signature, text.encode())
    seconds = int.from_bytes(signature[:_TIME], "big")
    return verify(key.public, signature[_TIME:], _cosigned(seconds, text))


def _cosigned(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _plain(note: str) -> bool:
    return not any(character < " " and character != "\n" for character in note)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error


def consistency_text(size: int, newer: SignedCheckpoint, hashes: Sequence[bytes]) -> str:
    """That one log grew from a tree of `size` to the newer checkpoint: a proof beside it, one hash per line.

    C2SP has no text of its own for it; this one follows that of an inclusion proof.
    """
    lines = ["vad/consistency-proof@v1", f"old {size}", *map(_base64, hashes)]
    return "\n".join(lines) + "\n\n" + newer.note()
