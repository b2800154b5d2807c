"""Pairwise subjects (rule 32, OIDC Core section 8.1)."""

import hashlib
import hmac

from vad.adapters.vault.encoding import base64url, joined
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.domain.claims import Sector
from vad.domain.identifiers import ClientId, PersonId, Sid


class HmacPairwise:
    """`vad.services.ports.tokens.Pairwise`: HMAC-SHA-256, base64url. Without the key nothing can be tried out."""

    def __init__(self, keyring: KeyRing) -> None:
        self._key = keyring.active(Purpose.PAIRWISE).secret

    def subject(self, sector: Sector, person_id: PersonId) -> str:
        return self._name(joined("subject", sector, person_id.bytes))

    def session(self, sid: Sid, client_id: ClientId) -> str:
        return self._name(joined("session", sid, client_id))

    def _name(self, message: bytes) -> str:
        return base64url(hmac.digest(self._key, message, hashlib.sha256))
