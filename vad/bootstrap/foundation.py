"""What every program of VAD stands on: settings, database, keys, registrations."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from vad.adapters.metrics import Fault, Metrics
from vad.adapters.metrics_looks import ActiveKey, CertifiedKey
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.database import Limits as DatabaseLimits
from vad.adapters.postgres.key_ring import LiveKeyRing
from vad.adapters.postgres.registrations import PostgresRegistrations
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.certification import certified_until
from vad.adapters.vault.errors import MasterKeyError
from vad.adapters.vault.generation import SECRETS
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.keys import KeyState, Purpose
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.sealing import Sealer
from vad.adapters.x509.errors import CertificateError
from vad.bootstrap.tracing import Traces, open_traces
from vad.domain.profile import Profile
from vad.settings import Settings

_FOR_GOOD = frozenset({Purpose.PAIRWISE, Purpose.BINDING})
"""Never changed, or only in need."""


@dataclass(frozen=True, slots=True)
class Foundation:
    """What every program of VAD stands on."""

    settings: Settings
    database: Database
    keys: LiveKeyRing
    registrations: PostgresRegistrations
    work: PostgresWork
    metrics: Metrics
    traces: Traces | None

    @property
    def keyring(self) -> KeyRing:
        """The ring of this moment."""
        return self.keys.current

    def active_keys(self) -> Iterator[ActiveKey]:
        """Each key in use, and since when."""
        for key in self.keys.stored:
            if key.state is KeyState.ACTIVE:
                since = (key.activated_at or key.created_at).timestamp()
                yield ActiveKey(key.purpose.value, key.algorithm, since, most_days(self.settings, key.purpose))

    def certified_keys(self) -> Iterator[CertifiedKey]:
        """Each key that signs tokens, or is next to, and has a certificate."""
        for key in self.keys.stored:
            if key.purpose is Purpose.SIGNING and key.state is not KeyState.RETIRED and key.certificates:
                yield CertifiedKey(key.algorithm, key.state.value, _certificate_ends(key.key_id, key.certificates))


def lay_foundation(settings: Settings, program: str = "web", database_url: str | None = None) -> Foundation:
    """Open the key ring, and the stores that are needed to read it.

    `program` is what figures and traces call us; `database_url` is for one with a role of its own in PostgreSQL.
    """
    traces = open_traces(settings, program)  # before the stores: it notes how their libraries are called
    database = Database(
        database_url or settings.database.url.get_secret_value(),
        DatabaseLimits(connections=settings.database.pool_size),
    )
    metrics = Metrics()
    metrics.tell_build(program)
    keys = LiveKeyRing(database, partial(master_key, settings), not_taken_up=partial(metrics.fault, Fault.KEYS))
    registrations = PostgresRegistrations(
        database, beside=keys.refresh_if, profiles=tuple(map(Profile, settings.service.allowed_profiles))
    )
    work = PostgresWork(database, Sealer(keys), BsnLookup(keys), registrations.refresh_if, metrics.event)
    return Foundation(settings, database, keys, registrations, work, metrics, traces)


def most_days(settings: Settings, purpose: Purpose) -> int | None:
    """How many days a key may be in use before somebody is told; None for one that grows as old as it grows."""
    if purpose in _FOR_GOOD:
        return None
    return settings.keys.secret_days if purpose in SECRETS else settings.keys.published_days


def master_key(settings: Settings) -> MasterKey:
    """The master key, and older ones. A demo's is refused in production: whoever has the demo has it too.

    Raises `MasterKeyError`.
    """
    named = settings.keys
    master = (
        MasterKey.from_file(named.master_key_file)
        if named.master_key_file is not None
        else MasterKey.from_text(named.master_key.get_secret_value() if named.master_key else "")
    )
    if master.demo and settings.service.deployment == "production":
        raise MasterKeyError("keys: the master key of a demo can't be used in production")
    return master


@lru_cache(maxsize=64)
def _certificate_ends(key_id: str, certificates: tuple[bytes, ...]) -> float:
    """Read once, and not each time that somebody asks for figures. One that nobody gets to see counts as ended."""
    try:
        return certified_until(key_id, certificates).timestamp()
    except CertificateError:
        return 0.0
