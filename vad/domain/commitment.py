"""Salted commitments: an event vouches for what stands apart from it, and gives nothing away once that is erased.

Rule 41. The salt is as long as the hash, random for each event, and erased together with what it salts: nobody can try
out what the fields may have been.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

SALT_BYTES: Final = 32


def commitment(salt: bytes, fields: Mapping[str, str]) -> bytes:
    """SHA-256 over the salt and the fields as canonical JSON (RFC 8785; names in ASCII, values text)."""
    if len(salt) != SALT_BYTES:
        raise ValueError("not a salt")
    if not all(name.isascii() for name in fields):
        raise ValueError("a name that is not ASCII")
    canonical = json.dumps(dict(fields), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(salt + canonical.encode()).digest()
