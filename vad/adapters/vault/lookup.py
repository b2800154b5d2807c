"""Finding a person by BSN without storing the BSN: a keyed hash."""

import hashlib
import hmac

from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.rings import PerRing, Rings
from vad.domain.identifiers import Bsn


class BsnLookup:
    """HMAC-SHA-256 of the nine digits. A plain hash would be undone by 10^9 guesses (rule 32)."""

    def __init__(self, rings: Rings) -> None:
        self._key = PerRing(rings, lambda ring: ring.active(Purpose.LOOKUP))

    def of(self, bsn: Bsn) -> tuple[str, bytes]:
        """The key's id and the 32 bytes to look for."""
        key = self._key()
        return key.key_id, hmac.digest(key.secret, bsn.reveal().encode(), hashlib.sha256)
