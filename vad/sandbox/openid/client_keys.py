"""The relying party's public keys, fetched from its `jwks_uri` when first needed."""

import json
from collections.abc import Callable
from http import HTTPStatus
from threading import Lock
from typing import Any, cast

import requests
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from vad.sandbox.outgoing import new_session

_MAX_AGE = 300.0
_TIMEOUT = 5.0
_LARGEST = 100_000


class KeysUnavailableError(Exception):
    """The relying party's key set cannot be fetched, or is none."""


class ClientKeys:
    """A cache of at most five minutes; an unknown `kid` makes it fetch once more, so that rotation needs no waiting."""

    def __init__(self, jwks_uri: str, now: Callable[[], float]) -> None:
        self._jwks_uri = jwks_uri
        self._now = now
        self._lock = Lock()
        self._keys: list[dict[str, Any]] = []
        self._fetched_at: float | None = None

    def signing_key(self, kid: str) -> ECKey | None:
        """Return the P-256 signing key with this `kid`, or None. Raises `KeysUnavailableError`."""
        return self._find(lambda key: key.get("use") == "sig" and key.get("kid") == kid)

    def encryption_key(self) -> ECKey | None:
        """Return the first P-256 encryption key, or None. Raises `KeysUnavailableError`."""
        return self._find(lambda key: key.get("use") == "enc")

    def forget(self) -> None:
        """Fetch them again when they are next needed, as after five minutes."""
        with self._lock:
            self._fetched_at = None

    def _find(self, wanted: Callable[[dict[str, Any]], bool]) -> ECKey | None:
        with self._lock:
            fresh = self._fetched_at is None or self._now() - self._fetched_at > _MAX_AGE
            if fresh:
                self._fetch()
            key = self._match(wanted)
            if key is None and not fresh:
                self._fetch()
                key = self._match(wanted)
            return key

    def _match(self, wanted: Callable[[dict[str, Any]], bool]) -> ECKey | None:
        for key in self._keys:
            if key.get("kty") == "EC" and key.get("crv") == "P-256" and wanted(key):
                try:
                    return ECKey.import_key(key)
                except (JoseError, ValueError, TypeError, KeyError):
                    continue
        return None

    def _fetch(self) -> None:
        try:
            with (
                new_session() as session,
                session.get(self._jwks_uri, timeout=_TIMEOUT, allow_redirects=False, stream=True) as response,
            ):
                body = next(response.iter_content(_LARGEST), b"")
            keys = json.loads(body)["keys"] if response.status_code == HTTPStatus.OK else None
        except (requests.RequestException, ValueError, KeyError, TypeError):
            raise KeysUnavailableError from None
        if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
            raise KeysUnavailableError
        self._keys = cast("list[dict[str, Any]]", keys)
        self._fetched_at = self._now()
