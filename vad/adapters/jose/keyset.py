"""The public key sets that VAD publishes (RFC 7517 section 5). Made once from the key ring, served as they are."""

from collections.abc import Mapping

from vad.adapters.vault.keyring import KeyRing, Purpose


def issuer_key_set(keyring: KeyRing) -> Mapping[str, object]:
    """`/jwks`: the keys that sign tokens; the next one too, and retired ones until their last token died."""
    return {"keys": [dict(jwk) for jwk in keyring.public_jwks(Purpose.SIGNING)]}


def digid_key_set(keyring: KeyRing) -> Mapping[str, object]:
    """`/digid/jwks`: what VAD signs with as a client of DigiD, and what DigiD encrypts to."""
    purposes = (Purpose.DIGID_SIGNING, Purpose.DIGID_ENCRYPTION)
    return {"keys": [dict(jwk) for purpose in purposes for jwk in keyring.public_jwks(purpose)]}
