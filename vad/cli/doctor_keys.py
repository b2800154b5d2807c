"""`vad doctor` on the master key and the key ring."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from vad.adapters.jose.signer import OWN_ALGORITHM
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.keys import KeyState, Purpose, StoredKey
from vad.bootstrap.foundation import master_key
from vad.cli.findings import Finding, Level, found
from vad.settings import Settings

_OLD_DAYS = 365


def keys(known: Settings, database: Database) -> Iterator[Finding]:
    """Open everything once, then look at each purpose."""
    opened = found("master key", partial(_opens, known, database))
    yield opened
    if opened.level is Level.OK:
        stored = PostgresKeys(database).load()
        for purpose in Purpose:
            yield found(f"keys {purpose.value}", partial(_purpose, stored, purpose))


def _opens(known: Settings, database: Database) -> tuple[Level, str]:
    stored, master = PostgresKeys(database).load(), master_key(known)
    KeyRing(master, stored)
    older = sum(not master.wraps(key.sealed, key.key_id) for key in stored)
    if older:
        return Level.WARN, f"an older one wraps {older} of {len(stored)} keys: run `vad keys rewrap`"
    if master.older:
        return Level.WARN, f"opens all {len(stored)} keys; take the older ones away, no key needs them"
    return Level.OK, f"opens all {len(stored)} keys"


def _purpose(stored: tuple[StoredKey, ...], purpose: Purpose) -> tuple[Level, str]:
    own = [key for key in stored if key.purpose is purpose]
    active = [key for key in own if key.state is KeyState.ACTIVE]
    if not active or (purpose is Purpose.SIGNING and OWN_ALGORITHM not in {key.algorithm for key in active}):
        return Level.FAIL, "an active key is missing: run `vad keys init`"
    now = datetime.now(UTC)
    days = max((now - (key.activated_at or key.created_at)).days for key in active)
    coming = sorted(key.algorithm for key in own if key.state is KeyState.NEXT)
    text = f"{', '.join(sorted(key.algorithm for key in active))}; oldest active for {days} days"
    old = purpose in {Purpose.SIGNING, Purpose.DIGID_SIGNING} and days > _OLD_DAYS
    return (Level.WARN if old else Level.OK), f"{text}; next: {', '.join(coming) or 'none'}"
