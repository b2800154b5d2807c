"""What VAD says of itself, signed (RFC 8414 section 2.1): for who believes its keys by their certificates.

Each process makes it by itself, so it is signed without chance (RFC 6979): of one document and one key all make the
same bytes, and whoever asks by a tag hears of no change that is none.
"""

import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from vad.adapters.jose.signer import OWN_ALGORITHM
from vad.adapters.vault.encoding import base64url
from vad.adapters.vault.errors import KeyRingError
from vad.adapters.vault.keyring import KeyRing, Purpose

METADATA_TYPE = "metadata+jwt"
"""No token has it: what is signed here opens nothing (RFC 8725 section 3.11)."""
_COORDINATE = 32


class MetadataSigner:
    """Signs with the key that VAD signs with for itself, of one ring. Raises `KeyRingError` where it is of no curve."""

    def __init__(self, ring: KeyRing) -> None:
        key = ring.active(Purpose.SIGNING, OWN_ALGORITHM)
        if not isinstance(key.private, EllipticCurvePrivateKey):
            raise KeyRingError(f"key {key.key_id} is not fit for {OWN_ALGORITHM}")
        self._private = key.private
        self._header = {"alg": OWN_ALGORITHM, "kid": key.key_id, "typ": METADATA_TYPE}

    def sign(self, issuer: str, metadata: Mapping[str, object]) -> str:
        """The metadata as claims, of this issuer."""
        text = f"{_part(self._header)}.{_part({'iss': issuer, **metadata})}"
        without_chance = ECDSA(SHA256(), deterministic_signing=True)
        numbers = decode_dss_signature(self._private.sign(text.encode("ascii"), without_chance))
        # RFC 7518 section 3.4: both numbers, one after the other.
        return f"{text}.{base64url(b''.join(each.to_bytes(_COORDINATE) for each in numbers))}"


def _part(value: Mapping[str, object]) -> str:
    return base64url(json.dumps(value, separators=(",", ":")).encode())
