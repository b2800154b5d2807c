"""How staff name a person: a keyed reference that tells nobody anything, and is the same for ever (rule 40).

A person's id is 128 bits, one block of AES: under a key that is derived from the pairwise key, which never changes, the
block is a permutation of all ids. So a reference leads back to its person without being stored, and one that was made
up leads to nobody.
"""

import base64
import re
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.domain.identifiers import PersonId

_KEY = 32
_LENGTH = 26
_GROUPS = re.compile("(.{1,5})")
_PADDING = "=" * 6


class AesPersonReferences:
    """`vad.services.ports.tokens.PersonReferences`: 26 letters and digits (RFC 4648 section 6), in groups of five."""

    def __init__(self, keyring: KeyRing) -> None:
        secret = keyring.active(Purpose.PAIRWISE).secret
        key = HKDF(SHA256(), _KEY, salt=None, info=b"vad: reference of a person for staff").derive(secret)
        # One block that is random already: there is no second one whose likeness ECB could give away.
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305

    def of(self, person_id: PersonId) -> str:
        block = self._cipher.encryptor().update(person_id.bytes)
        return "-".join(_GROUPS.findall(base64.b32encode(block).decode().rstrip("=")))

    def person(self, reference: str) -> PersonId | None:
        typed = re.sub(r"[\s-]", "", reference).upper()
        if len(typed) != _LENGTH:
            return None
        try:
            block = base64.b32decode(typed + _PADDING)
        except ValueError:
            return None
        return PersonId(UUID(bytes=self._cipher.decryptor().update(block)))
