"""Proof that a form was made by us for this very browser: a keyed hash of its flow or session cookie.

No store is needed: the proof dies with the cookie it is bound to. Every rendering gives another token, so that
compression tells nothing about it.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

from werkzeug.datastructures import Headers

_PURPOSE = b"vad csrf 1\x00"
_NONCE_BYTES = 16
_MAC_BYTES = 32
_SHORTEST_KEY = 32


def sent_by(headers: Headers, origin: str) -> bool:
    """Whether a request that carries no form token came from a page of this origin.

    The browser itself says so: by `Sec-Fetch-Site`, which no page can set, or by `Origin` in older browsers. Whoever
    sends neither is no browser, and rides on nobody's cookies.
    """
    site = headers.get("Sec-Fetch-Site")
    return site == "same-origin" if site is not None else headers.get("Origin", origin) == origin


class CsrfProtector:
    """Makes and checks tokens under one key of at least 32 bytes.

    The key is the one for keyed hashes of all that binds a browser or a code; a label of our own keeps forms apart.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < _SHORTEST_KEY:
            raise ValueError("the CSRF key is shorter than 32 bytes")
        self._key = hmac.digest(key, _PURPOSE, hashlib.sha256)

    def token(self, binding: str) -> str:
        """Make a token for the browser that holds `binding`, the value of its flow or session cookie."""
        if not binding:
            raise ValueError("a CSRF token needs a cookie to be bound to")
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._mac(nonce, binding)).decode().rstrip("=")

    def valid(self, binding: str | None, presented: str | None) -> bool:
        """Tell whether we made the form for the browser that holds `binding`; False when either is missing."""
        if not binding or not presented:
            return False
        try:
            raw = base64.b64decode(presented + "=" * (-len(presented) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return False
        nonce, mac = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
        return len(mac) == _MAC_BYTES and hmac.compare_digest(mac, self._mac(nonce, binding))

    def _mac(self, nonce: bytes, binding: str) -> bytes:
        return hmac.digest(self._key, nonce + binding.encode(), hashlib.sha256)
