"""Finding a person by BSN without storing the BSN: a keyed hash."""

import hashlib
import hmac

from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.domain.identifiers import Bsn


class BsnLookup:
    """HMAC-SHA-256 of the nine digits. A plain hash would be undone by 10^9 guesses (rule 32)."""

    def __init__(self, keyring: KeyRing) -> None:
        self._key = keyring.active(Purpose.LOOKUP)

    def of(self, bsn: Bsn) -> tuple[str, bytes]:
        """The key's id and the 32 bytes to look for."""
        return self._key.key_id, hmac.digest(self._key.secret, bsn.reveal().encode(), hashlib.sha256)
