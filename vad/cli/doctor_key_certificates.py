"""`vad doctor` on the certificates of keys that sign: whether those that need one have it, and when it ends."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from vad.adapters.vault.certification import Certification
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.keys import Key, KeyState, Purpose, StoredKey
from vad.adapters.x509.signing_chain import SigningChain
from vad.bootstrap.foundation import master_key
from vad.bootstrap.key_certification import certification
from vad.cli.findings import Level
from vad.settings import Settings

_SOON = timedelta(days=30)
_MEND = "`vad keys csr` asks for one, `vad keys certify` publishes it"
_WORST = (Level.WARN, Level.FAIL)


def key_certificates(stored: Sequence[StoredKey], known: Settings) -> tuple[Level, str]:
    """The worst of them, and every fault."""
    demanded, now = certification(known), datetime.now(UTC)
    signing = KeyRing(master_key(known), stored).all(Purpose.SIGNING)
    living = (key for key in signing if key.state is not KeyState.RETIRED)
    told = [each for key in living for each in _of_key(key, demanded, now)]
    faults = [(level, text) for level, text in told if level is not Level.OK]
    if faults:
        texts = "; ".join(text for _, text in faults)
        return max((level for level, _ in faults), key=_WORST.index), f"{texts}: {_MEND}"
    if told:
        return Level.OK, "; ".join(text for _, text in told)
    return Level.OK, "none, and none is demanded (keys.certified)"


def _of_key(key: Key, demanded: Certification, now: datetime) -> Iterator[tuple[Level, str]]:
    """What there is to tell: nothing of a key without a certificate that needs none."""
    needed, named = key.algorithm in demanded.algorithms, f"{key.state} {key.algorithm} {key.key_id}"
    if not key.certificates and not needed:
        return
    fault = demanded.fault(key, now)
    if fault:
        # What signs is refused already by whoever looks; the next one has time.
        yield (Level.FAIL if needed and key.state is KeyState.ACTIVE else Level.WARN), f"{named} {fault}"
        return
    ends = SigningChain.from_der(key.certificates).ends
    if ends - now < _SOON:
        yield Level.WARN, f"{named} has one that ends on {ends:%Y-%m-%d}"
    else:
        yield Level.OK, f"{key.state} {key.algorithm} until {ends:%Y-%m-%d}"
