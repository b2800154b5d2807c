"""The issuer as others see it: its discovery document and its public keys, cached and fetched sparingly."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from vad.sandbox.fetching import FetchError, fetch_json

FRESH = 600.0
"""Seconds after which keys are fetched again before use."""
USABLE = 3600.0
"""Seconds after which keys that could not be fetched again are no longer trusted: a revoked key must die out."""
BETWEEN_FETCHES = 60.0
"""Seconds between two fetches, so that made-up key ids cannot be used to flood the issuer."""
AFTER_FAILURE = 5.0
"""Seconds before trying again when a fetch failed."""


class IssuerUnavailableError(Exception):
    """The issuer's metadata or keys cannot be had now; nothing can be checked, so nothing may be trusted."""


class Issuer:
    """One OpenID provider. Safe to share among threads.

    `url` is the issuer identifier exactly as it stands in `iss`; `monotonic` tells seconds and is there for tests.
    """

    def __init__(self, url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._keys: dict[str, dict[str, Any]] = {}
        self._fetched_at = float("-inf")
        self._next_fetch = float("-inf")

    def metadata(self) -> Mapping[str, Any]:
        """The discovery document (OpenID Connect Discovery 1.0). Raises IssuerUnavailableError."""
        with self._lock:
            self._refresh_when(missing=not self._metadata)
            return self._metadata

    def signing_key(self, kid: str) -> dict[str, Any] | None:
        """The public JWK with this key id that signs, or None. Raises IssuerUnavailableError.

        An unknown id leads to one new fetch (the issuer may have rotated its keys), at most once a minute.
        """
        with self._lock:
            self._refresh_when(missing=kid not in self._keys)
            return self._keys.get(kid)

    def _refresh_when(self, *, missing: bool) -> None:
        now = self._monotonic()
        if (missing or now - self._fetched_at >= FRESH) and now >= self._next_fetch:
            try:
                self._fetch()
            except FetchError:
                self._next_fetch = now + AFTER_FAILURE
            else:
                self._fetched_at = now
                self._next_fetch = now + BETWEEN_FETCHES
        if now - self._fetched_at >= USABLE:
            raise IssuerUnavailableError

    def _fetch(self) -> None:
        metadata = fetch_json(f"{self.url}/.well-known/openid-configuration")
        jwks_uri = metadata.get("jwks_uri")
        if metadata.get("issuer") != self.url or not isinstance(jwks_uri, str):
            raise FetchError("this is not the issuer's own metadata")  # Discovery 1.0, section 4.3
        keys = fetch_json(jwks_uri).get("keys")
        if not isinstance(keys, list):
            raise FetchError("this is not a JWK set")
        self._keys = {
            key["kid"]: key
            for key in keys
            if isinstance(key, dict) and isinstance(key.get("kid"), str) and key.get("use", "sig") == "sig"
        }
        self._metadata = metadata
