"""How the mock PRS makes pseudonyms: bound to one organisation and scope, the same every time."""

import base64
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESSIV


class Pseudonyms:
    """Pseudonyms under one secret. Without it nobody can go from a pseudonym to a BSN, nor compare two recipients'."""

    def __init__(self, secret: str) -> None:
        self._irreversible = hmac.digest(secret.encode(), b"irreversible", hashlib.sha256)
        self._reversible = AESSIV(hmac.digest(secret.encode(), b"reversible", hashlib.sha512))

    def value(self, kind: str, bsn: str, organization: str, scope: str) -> str:
        """Return what a person is called for `organization` in `scope`: kind `irp`, `rp` or `bsn`."""
        if kind == "bsn":
            return f"bsn:{bsn}"
        recipient = f"{organization}|{scope}"
        if kind == "rp":
            sealed = self._reversible.encrypt(f"NL:bsn:{bsn}".encode(), [recipient.encode()])
            return f"pseudonym:reversible:{_encoded(sealed)}"
        digest = hmac.digest(self._irreversible, f"NL:bsn:{bsn}|{recipient}".encode(), hashlib.sha256)
        return f"pseudonym:irreversible:{_encoded(digest)}"


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
