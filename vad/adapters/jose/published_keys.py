"""The keys that an app publishes itself (`jwks_uri`, RFC 7591 section 2), as it publishes them now.

They are kept for a while, and serve somewhat longer while the app does not answer (`vad.adapters.http.remembered`). A
key that nobody here knows has them read again, at most once a minute: whoever makes names up makes us ask no oftener.
"""

import time
from collections.abc import Callable
from threading import Lock

import structlog

from vad.adapters.http.caller import JSON, JWK_SET
from vad.adapters.http.guarded import MOST_DOORS, GuardedCallers
from vad.adapters.http.remembered import Remembered
from vad.adapters.jose.public_keys import thumbprint_members
from vad.domain.client import MOST_KEYS, Client, Jwk
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import ClientId

Jwks = tuple[Jwk, ...]
_WAIT = 0.5
"""Seconds after a reading began in which other requests wait for it, as many as come: a healthy app answers by then.

After that an app hangs, and holds the thread of who reads alone.
"""


class PublishedKeys:
    """Reads each app's keys when they are first needed. Safe to share among threads."""

    def __init__(self, callers: GuardedCallers, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._callers = callers
        self._monotonic = monotonic
        self._lock = Lock()
        self._of: dict[ClientId, tuple[str, Remembered[Jwks]]] = {}
        self._log = structlog.get_logger(__name__)

    def get(self, client: Client) -> Jwks:
        """Its keys. Raises `RegisterUnavailableError` where there are none to go by."""
        return self._remembered(client).get()

    def newer_than(self, client: Client, keys: Jwks) -> Jwks | None:
        """Others than these, if there are any by now and it is not too soon to ask.

        Raises `RegisterUnavailableError` where they could not be looked at.
        """
        return self._remembered(client).newer_than(keys)

    def _remembered(self, client: Client) -> Remembered[Jwks]:
        with self._lock:
            address, remembered = self._of.pop(client.client_id, ("", None))
            if remembered is None or address != client.jwks_uri:
                # What another address said counts no more.
                remembered = Remembered(lambda: self._read(client), self._monotonic, wait=_WAIT)
            self._of[client.client_id] = client.jwks_uri, remembered
            if len(self._of) > MOST_DOORS:
                del self._of[next(iter(self._of))]
            return remembered

    def _read(self, client: Client) -> Jwks:
        answer = self._callers.to(client.client_id).get(client.jwks_uri, content_types=(JSON, JWK_SET))
        try:
            keys = _public(answer.json)
        except RegisterUnavailableError as error:
            self._log.warning("client_keys_unusable", client_id=client.client_id, fault=str(error))
            raise
        self._log.info("client_keys_read", client_id=client.client_id, kids=[str(key.get("kid", "")) for key in keys])
        return keys


def _public(content: object) -> Jwks:
    """The public keys in a key set (RFC 7517 section 5: what is not understood is passed over)."""
    keys = content.get("keys") if isinstance(content, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise RegisterUnavailableError("not a JWK set")
    if len(keys) > MOST_KEYS:
        raise RegisterUnavailableError("too many keys")
    public = tuple(key for key in keys if thumbprint_members(key) is not None)
    if not public:
        raise RegisterUnavailableError("no public key")
    return public
