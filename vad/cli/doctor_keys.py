"""`vad doctor` on the master key and the key ring."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from vad.adapters.jose.signer import OWN_ALGORITHM
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.postgres.registration_queries import read_snapshot
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.generation import KEY_PAIRS
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.keys import KeyState, Purpose, StoredKey
from vad.bootstrap.foundation import master_key, most_days
from vad.cli.doctor_key_certificates import key_certificates
from vad.cli.findings import Finding, Level, found
from vad.domain.client import ResourceServer
from vad.domain.profile import Profile
from vad.domain.profiles_allowed import Profiles
from vad.settings import Settings

_LEFT_OVER = timedelta(days=1)


def keys(known: Settings, database: Database) -> Iterator[Finding]:
    """Open everything once, then look at each purpose, and at what others count on."""
    if known.service.deployment == "production" and not known.commands_take_two:
        text = "keys.second_person is false: one person alone can destroy a key, or a month of the log"
        yield Finding("second person", Level.FAIL, text)
    opened = found("master key", partial(_opens, known, database))
    yield opened
    if opened.level is not Level.FAIL:
        stored = PostgresKeys(database).load()
        for purpose in Purpose:
            yield found(f"keys {purpose.value}", partial(_purpose, stored, purpose, known))
        yield found("retired keys", partial(_left_over, stored))
        yield found("next signing keys", partial(_published_ahead, stored))
        yield found("signing algorithms", partial(_demanded, stored, database, known))
        yield found("signing certificates", partial(key_certificates, stored, known))


def _opens(known: Settings, database: Database) -> tuple[Level, str]:
    stored, master = PostgresKeys(database).load(), master_key(known)
    KeyRing(master, stored)
    older = sum(not master.wraps(key.sealed, key.key_id) for key in stored)
    if older:
        return Level.WARN, f"an older one wraps {older} of {len(stored)} keys: run `vad keys rewrap`"
    if master.older:
        return Level.WARN, f"opens all {len(stored)} keys; take the older ones away, no key needs them"
    return Level.OK, f"opens all {len(stored)} keys"


def _purpose(stored: Sequence[StoredKey], purpose: Purpose, known: Settings) -> tuple[Level, str]:
    active = _in_state(stored, purpose, KeyState.ACTIVE)
    if not active or (purpose is Purpose.SIGNING and OWN_ALGORITHM not in active):
        return Level.FAIL, "an active key is missing: run `vad keys init`"
    now = datetime.now(UTC)
    days = max((now - (key.activated_at or key.created_at)).days for key in active.values())
    coming = ", ".join(sorted(_in_state(stored, purpose, KeyState.NEXT)))
    text = f"{', '.join(sorted(active))}; oldest active for {days} days; next: {coming or 'none'}"
    most = most_days(known, purpose)
    if most is not None and days > most:
        return Level.WARN, f"{text}; older than {most} days: rotate it"
    return Level.OK, text


def _left_over(stored: Sequence[StoredKey]) -> tuple[Level, str]:
    """A retired key still opens and verifies: whoever has a copy of one that nobody needs can do harm with it."""
    now = datetime.now(UTC)
    retired = [key for key in stored if key.state is KeyState.RETIRED]
    old = sorted(key.purpose.value for key in retired if now - (key.retired_at or key.created_at) > _LEFT_OVER)
    if old:
        return Level.WARN, f"{len(old)} retired for over a day ({', '.join(old)}): run `vad keys retire`"
    return Level.OK, f"{len(retired)}, none for over a day"


def _published_ahead(stored: Sequence[StoredKey]) -> tuple[Level, str]:
    """With one published ahead, a key that leaked is replaced without anybody refusing what the new one signs."""
    active, coming = (_in_state(stored, Purpose.SIGNING, state) for state in (KeyState.ACTIVE, KeyState.NEXT))
    lacking = sorted(active.keys() - coming.keys())
    if lacking:
        return Level.WARN, f"none is published for {', '.join(lacking)}: run `vad keys init`"
    return Level.OK, f"published for {', '.join(sorted(coming))}"


def _demanded(stored: Sequence[StoredKey], database: Database, known: Settings) -> tuple[Level, str]:
    """What registrations demand of ID tokens, access tokens for sources, answers about tokens, and requests."""
    with Transaction(database) as transaction:
        snapshot = read_snapshot(transaction)
    sources = [each for each in snapshot.resource_servers.values() if each.active]
    demanded = {OWN_ALGORITHM: "VAD itself"}
    clients = [each for each in snapshot.clients.values() if each.active]
    demanded |= {each.introspection_alg: each.client_id for each in clients}
    demanded |= {each.id_token_signed_response_alg: each.client_id for each in clients}
    demanded |= {each.introspection_alg: each.identifier for each in sources}
    demanded |= {each.access_token_signing_alg: each.identifier for each in sources}
    opened = {each.request_object_encryption_alg: each.client_id for each in clients}
    opened = {algorithm: client for algorithm, client in opened.items() if algorithm}
    faults = [
        *_not_allowed(sources, known),
        *_without_key(stored, Purpose.SIGNING, demanded),
        *_without_key(stored, Purpose.REQUEST_ENCRYPTION, opened),
    ]
    if faults:
        return Level.FAIL, "; ".join(faults)
    return Level.OK, f"a key for each of {', '.join(sorted(demanded))}"


def _not_allowed(sources: Sequence[ResourceServer], known: Settings) -> Iterator[str]:
    """Sources whose access tokens no profile here signs as they are registered."""
    allowed = Profiles(tuple(map(Profile, known.service.allowed_profiles))).access_token_algorithms
    refused = [each for each in sources if each.access_token_signing_alg not in allowed]
    if refused:
        told = ", ".join(sorted(f"{each.access_token_signing_alg} ({each.identifier})" for each in refused))
        one = len(refused) == 1
        mend = "registration, the source is" if one else "registrations, these sources are"
        yield f"{told} {'is' if one else 'are'} not allowed by {known.service.profiles}: change the {mend} not served"


def _without_key(stored: Sequence[StoredKey], purpose: Purpose, demanded: Mapping[str, str]) -> Iterator[str]:
    """Algorithms that are demanded, and that no active key is of."""
    lacking = sorted(demanded.keys() - _in_state(stored, purpose, KeyState.ACTIVE).keys())
    if lacking:
        made = all((purpose, algorithm) in KEY_PAIRS for algorithm in lacking)
        mend = "run `vad keys init`" if made else "change the registration"
        told = ", ".join(f"{algorithm} ({demanded[algorithm]})" for algorithm in lacking)
        yield f"no active key for {told}: {mend}"


def _in_state(stored: Sequence[StoredKey], purpose: Purpose, state: KeyState) -> dict[str, StoredKey]:
    """The keys of a purpose in this state, by algorithm: there is one of each at most."""
    return {key.algorithm: key for key in stored if (key.purpose, key.state) == (purpose, state)}
