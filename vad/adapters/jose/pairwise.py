"""Pairwise subjects (rule 32, OIDC Core section 8.1), and those that an app had before VAD."""

import hashlib
import hmac
from collections.abc import Mapping

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

    def __init__(self, hosts: Mapping[str, str], salt: str) -> None:
        """`hosts`: whom an operator named, and nobody else; one of another profile is not heard either.

        The host that people are hashed with is the operator's word too. Where an app sends people may change with a
        list that others write; who they are there may not.
        """
        if hosts and not salt:
            raise ValueError("without a salt anybody could try all numbers")
        self._hosts = dict(hosts)
        self._salt = salt

    def subject(self, client: Client, bsn: Bsn) -> str | None:
        host = self._hosts.get(client.client_id)
        if host is None or not client.rules.former_subject:
            return None
        return _sha256(host + _sha256(bsn.reveal()) + self._salt)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
