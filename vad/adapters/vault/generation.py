"""Making keys: what each purpose needs, and the keys that are missing."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from vad.adapters.vault.encoding import base64url
from vad.adapters.vault.jwk import public_members, thumbprint
from vad.adapters.vault.keys import AsymmetricKey, KeyState, Purpose, StoredKey
from vad.adapters.vault.master_key import MasterKey

AES_SIV = "AEAD_AES_SIV_CMAC_512"
"""RFC 5297 with two 256-bit keys."""

_RSA_BITS = 3072

SECRETS: Mapping[Purpose, tuple[str, int]] = {
    Purpose.SEAL: ("A256GCM", 32),
    Purpose.LOOKUP: ("HS256", 32),
    Purpose.PAIRWISE: ("HS256", 32),
    Purpose.HANDLES: (AES_SIV, 64),
    Purpose.BINDING: ("HS256", 32),
    Purpose.CACHE: ("A256GCM", 32),
}
"""Algorithm and length in bytes of each secret key."""


def _rsa_key() -> AsymmetricKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)


def _p256_key() -> AsymmetricKey:
    return ec.generate_private_key(ec.SECP256R1())


# Each algorithm has a key of its own: the published `alg` then binds a verifier to it (RFC 8725 section 3.1).
KEY_PAIRS: Mapping[tuple[Purpose, str], tuple[str, Callable[[], AsymmetricKey]]] = {
    (Purpose.SIGNING, "ES256"): ("sig", _p256_key),
    (Purpose.SIGNING, "RS256"): ("sig", _rsa_key),
    (Purpose.SIGNING, "PS256"): ("sig", _rsa_key),
    (Purpose.DIGID_SIGNING, "ES256"): ("sig", _p256_key),
    (Purpose.DIGID_ENCRYPTION, "ECDH-ES"): ("enc", _p256_key),
    (Purpose.REQUEST_ENCRYPTION, "ECDH-ES"): ("enc", _p256_key),
    (Purpose.REQUEST_ENCRYPTION, "RSA-OAEP-256"): ("enc", _rsa_key),
    (Purpose.STAFF_IDP_SIGNING, "ES256"): ("sig", _p256_key),
}
"""The JWK `use` of each key pair and how it is made."""


def create_missing(master: MasterKey, stored: Sequence[StoredKey], at: datetime) -> tuple[StoredKey, ...]:
    """New active keys for every purpose and algorithm that has none; those in `stored` are left as they are."""
    active = {(key.purpose, key.algorithm) for key in stored if key.state is KeyState.ACTIVE}
    secrets = (
        create_secret(master, purpose, KeyState.ACTIVE, at)
        for purpose, (algorithm, _) in SECRETS.items()
        if (purpose, algorithm) not in active
    )
    pairs = (
        create_pair(master, purpose, algorithm, KeyState.ACTIVE, at)
        for purpose, algorithm in KEY_PAIRS
        if (purpose, algorithm) not in active
    )
    return (*secrets, *pairs)


def create_ahead(master: MasterKey, stored: Sequence[StoredKey], at: datetime) -> tuple[StoredKey, ...]:
    """The next signing key for each algorithm that has none: others know it before it is needed, at once if need be."""
    coming = {(key.purpose, key.algorithm) for key in stored if key.state is KeyState.NEXT}
    return tuple(
        create_pair(master, purpose, algorithm, KeyState.NEXT, at)
        for purpose, algorithm in KEY_PAIRS
        if purpose is Purpose.SIGNING and (purpose, algorithm) not in coming
    )


def create_secret(master: MasterKey, purpose: Purpose, state: KeyState, at: datetime) -> StoredKey:
    """A new secret key for a purpose of `SECRETS`."""
    algorithm, length = SECRETS[purpose]
    key_id = base64url(os.urandom(12))
    sealed = master.wrap(os.urandom(length), key_id)
    return StoredKey(key_id, purpose, algorithm, state, sealed, None, at, _since(state, at))


def create_pair(master: MasterKey, purpose: Purpose, algorithm: str, state: KeyState, at: datetime) -> StoredKey:
    """A new key pair for a purpose and algorithm of `KEY_PAIRS`; its id is its RFC 7638 thumbprint."""
    use, generate = KEY_PAIRS[purpose, algorithm]
    private = generate()
    members = public_members(private.public_key())
    key_id = thumbprint(members)
    material = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    sealed = master.wrap(material, key_id)
    jwk = {**members, "kid": key_id, "use": use, "alg": algorithm}
    return StoredKey(key_id, purpose, algorithm, state, sealed, jwk, at, _since(state, at))


def create(master: MasterKey, purpose: Purpose, algorithm: str, state: KeyState, at: datetime) -> StoredKey:
    """A new key for any purpose."""
    if purpose in SECRETS:
        return create_secret(master, purpose, state, at)
    return create_pair(master, purpose, algorithm, state, at)


def _since(state: KeyState, at: datetime) -> datetime | None:
    return at if state is KeyState.ACTIVE else None
