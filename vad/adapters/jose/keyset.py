"""The public key sets that VAD publishes (RFC 7517 section 5). Made once per key ring, served as they are."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping

from vad.adapters.vault.certification import certified_until
from vad.adapters.vault.encoding import base64url
from vad.adapters.vault.keyring import Key, KeyRing, KeyState, Purpose
from vad.adapters.x509.errors import CertificateError


def issuer_key_set(keyring: KeyRing) -> Mapping[str, object]:
    """`/jwks`: the keys that sign tokens; the next one too, and retired ones until their last token died.

    And what apps encrypt their requests to. A retired key of those still opens them, and is offered to nobody.
    """
    encryption = (key for key in keyring.all(Purpose.REQUEST_ENCRYPTION) if key.state is not KeyState.RETIRED)
    signing = ({**(key.public_jwk or {}), **_certified(key)} for key in keyring.all(Purpose.SIGNING))
    return {"keys": [*signing, *(dict(key.public_jwk or {}) for key in encryption)]}


def staff_key_set(keyring: KeyRing) -> Mapping[str, object]:
    """`/jwks` of the pages for staff: what VAD signs with as a client of their identity provider, and nothing else."""
    return {"keys": [dict(jwk) for jwk in keyring.public_jwks(Purpose.STAFF_IDP_SIGNING)]}


def digid_key_set(keyring: KeyRing) -> Mapping[str, object]:
    """`/digid/jwks`: what VAD signs with as a client of DigiD, and what DigiD encrypts to.

    A retired key still opens what was encrypted to it, and is offered to nobody.
    """
    signing, encryption = keyring.all(Purpose.DIGID_SIGNING), keyring.all(Purpose.DIGID_ENCRYPTION)
    offered = (*signing, *(key for key in encryption if key.state is not KeyState.RETIRED))
    return {"keys": [dict(key.public_jwk or {}) for key in offered]}


def _certified(key: Key) -> Mapping[str, object]:
    """Who vouches for a key: its certificate and those behind it (RFC 7517 sections 4.7 and 4.9).

    Those of another key, which only somebody who altered the database can have put there, are published for nobody.
    """
    if not key.certificates:
        return {}
    try:
        certified_until(key.key_id, key.certificates)
    except CertificateError:
        return {}
    thumbprint = base64url(hashlib.sha256(key.certificates[0]).digest())
    # `x5c` is base64, and not base64url as everything else in a JWK.
    return {"x5c": [b64encode(each).decode("ascii") for each in key.certificates], "x5t#S256": thumbprint}
