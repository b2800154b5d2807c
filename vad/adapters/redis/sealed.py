"""Values that Redis must not read: sealed for their own place, with the name of the key before them."""

import structlog

from vad.adapters.vault.errors import VaultError
from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.rings import Rings
from vad.adapters.vault.sealing import Sealed, Sealer

_TABLE = "redis"


class SealedValues:
    """Seals values of one kind."""

    def __init__(self, rings: Rings, kind: str) -> None:
        """`kind` keeps values of different kinds apart; it is what the log calls them."""
        self._sealer = Sealer(rings, Purpose.CACHE)
        self._kind = kind

    def seal(self, value: bytes, *, row: str) -> bytes:
        """The value as Redis may see it."""
        sealed = self._sealer.seal(value, table=_TABLE, column=self._kind, row=row)
        return sealed.key_id.encode() + b"." + sealed.value

    def open(self, stored: bytes | None, *, row: str) -> bytes | None:
        """The value; None for what is absent, moved, altered or sealed with a key that is gone."""
        if stored is None:
            return None
        key_id, _, value = stored.partition(b".")
        sealed = Sealed(key_id.decode("ascii", "replace"), value)
        try:
            return self._sealer.open(sealed, table=_TABLE, column=self._kind, row=row)
        except VaultError:
            structlog.get_logger(__name__).warning("stored_value_not_understood", kind=self._kind)
            return None
