"""The public key sets that VAD publishes (RFC 7517 section 5). Made once per key ring, served as they are."""

from collections.abc import Mapping

from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose


def issuer_key_set(keyring: KeyRing) -> Mapping[str, object]:
    """`/jwks`: the keys that sign tokens; the next one too, and retired ones until their last token died.

    And what apps encrypt their requests to. A retired key of those still opens them, and is offered to nobody.
    """
    encryption = (key for key in keyring.all(Purpose.REQUEST_ENCRYPTION) if key.state is not KeyState.RETIRED)
    offered = (*keyring.public_jwks(Purpose.SIGNING), *(key.public_jwk or {} for key in encryption))
    return {"keys": [dict(jwk) for jwk in offered]}


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
