"""What VAD publishes of its keys, made anew when they change."""

import json
from collections.abc import Callable, Mapping

from vad.adapters.jose import keyset
from vad.adapters.jose.signed_metadata import MetadataSigner
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.adapters.vault.rings import PerRing
from vad.bootstrap.foundation import Foundation
from vad.web.support.services import Published


def documents(foundation: Foundation) -> Callable[[], Published]:
    """They change within a second of the keys; without PostgreSQL they stay as they were."""
    published = PerRing(foundation.keys, _published)

    def current() -> Published:
        foundation.registrations.look()
        return published()

    return current


def _published(ring: KeyRing) -> Published:
    return Published(
        jwks=_json(keyset.issuer_key_set(ring)),
        digid_jwks=_json(keyset.digid_key_set(ring)),
        id_token_algorithms=tuple(sorted({key.algorithm for key in ring.all(Purpose.SIGNING)})),
        request_encryption=tuple(sorted({key.algorithm for key in ring.all(Purpose.REQUEST_ENCRYPTION)})),
        sign_metadata=MetadataSigner(ring).sign,
    )


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
