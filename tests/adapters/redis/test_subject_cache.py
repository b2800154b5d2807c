"""What the register said of minors: sealed, each for its own person, for a quarter of an hour."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.adapters.redis.volatile_stores import MINUTE, PERSON, Stores, near
from vad.adapters.redis.subject_cache import RedisSubjectCache
from vad.domain.age import BirthDate
from vad.domain.identifiers import Bsn, PersonId
from vad.domain.parental_authority import AuthorityKind, AuthorityRelation, ParentalAuthority
from vad.domain.person import Evidence
from vad.services.ports.outside import RegisteredPerson, RegisteredSubject
from vad.services.ports.volatile import PersonName

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHILD, PARENT = Bsn("999992454"), Bsn("999992302")
OTHER = PersonId(UUID(int=8))
MINOR = RegisteredSubject(
    RegisteredPerson(
        PersonName("Sem Bos"), Evidence(BirthDate(2018, 8), deceased=False, register="brp", answered_at=AT)
    ),
    ParentalAuthority(
        CHILD,
        (
            AuthorityRelation(AuthorityKind.JOINT_PARENTS, CHILD, frozenset({PARENT})),
            AuthorityRelation(AuthorityKind.NOT_DETERMINABLE, in_doubt=True),
        ),
        "brp",
        AT,
    ),
)


@pytest.fixture
def minors(stores: Stores) -> RedisSubjectCache:
    """Give the cache over the connection of the other stores."""
    return stores.minors


def test_it_comes_back_as_it_was(minors: RedisSubjectCache) -> None:
    """The whole answer, partial dates and elements without a minor included; nobody else's."""
    minors.keep(PERSON, MINOR)
    assert minors.get(PERSON) == MINOR
    assert minors.get(OTHER) is None
    minors.list(PERSON, (OTHER,))
    assert minors.listed(PERSON) == (OTHER,)
    minors.list(PERSON, ())
    assert minors.listed(PERSON) == ()
    assert minors.listed(OTHER) is None


def test_nobody_reads_it_in_redis(minors: RedisSubjectCache, stores: Stores) -> None:
    """Rule 31: no BSN, no name, no person's id; it is forgotten when it may not be used any more (rule 16)."""
    minors.keep(PERSON, MINOR)
    minors.list(PERSON, (OTHER,))
    for kind in ("subject", "minors_of"):
        assert near(stores.milliseconds_left(kind), 15 * MINUTE)
    for name, value in stores.stored().items():
        for secret in (CHILD.reveal(), PARENT.reveal(), "Bos", PERSON.hex, OTHER.hex):
            assert secret not in name
            assert secret.encode() not in value


def test_what_was_moved_or_altered_is_absent(minors: RedisSubjectCache, stores: Stores) -> None:
    """A sealed answer is about its own child; one put in another's place would be authority over another."""
    minors.keep(PERSON, MINOR)
    ((first, value),) = stores.stored().items()
    minors.keep(OTHER, replace(MINOR, authority=replace(MINOR.authority, answered_at=AT + timedelta(minutes=1))))
    second = next(name for name in stores.stored() if name != first)
    for planted in (value, b"", b".", value[:-1], b"nokey." + value):
        stores.redis.client.set(second, planted)
        assert minors.get(OTHER) is None


def test_a_list_is_no_answer(minors: RedisSubjectCache, stores: Stores) -> None:
    """Values of one kind are of no use in the place of another."""
    minors.list(PERSON, (OTHER,))
    ((first, value),) = stores.stored().items()
    minors.keep(PERSON, MINOR)
    second = next(name for name in stores.stored() if name != first)
    stores.redis.client.set(second, value)
    assert minors.get(PERSON) is None
