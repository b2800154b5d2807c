"""Pairwise subjects (rule 32, OIDC Core section 8.1), and those that an app had before VAD."""

import hashlib
import hmac
from collections.abc import Collection
from urllib.parse import urlsplit

from vad.adapters.vault.encoding import base64url, joined
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.domain.claims import Sector
from vad.domain.client import Client
from vad.domain.identifiers import Bsn, ClientId, PersonId, Sid


class HmacPairwise:
    """`vad.services.ports.tokens.Pairwise`: HMAC-SHA-256, base64url. Without the key nothing can be tried out."""

    def __init__(self, keyring: KeyRing) -> None:
        self._key = keyring.active(Purpose.PAIRWISE).secret

    def subject(self, sector: Sector, person_id: PersonId) -> str:
        return self._name(joined("subject", sector, person_id.bytes))

    def session(self, sid: Sid, client_id: ClientId) -> str:
        return self._name(joined("session", sid, client_id))

    def _name(self, message: bytes) -> str:
        return base64url(hmac.digest(self._key, message, hashlib.sha256))


class PyopSubjects:
    """`vad.services.ports.tokens.LegacySubjects`: subjects as pyop makes them, so that people keep their accounts.

    A hash of the BSN with one salt for everybody: whoever learns the salt can try all numbers (ADR 0033).
    """

    def __init__(self, clients: Collection[str], salt: str) -> None:
        """`clients`: whom an operator named, and nobody else; one of another profile is not heard either."""
        self._clients = frozenset(clients)
        self._salt = salt

    def subject(self, client: Client, bsn: Bsn) -> str | None:
        if client.client_id not in self._clients or not client.rules.former_subject:
            return None
        hosts = {urlsplit(uri).netloc for uri in client.redirect_uris}
        if len(hosts) != 1 or not self._salt:
            raise ValueError("an app with older subjects has all its redirect URIs at one host, and there is a salt")
        person = _sha256(bsn.reveal())
        return _sha256(hosts.pop() + person + self._salt)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
