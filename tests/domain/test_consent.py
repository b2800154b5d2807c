"""Consent."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.domain_examples import AT, GP, HOSPITAL, SECOND, consent
from vad.domain.consent import UNUSED_LIFE
from vad.domain.identifiers import ResourceId

SERVICES = st.frozensets(st.sampled_from(["48", "49", "51", "63"]))


@pytest.mark.parametrize(
    ("given_at", "until", "live"),
    [
        (AT, AT + SECOND, True),
        (AT + SECOND, AT + 2 * SECOND, False),
        (AT - SECOND, AT, False),
        (AT - SECOND, AT - SECOND, False),
    ],
)
def test_live_from_the_moment_it_is_given_until_its_end(given_at: object, until: object, live: bool) -> None:  # noqa: FBT001
    """Rule 3: a consent counts from when it is given, and not any more at its very end."""
    assert consent(given_at=given_at, until=until).live(AT) is live


@pytest.mark.parametrize("withdrawn_at", [AT - SECOND, AT, AT + SECOND])
def test_withdrawn_is_over(withdrawn_at: object) -> None:
    """Rule 3: a consent that was withdrawn does not count, whatever the clock of the one who asks."""
    assert not consent(withdrawn_at=withdrawn_at).live(AT)


@given(SERVICES, SERVICES)
def test_covers_each_of_its_data_services_and_no_other(agreed: frozenset[str], asked: frozenset[str]) -> None:
    """Rule 3: consent is per data service: all that is asked must have been agreed to."""
    covered = all(service in agreed for service in asked)
    assert consent(data_services=agreed).covers(HOSPITAL, asked) is covered


@pytest.mark.parametrize("resource", [GP, ResourceId(""), ResourceId(HOSPITAL + "/"), ResourceId(HOSPITAL.upper())])
def test_covers_one_source_alone(resource: ResourceId) -> None:
    """Rule 3: consent is per data source, compared exactly."""
    assert not consent().covers(resource, frozenset({"48"}))


def test_unused_consent_lasts_half_a_year() -> None:
    """A consent "until I stop" lapses after six months without use (MedMij)."""
    assert timedelta(days=181) <= UNUSED_LIFE <= timedelta(days=184)
