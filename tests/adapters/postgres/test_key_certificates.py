"""A signing key gets its certificate in one transaction with its event; a running process takes it up by itself."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from tests.support.database import FreshDatabase, ask
from tests.support.signing_certificates import YEAR, Hierarchy, pem
from vad.adapters.jose.keyset import issuer_key_set
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.key_certificates import PostgresKeyCertificates
from vad.adapters.postgres.key_ring import LiveKeyRing
from vad.adapters.postgres.key_rotation import PostgresKeyRotation
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.vault.certification import Certification
from vad.adapters.vault.errors import RotationRefusedError, UnknownKeyError
from vad.adapters.vault.keyring import Key, KeyRing, Purpose
from vad.adapters.vault.keys import KeyState
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.rotation import PUBLISHED_AHEAD
from vad.adapters.x509.errors import CertificateError
from vad.adapters.x509.signing_chain import SigningChain

MASTER = MasterKey(os.urandom(32))
NOW = datetime.now(UTC)
KNOWN = Hierarchy.made()
DEMANDED = Certification(frozenset({"ES256"}), (KNOWN.root.certificate,))


@pytest.fixture
def store(owner: Database, database: FreshDatabase) -> PostgresKeyCertificates:
    """Give the certificates of an installation that has its keys, next ones included, and not one certificate."""
    ask(database.migrate_url, "UPDATE keys SET certificates = '{}', certified_at = NULL")
    PostgresKeys(owner).add_missing(MASTER, NOW - PUBLISHED_AHEAD, ahead=True)
    return PostgresKeyCertificates(owner, MASTER)


def ring(owner: Database) -> KeyRing:
    """The keys as they are now."""
    return KeyRing(MASTER, PostgresKeys(owner).load())


def key(owner: Database, state: KeyState = KeyState.ACTIVE) -> Key:
    """The ES256 key in this state."""
    signing = ring(owner).all(Purpose.SIGNING)
    return next(each for each in signing if (each.algorithm, each.state) == ("ES256", state))


def chain(certified: Key, lasts: timedelta = YEAR) -> SigningChain:
    """What an authority answers for a key, without the root."""
    return SigningChain.from_pem(
        pem(KNOWN.provider.certify(certified.private.public_key(), lasts=lasts), *KNOWN.above).encode()
    )


def told(database: FreshDatabase, certified: Key) -> list[object]:
    """What the log has of its certificates."""
    events = "SELECT evidence FROM audit_events WHERE type = 'key.certified' ORDER BY recorded_at"
    return [evidence for (evidence,) in ask(database.app_url, events) if evidence["key_id"] == certified.key_id]


def published(ring: KeyRing, key_id: str) -> dict[str, object]:
    """A key as `/jwks` has it."""
    keys = issuer_key_set(ring)["keys"]
    assert isinstance(keys, list)
    return next(dict(each) for each in keys if each["kid"] == key_id)


def test_it_is_taken_up_while_vad_runs(store: PostgresKeyCertificates, owner: Database, app: Database) -> None:
    """The same key object, and beside it who vouches for it; replaced by a renewed one the same way."""
    passed = [0.0]
    live = LiveKeyRing(app, lambda: MASTER, lambda: passed[0])
    before, certified = live.current, key(owner)
    assert published(before, certified.key_id).keys().isdisjoint({"x5c", "x5t#S256"})
    for lasts in (YEAR, 2 * YEAR):
        accepted = store.certify(certified.key_id, chain(certified, lasts), DEMANDED, NOW)
        assert accepted.certificates[-1] == KNOWN.root.certificate
        passed[0] += 1
        after = live.newer(live.current)
        assert after is not None
        assert after.get(certified.key_id).private is before.get(certified.key_id).private
        assert after.get(certified.key_id).certificates == accepted.der
        assert "x5c" in published(after, certified.key_id)


def test_the_log_names_key_and_certificate(
    store: PostgresKeyCertificates, owner: Database, database: FreshDatabase
) -> None:
    """Once: the same certificates again are no news."""
    certified = key(owner)
    given, before = chain(certified), len(told(database, certified))
    for _ in range(2):
        store.certify(certified.key_id, given, DEMANDED, NOW)
    assert len(told(database, certified)) == before + 1
    expected = {
        "key_id": certified.key_id,
        "purpose": "signing",
        "algorithm": "ES256",
        "certificate": given.fingerprint.hex(),
        "ends": given.ends.isoformat(),
    }
    assert expected in told(database, certified)


def test_nothing_is_written_of_what_is_refused(
    store: PostgresKeyCertificates, owner: Database, database: FreshDatabase
) -> None:
    """Not of another key, nor of another root; what was there stays, and no event says otherwise."""
    certified, other = key(owner), key(owner, KeyState.NEXT)
    store.certify(certified.key_id, good := chain(certified), Certification(), NOW)
    before = told(database, certified)
    elsewhere = Certification(authorities=(Hierarchy.made("Elders").root.certificate,))
    for given, demanded in ((chain(other), DEMANDED), (chain(certified), elsewhere)):
        with pytest.raises(CertificateError):
            store.certify(certified.key_id, given, demanded, NOW)
    assert key(owner).certificates == good.der
    assert told(database, certified) == before


def test_only_keys_that_sign_and_live_have_one(
    store: PostgresKeyCertificates, owner: Database, database: FreshDatabase
) -> None:
    """Not those for anything else, which the table refuses as well, nor retired ones."""
    sealing = ring(owner).active(Purpose.SEAL).key_id
    old = key(owner)
    PostgresKeyRotation(owner).rotate(MASTER, Purpose.SIGNING, "ES256", NOW, at_once=True)
    for key_id in (sealing, old.key_id, "nothing"):
        with pytest.raises(UnknownKeyError, match="active or next"):
            store.certify(key_id, chain(old), Certification(), NOW)
        with pytest.raises(UnknownKeyError):
            store.signing_key(key_id)
    with pytest.raises(Exception, match="certificates_of_signing"):
        ask(database.migrate_url, "UPDATE keys SET certificates = '{x}' WHERE purpose = 'seal'")


def test_the_role_of_the_service_can_not_write_them(
    store: PostgresKeyCertificates, owner: Database, app: Database
) -> None:
    """As little as any other part of a key."""
    certified = key(owner)
    with pytest.raises(StoreFaultError):
        PostgresKeyCertificates(app, MASTER).certify(certified.key_id, chain(certified), Certification(), NOW)
    assert key(owner).certificates == ()
    assert store.signing_key(certified.key_id).key_id == certified.key_id


@pytest.mark.parametrize("altered", ["another key's", "no certificate"])
def test_what_somebody_wrote_into_the_database_is_published_for_nobody(
    store: PostgresKeyCertificates, owner: Database, database: FreshDatabase, altered: str
) -> None:
    """VAD goes on without: the first certificate is of the key itself, or there is none (RFC 7517 section 4.7)."""
    certified, other = key(owner), key(owner, KeyState.NEXT)
    store.certify(certified.key_id, chain(certified), DEMANDED, NOW)
    foreign = chain(other).der[0] if altered == "another key's" else b"garbage"
    replace = "UPDATE keys SET certificates = ARRAY[%s::bytea] WHERE key_id = %s"
    ask(database.migrate_url, replace, (foreign, certified.key_id))
    assert published(ring(owner), certified.key_id).keys().isdisjoint({"x5c", "x5t#S256"})
    assert DEMANDED.fault(key(owner), NOW)


def test_a_key_waits_for_its_certificate(store: PostgresKeyCertificates, owner: Database) -> None:
    """Where one is demanded of its algorithm: until it has a good one, and until everybody can know that."""
    rotation, coming = PostgresKeyRotation(owner, DEMANDED), key(owner, KeyState.NEXT)
    before = PostgresKeys(owner).load()

    def rotate(at: datetime, algorithm: str | None = "ES256", *, at_once: bool = False) -> None:
        rotation.rotate(MASTER, Purpose.SIGNING, algorithm, at, at_once=at_once)

    for algorithm in ("ES256", None):
        with pytest.raises(RotationRefusedError, match="has no certificate"):
            rotate(NOW, algorithm)
    assert PostgresKeys(owner).load() == before, "not a key of another algorithm either"
    store.certify(coming.key_id, chain(coming), DEMANDED, NOW)
    with pytest.raises(RotationRefusedError, match="not known to everybody yet"):
        rotate(NOW + PUBLISHED_AHEAD - timedelta(seconds=1))
    with pytest.raises(RotationRefusedError, match="ended on"):
        rotate(NOW + 2 * YEAR)
    rotate(NOW + PUBLISHED_AHEAD)
    assert key(owner).key_id == coming.key_id
    rotate(NOW, "RS256")


def test_a_key_that_leaked_waits_for_nothing(store: PostgresKeyCertificates, owner: Database) -> None:
    """Sources that look at certificates refuse the new one until it has one; they would believe a thief otherwise."""
    coming = key(owner, KeyState.NEXT)
    PostgresKeyRotation(owner, DEMANDED).rotate(MASTER, Purpose.SIGNING, "ES256", NOW, at_once=True)
    assert key(owner).key_id == coming.key_id
    store.certify(coming.key_id, chain(coming), DEMANDED, NOW)
    assert isinstance(x509.load_der_x509_certificate(key(owner).certificates[0]), x509.Certificate)
