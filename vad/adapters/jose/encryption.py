"""Encrypting the subject identifier to one data source (rule 33, RFC 7516)."""

import json
from collections.abc import Mapping
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, SECP521R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from vad.adapters.jose.errors import EncryptionKeyError
from vad.adapters.jose.public_keys import Members, load, thumbprint_members
from vad.adapters.vault.jwk import thumbprint
from vad.domain.client import Jwk
from vad.domain.registration_fault import FaultKind

KEY_MANAGEMENT = ("ECDH-ES", "RSA-OAEP-256")
CONTENT = "A256GCM"
CURVES = (SECP256R1, SECP384R1, SECP521R1)
"""Of RFC 7518 section 6.2.1.1. PyJWT reads more of them."""


class JweSubjectSealer:
    """`vad.services.ports.tokens.SubjectSealer`, with joserfc: ECDH-ES or RSA-OAEP-256 by the kind of key."""

    def __init__(self) -> None:
        self._prepared = lru_cache(1024)(_prepared)
        self._registry = jwe.JWERegistry(algorithms=[*KEY_MANAGEMENT, CONTENT])

    def seal(self, plaintext: Mapping[str, object], key: Jwk) -> str:
        """A compact JWE that only the holder of this `use: enc` key opens. Raises `EncryptionKeyError`."""
        algorithm, recipient = self._recipient(key)
        kid = key.get("kid")
        header = {"alg": algorithm, "enc": CONTENT, "kid": kid if isinstance(kid, str) else thumbprint(key)}
        content = json.dumps(plaintext, separators=(",", ":")).encode()
        try:
            return jwe.encrypt_compact(header, content, recipient, registry=self._registry)
        except (JoseError, ValueError):
            raise EncryptionKeyError(FaultKind.UNUSABLE) from None

    def _recipient(self, jwk: Jwk) -> tuple[str, ECKey | RSAKey]:
        if jwk.get("use") != "enc":
            raise EncryptionKeyError(FaultKind.NOT_FOR_ENCRYPTION)
        members = thumbprint_members(jwk)
        prepared = None if members is None else self._prepared(members)
        if prepared is None:
            raise EncryptionKeyError(FaultKind.UNUSABLE)
        if jwk.get("alg", prepared[0]) != prepared[0]:
            raise EncryptionKeyError(FaultKind.OTHER_ALGORITHM)
        return prepared


def _prepared(members: Members) -> tuple[str, ECKey | RSAKey] | None:
    key = load(members)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, CURVES):
        return KEY_MANAGEMENT[0], ECKey.import_key(key)
    if isinstance(key, RSAPublicKey):
        return KEY_MANAGEMENT[1], RSAKey.import_key(key)
    return None
