"""The figure that tells when the certificates of signing keys end."""

import re
from collections.abc import Iterator

import pytest
from prometheus_client import generate_latest

from tests.support.certified_town import certify, signing_key
from tests.support.signing_certificates import YEAR, Hierarchy
from tests.support.town import Town
from vad.adapters.metrics import Metrics
from vad.adapters.metrics_looks import CertifiedKey
from vad.adapters.postgres.registration_queries import current_version
from vad.adapters.postgres.transaction import Transaction
from vad.bootstrap.foundation import Foundation, lay_foundation

KNOWN = Hierarchy.made()


@pytest.fixture
def foundation(the_town: Town) -> Iterator[Foundation]:
    """Give what a process stands on that tells when certificates end; they are taken away again."""
    built = lay_foundation(the_town.settings)
    built.metrics.tell_certificates(built.certified_keys)
    yield built
    built.database.close()
    certify(the_town, signing_key(the_town, "ES256")[0])


def told(metrics: Metrics) -> list[tuple[str, str, float]]:
    """Each series, with its algorithm and its state."""
    series = r'^vad_signing_certificate_expires_timestamp_seconds\{algorithm="(\w+)",state="(\w+)"\} (\S+)$'
    found = re.findall(series, generate_latest(metrics.registry).decode(), re.MULTILINE)
    return [(algorithm, state, float(ends)) for algorithm, state, ends in found]


def test_the_end_follows_the_keys(foundation: Foundation, the_town: Town) -> None:
    """No series without a certificate; then the first end of a chain; 0 for one that is of another key."""
    key_id, key = signing_key(the_town, "ES256")
    lasting, foreign = KNOWN.provider.certify(key, lasts=30 * YEAR), signing_key(the_town, "PS256")[1]
    first, behind = KNOWN.provider.certify(key), min(each.not_valid_after_utc for each in KNOWN.above)
    for chain, ends in (
        ((first, *KNOWN.above), first.not_valid_after_utc.timestamp()),
        ((lasting, *KNOWN.above), behind.timestamp()),
        ((KNOWN.provider.certify(foreign),), 0.0),
    ):
        certify(the_town, key_id, *chain)
        assert told_by(foundation) == [("ES256", "active", ends)]
    certify(the_town, key_id)
    assert told_by(foundation) == []


def told_by(foundation: Foundation) -> list[tuple[str, str, float]]:
    """What the process tells once it took up its keys."""
    with Transaction(foundation.database) as transaction:
        foundation.keys.refresh_if(current_version(transaction), transaction)
    return told(foundation.metrics)


def test_of_several_keys_the_first_end_is_told() -> None:
    """One series for each algorithm and state, or Prometheus would take none of the figures."""
    metrics = Metrics()
    ends = (("PS256", "next", 9.0), ("PS256", "next", 7.0), ("PS256", "active", 8.0))
    metrics.tell_certificates(lambda: (CertifiedKey(*each) for each in ends))
    assert sorted(told(metrics)) == [("PS256", "active", 8.0), ("PS256", "next", 7.0)]
