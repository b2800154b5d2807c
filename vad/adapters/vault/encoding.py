"""Unambiguous bytes: what goes into a keyed hash or into additional authenticated data, and base64url."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def joined(*parts: str | bytes) -> bytes:
    """The parts, each after its length, so that no two different lists of parts give the same bytes."""
    encoded = [part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join([len(part).to_bytes(4) + part for part in encoded])


def base64url(value: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """The bytes of base64url without padding; raises `ValueError` for anything that `base64url` would not write."""
    if _BASE64URL.fullmatch(text) is None or len(text) % 4 == 1:
        raise ValueError("not base64url")
    value = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(value) != text:
        raise ValueError("not canonical base64url")
    return value
