"""Unforgeable names: of a grant in its tokens, of a mandate on its proof; keyed hashes of what browsers hold.

The names are AES-SIV ciphertexts (RFC 5297): whoever holds one learns nothing, and nobody can make another.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from vad.adapters.vault.encoding import base64url, from_base64url, joined
from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.rings import PerRing, Rings
from vad.domain.identifiers import GrantId, MandateId, PersonId

_SALT = 16
_TAG = 16
_GRANT = 16
_GENERATION = 4
_JTI = _SALT + _TAG + _GRANT
_REFRESH = _TAG + _GRANT + _GENERATION
_PROOF = _TAG + 16


class SivHandles:
    """`vad.services.ports.tokens.Handles`."""

    def __init__(self, rings: Rings) -> None:
        # The active one comes first. The next one opens too: another process may be ahead of this one.
        self._keys = PerRing(rings, lambda ring: tuple(AESSIV(key.secret) for key in ring.all(Purpose.HANDLES)))
        rings.current.active(Purpose.HANDLES)
        # Kept until this process ends: see `vad keys rotate binding`.
        self._binding = rings.current.active(Purpose.BINDING).secret
        self._formerly = tuple(key.secret for key in rings.current.all(Purpose.BINDING))

    def new_jti(self, grant_id: GrantId) -> str:
        """Random on purpose: two tokens of one grant can't be told to belong together."""
        salt = os.urandom(_SALT)
        return base64url(salt + self._keys()[0].encrypt(grant_id.bytes, [b"jti", salt]))

    def grant_of(self, jti: str) -> GrantId | None:
        value = _decoded(jti, _JTI)
        if value is None:
            return None
        salt = value[:_SALT]
        opened = self._opened(value[_SALT:], [b"jti", salt])
        return None if opened is None else GrantId(UUID(bytes=opened))

    def refresh_token(self, grant_id: GrantId, generation: int) -> str:
        """Deterministic on purpose: a repeated refresh gets the same successor, so there is never a second branch."""
        return base64url(self._keys()[0].encrypt(grant_id.bytes + generation.to_bytes(_GENERATION), [b"refresh"]))

    def read_refresh_token(self, token: str) -> tuple[GrantId, int] | None:
        value = _decoded(token, _REFRESH)
        opened = None if value is None else self._opened(value, [b"refresh"])
        if opened is None:
            return None
        return GrantId(UUID(bytes=opened[:_GRANT])), int.from_bytes(opened[_GRANT:])

    def code_hash(self, code: str) -> bytes:
        return hmac.digest(self._binding, joined("code", code), hashlib.sha256)

    def mandate_code_hashes(self, code: str) -> tuple[bytes, ...]:
        # A stop code is good for years, and somebody may need it who has no other way: it outlives the key.
        return self._by_all(joined("mandate code", code))

    def letter_octets(self, letter: str, mandate_id: MandateId) -> tuple[bytes, ...]:
        return self._by_all(joined("letter", letter, mandate_id.bytes))

    def _by_all(self, told: bytes) -> tuple[bytes, ...]:
        secrets = (self._binding, *(each for each in self._formerly if each != self._binding))
        return tuple(hmac.digest(each, told, hashlib.sha256) for each in secrets)

    def mandate_proof(self, mandate_id: MandateId) -> str:
        """Deterministic on purpose: two papers of one mandate tell no more than one."""
        return base64url(self._keys()[0].encrypt(mandate_id.bytes, [b"mandate proof"]))

    def read_mandate_proof(self, proof: str) -> MandateId | None:
        value = _decoded(proof, _PROOF)
        opened = None if value is None else self._opened(value, [b"mandate proof"])
        return None if opened is None else MandateId(UUID(bytes=opened))

    def browser(self, cookie: str) -> bytes:
        return hmac.digest(self._binding, joined("browser", cookie), hashlib.sha256)

    def owner(self, person_id: PersonId, flow: str) -> str:
        return base64url(hmac.digest(self._binding, joined("owner", person_id.hex, flow), hashlib.sha256))

    def _opened(self, value: bytes, context: list[bytes]) -> bytes | None:
        opened = _opened_by(self._keys(), value, context)
        if opened is None:
            newer = self._keys.newer()
            opened = None if newer is None else _opened_by(newer, value, context)
        return opened


def _opened_by(keys: Sequence[AESSIV], value: bytes, context: list[bytes]) -> bytes | None:
    for key in keys:
        try:
            return key.decrypt(value, context)
        except InvalidTag:
            continue
    return None


def _decoded(text: str, length: int) -> bytes | None:
    """The bytes, if there are exactly `length`; looks at no more than that."""
    if len(text) != -(-length * 4 // 3):
        return None
    try:
        value = from_base64url(text)
    except ValueError:
        return None
    return value if len(value) == length else None
