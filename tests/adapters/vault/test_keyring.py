"""The key ring: what is generated, what is refused, what is published."""

import functools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc.jwk import import_key

from vad.adapters.vault.errors import KeyRingError, SealBrokenError, UnknownKeyError
from vad.adapters.vault.generation import create_pair, create_secret
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose, StoredKey, create_missing
from vad.adapters.vault.master_key import MasterKey

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
MASTER = MasterKey(bytes(range(32)))


@functools.cache
def stored() -> tuple[StoredKey, ...]:
    """All keys of a new installation, made once."""
    return create_missing(MASTER, (), AT)


def row(purpose: Purpose, algorithm: str | None = None) -> StoredKey:
    """One of them."""
    return next(key for key in stored() if key.purpose is purpose and algorithm in {None, key.algorithm})


def test_a_new_installation_gets_a_key_for_every_purpose() -> None:
    """Every purpose has an active key; tokens can be signed with each algorithm that a source may choose."""
    ring = KeyRing(MASTER, stored())
    assert {key.purpose for key in ring} == set(Purpose)
    assert len(ring.active(Purpose.SEAL).secret) == 32
    assert len(ring.active(Purpose.HANDLES).secret) == 64
    assert isinstance(ring.active(Purpose.SIGNING, "ES256").private, EllipticCurvePrivateKey)
    for algorithm in ("RS256", "PS256"):
        private = ring.active(Purpose.SIGNING, algorithm).private
        assert isinstance(private, RSAPrivateKey)
        assert private.key_size == 3072


def test_only_what_is_missing_is_made() -> None:
    """A second run makes nothing; a missing key alone is replaced; a retired key does not count."""
    assert create_missing(MASTER, stored(), AT) == ()
    lookup = row(Purpose.LOOKUP)
    rest = [key for key in stored() if key is not lookup]
    (made,) = create_missing(MASTER, rest, AT)
    assert made.purpose is Purpose.LOOKUP
    (made,) = create_missing(MASTER, [*rest, replace(lookup, state=KeyState.RETIRED)], AT)
    assert made.key_id != lookup.key_id


def test_signing_keys_are_named_by_their_thumbprint() -> None:
    """The key id of a key pair is its RFC 7638 thumbprint, as another library computes it."""
    for jwk in KeyRing(MASTER, stored()).public_jwks(Purpose.SIGNING):
        assert import_key(json.loads(json.dumps(jwk))).thumbprint() == jwk["kid"]


def test_published_keys_are_public_and_bound_to_one_algorithm() -> None:
    """No private member is published; `use` and `alg` say what each key is for."""
    ring = KeyRing(MASTER, stored())
    published = [jwk for purpose in Purpose for jwk in ring.public_jwks(purpose)]
    assert len(published) == 8
    for jwk in published:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & jwk.keys()
        assert {"kty", "kid", "use", "alg"} <= jwk.keys()
    assert [jwk["use"] for jwk in ring.public_jwks(Purpose.DIGID_ENCRYPTION)] == ["enc"]


def test_next_and_retired_keys_are_published_after_the_active_one() -> None:
    """A key is published before its first use and after its last."""
    active = row(Purpose.SIGNING, "ES256")
    coming = create_pair(MASTER, Purpose.SIGNING, "ES256", KeyState.NEXT, AT + timedelta(days=1))
    gone = create_pair(MASTER, Purpose.SIGNING, "ES256", KeyState.RETIRED, AT - timedelta(days=1))
    ring = KeyRing(MASTER, [gone, coming, active])
    assert [jwk["kid"] for jwk in ring.public_jwks(Purpose.SIGNING)] == [active.key_id, coming.key_id, gone.key_id]
    assert ring.active(Purpose.SIGNING).key_id == active.key_id
    assert ring.get(gone.key_id).state is KeyState.RETIRED


def test_an_altered_public_half_is_not_published() -> None:
    """The public half comes from the private one: whoever writes in the database can't publish a key of their own."""
    signing = row(Purpose.SIGNING, "ES256")
    foreign = create_pair(MASTER, Purpose.SIGNING, "ES256", KeyState.ACTIVE, AT)
    ring = KeyRing(MASTER, [replace(signing, public_jwk=foreign.public_jwk)])
    assert ring.public_jwks(Purpose.SIGNING) == (signing.public_jwk,)


def test_two_active_keys_for_one_use_are_refused() -> None:
    """Nobody has to guess which key is in use."""
    seal = row(Purpose.SEAL)
    other = create_secret(MASTER, Purpose.SEAL, KeyState.ACTIVE, AT)
    with pytest.raises(KeyRingError, match="two active"):
        KeyRing(MASTER, [seal, other])
    with pytest.raises(KeyRingError, match="twice"):
        KeyRing(MASTER, [seal, seal])


def test_a_key_can_not_take_the_place_of_another() -> None:
    """Wrapped material is bound to its key id: rows can't be swapped or renamed."""
    seal, cache = row(Purpose.SEAL), row(Purpose.CACHE)
    with pytest.raises(SealBrokenError):
        KeyRing(MASTER, [replace(seal, sealed=cache.sealed)])
    with pytest.raises(SealBrokenError):
        KeyRing(MASTER, [replace(seal, key_id="another")])


@pytest.mark.parametrize(
    ("purpose", "changes"),
    [
        (Purpose.SEAL, {"algorithm": "HS256"}),
        (Purpose.HANDLES, {"purpose": Purpose.SEAL}),
        (Purpose.SEAL, {"purpose": Purpose.SIGNING, "algorithm": "ES256"}),
        (Purpose.DIGID_SIGNING, {"algorithm": "RS256"}),
    ],
)
def test_a_key_must_be_what_its_purpose_needs(purpose: Purpose, changes: dict[str, str]) -> None:
    """A row whose purpose or algorithm was changed is refused."""
    with pytest.raises(KeyRingError):
        KeyRing(MASTER, [replace(row(purpose), **changes)])  # type: ignore[arg-type]


def test_another_master_key_opens_nothing() -> None:
    """Starting with the wrong master key fails at once, with the vault's own error."""
    with pytest.raises(SealBrokenError):
        KeyRing(MasterKey(bytes(32)), stored())


def test_asking_for_what_is_not_there() -> None:
    """An unknown key, no active key, and a purpose with several algorithms each give the typed error."""
    ring = KeyRing(MASTER, stored())
    with pytest.raises(UnknownKeyError):
        ring.get("unknown")
    with pytest.raises(UnknownKeyError):
        ring.active(Purpose.SIGNING)
    with pytest.raises(UnknownKeyError):
        ring.active(Purpose.SIGNING, "none")
    with pytest.raises(UnknownKeyError):
        KeyRing(MASTER, ()).active(Purpose.SEAL)


def test_a_secret_is_no_key_pair_and_the_other_way_round() -> None:
    """Asking a key for the half it does not have is an error, never None."""
    ring = KeyRing(MASTER, stored())
    with pytest.raises(KeyRingError):
        _ = ring.active(Purpose.SEAL).private
    with pytest.raises(KeyRingError):
        _ = ring.active(Purpose.DIGID_SIGNING).secret


def test_representations_hold_no_material() -> None:
    """Neither a stored nor an opened key shows its material, sealed or not."""
    ring = KeyRing(MASTER, stored())
    for key in ring:
        assert "_secret" not in repr(key)
        assert "_private" not in repr(key)
    for each in stored():
        assert repr(each.sealed) not in repr(each)
    assert repr(ring) == "KeyRing(14 keys)"
