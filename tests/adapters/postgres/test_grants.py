"""Grants: a code makes one, a refresh token has one successor, a stop stops."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest

from tests.adapters.postgres.postgres_records import AT, a_grant, a_person, all_at_once
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.grant import Grant, GrantState
from vad.domain.identifiers import GrantId, PersonId, Sid


@pytest.fixture
def person(work: PostgresWork) -> PersonId:
    """Give a person."""
    return a_person(work)


def _stored(work: PostgresWork, grant: Grant) -> Grant:
    with work() as tx:
        assert tx.grants.add(grant)
        tx.commit()
    return grant


def _get(work: PostgresWork, grant: Grant) -> Grant | None:
    with work() as tx:
        return tx.grants.get(grant.grant_id)


def test_a_grant_comes_back_as_it_was_stored(work: PostgresWork, person: PersonId) -> None:
    """By its id and by its code's hash; unknown ones are None."""
    grant = _stored(work, a_grant(person))
    bare = _stored(work, replace(a_grant(person), data_services=frozenset(), resources=(), consents=()))
    assert _get(work, grant) == grant
    assert _get(work, bare) == bare
    with work() as tx:
        assert tx.grants.by_code(grant.code_hash) == grant
        assert tx.grants.by_code(secrets.token_bytes(32)) is None
        assert tx.grants.get(GrantId(uuid4())) is None


def test_a_code_makes_one_grant_ever(work: PostgresWork, person: PersonId) -> None:
    """Even if Redis forgot that the code was spent: one of any number of redemptions wins."""
    grant = a_grant(person)

    def redeem() -> bool:
        with work() as tx:
            added = tx.grants.add(replace(grant, grant_id=GrantId(uuid4())))
            if added:
                tx.commit()
        return added

    assert sorted(all_at_once(8, redeem)) == [False] * 7 + [True]
    with work() as tx:
        assert not tx.grants.add(grant)


def test_a_failed_redemption_leaves_the_unit_of_work_usable(work: PostgresWork, person: PersonId) -> None:
    """A spent code is an answer, not an error: what must be done about it fits in the same transaction."""
    grant = _stored(work, a_grant(person))
    with work() as tx:
        assert not tx.grants.add(replace(a_grant(person), code_hash=grant.code_hash))
        assert tx.grants.revoke(grant.grant_id)
        tx.commit()
    revoked = _get(work, grant)
    assert revoked is not None
    assert revoked.state is GrantState.REVOKED


def test_a_refresh_token_has_one_successor(work: PostgresWork, person: PersonId) -> None:
    """Of 32 at once that present the same generation one rotates; the others learn that they were late."""
    grant = _stored(work, a_grant(person))
    at = AT + timedelta(minutes=5)

    def rotate() -> bool:
        with work() as tx:
            won = tx.grants.rotate_refresh(grant.grant_id, 0, at)
            tx.commit()
        return won

    assert sorted(all_at_once(32, rotate)) == [False] * 31 + [True]
    assert _get(work, grant) == replace(grant, refresh_generation=1, refreshed_at=at)


def test_only_a_live_grant_rotates(work: PostgresWork, person: PersonId) -> None:
    """Not another generation, not at the session's end, not once it was taken back."""
    grant = _stored(work, a_grant(person))
    with work() as tx:
        assert not tx.grants.rotate_refresh(grant.grant_id, 1, AT)
        assert not tx.grants.rotate_refresh(grant.grant_id, 0, grant.session_ends_at)
        assert tx.grants.revoke(grant.grant_id)
        assert not tx.grants.rotate_refresh(grant.grant_id, 0, AT)


def test_a_grant_that_is_held_waits_to_be_ended(work: PostgresWork, person: PersonId) -> None:
    """Two may hold it at once; who ends it comes after both, and whoever holds it then sees that it ended."""
    grant = _stored(work, a_grant(person))
    ended = Event()

    def revoke() -> None:
        with work() as tx:
            assert tx.grants.revoke(grant.grant_id)
            tx.commit()
        ended.set()

    with ThreadPoolExecutor(1) as pool:
        with work() as one, work() as two:
            assert one.grants.hold(grant.grant_id) == two.grants.hold(grant.grant_id) == grant
            ending = pool.submit(revoke)
            assert not ended.wait(0.2)
        ending.result(timeout=20)
    with work() as tx:
        assert tx.grants.hold(grant.grant_id) == replace(grant, state=GrantState.REVOKED)
        assert tx.grants.hold(GrantId(uuid4())) is None


def test_a_grant_is_taken_back_once(work: PostgresWork, person: PersonId) -> None:
    """The second to try learns that it was done; so each revocation leaves one event."""
    grant = _stored(work, a_grant(person))

    def revoke() -> bool:
        with work() as tx:
            won = tx.grants.revoke(grant.grant_id)
            tx.commit()
        return won

    assert sorted(all_at_once(4, revoke)) == [False, False, False, True]


def test_ending_a_session_ends_its_active_grants(work: PostgresWork, person: PersonId) -> None:
    """All of this session and none of another; what was revoked before stays revoked."""
    first, second = (_stored(work, a_grant(person, "ending")) for _ in range(2))
    revoked, other = _stored(work, a_grant(person, "ending")), _stored(work, a_grant(person, "going on"))
    with work() as tx:
        tx.grants.revoke(revoked.grant_id)
        assert tx.grants.end_session(Sid("ending")) == 2
        tx.commit()
    with work() as tx:
        states = [found.state for g in (first, second, revoked, other) if (found := tx.grants.get(g.grant_id))]
        assert tx.grants.end_session(Sid("ending")) == 0
    assert states == [GrantState.ENDED, GrantState.ENDED, GrantState.REVOKED, GrantState.ACTIVE]


def test_a_grant_is_about_a_known_person(work: PostgresWork) -> None:
    """The database refuses a grant of nobody."""
    with work() as tx, pytest.raises(StoreFaultError, match="fk_grants_actor"):
        tx.grants.add(a_grant(PersonId(uuid4())))
