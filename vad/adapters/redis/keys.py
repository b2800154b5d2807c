"""The names of values in Redis: a keyed hash of what finds them, so that a look into Redis opens no session."""

import hashlib
import hmac

from vad.adapters.vault.encoding import base64url, joined
from vad.adapters.vault.keyring import KeyRing, Purpose


class StoreKeys:
    """`vad:{<hash>}:<kind>`. The braces are the hash tag that places the key in a Redis Cluster."""

    def __init__(self, keyring: KeyRing) -> None:
        self._secret = keyring.active(Purpose.BINDING).secret

    def of(self, kind: str, *parts: str) -> str:
        """The key of the value of this kind that these parts find."""
        digest = hmac.digest(self._secret, joined("redis", kind, *parts), hashlib.sha256)
        return f"vad:{{{base64url(digest)}}}:{kind}"
