"""Grants: a code makes one, a refresh token has one successor, a stop stops."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event
from uuid import uuid4

import pytest

from tests.adapters.postgres.postgres_records import (
    AT,
    PGO,
    a_consent,
    a_grant,
    a_person,
    all_at_once,
    logged_about,
    make,
)
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.audit import TokenIssued
from vad.domain.grant import Grant, GrantState
from vad.domain.identifiers import Bsn, ConsentId, GrantId, PersonId, Sid
from vad.services.ports.conditions import Carried, GrantLive, GrantMade, RefreshRotated


@pytest.fixture
def person(work: PostgresWork) -> PersonId:
    """Give a person."""
    return a_person(work)


def agreed_by(work: PostgresWork, person: PersonId) -> tuple[ConsentId, ...]:
    """Give a consent that holds."""
    consent = a_consent(person)
    with work() as tx:
        tx.consents.add([consent])
        tx.commit()
    return (consent.consent_id,)


@pytest.fixture
def agreed(work: PostgresWork, person: PersonId) -> tuple[ConsentId, ...]:
    """Give a consent that holds."""
    return agreed_by(work, person)


def _get(work: PostgresWork, grant: Grant) -> Grant | None:
    with work() as tx:
        return tx.grants.get(grant.grant_id)


def test_a_grant_comes_back_as_it_wasmake(work: PostgresWork, person: PersonId) -> None:
    """By its id and by its code's hash; unknown ones are None."""
    grant = make(work, a_grant(person))
    bare = make(work, replace(a_grant(person), data_services=frozenset(), resources=(), consents=()))
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
            return tx.commit_if(GrantMade(replace(grant, grant_id=GrantId(uuid4())), AT, None))

    assert sorted(all_at_once(8, redeem)) == [False] * 7 + [True]
    with work() as tx:
        assert not tx.commit_if(GrantMade(grant, AT, None))


def test_events_are_written_with_their_condition_or_not_at_all(work: PostgresWork) -> None:
    """Whoever was too late leaves no trace of a token; whoever was first leaves exactly theirs."""
    person = a_person(work, Bsn("999992211"))
    agreed = agreed_by(work, person)
    grant = replace(a_grant(person), consents=agreed)
    rotated, live = (
        RefreshRotated(grant.grant_id, 0, AT, Carried(agreed)),
        GrantLive(grant.grant_id, AT, Carried(agreed)),
    )
    conditions = (GrantMade(grant, AT, Carried(agreed)), rotated, live)

    def commits() -> list[bool]:
        kept = []
        for condition in conditions:
            with work() as tx:
                tx.audit.append(TokenIssued(actor=person, grant_id=grant.grant_id), at=AT)
                kept.append(tx.commit_if(condition))
        return kept

    assert commits() == [True, True, True]
    assert commits() == [False, False, True]
    assert logged_about(work, person, AT) == 4


def test_what_is_committed_on_a_condition_changes_nothing_else(work: PostgresWork, person: PersonId) -> None:
    """The statement is a transaction by itself: what was changed before it would not belong to it."""
    grant = make(work, a_grant(person))
    with work() as tx:
        tx.grants.end_session(Sid("nobody's"))
        with pytest.raises(RuntimeError):
            tx.commit_if(GrantLive(grant.grant_id, AT, Carried(())))


def test_a_refresh_token_has_one_successor(work: PostgresWork, person: PersonId, agreed: tuple[ConsentId, ...]) -> None:
    """Of 32 at once that present the same generation one rotates; the others learn that they were late."""
    grant = make(work, a_grant(person))
    at = AT + timedelta(minutes=5)

    def rotate() -> bool:
        with work() as tx:
            return tx.commit_if(RefreshRotated(grant.grant_id, 0, at, Carried(agreed)))

    assert sorted(all_at_once(32, rotate)) == [False] * 31 + [True]
    assert _get(work, grant) == replace(grant, refresh_generation=1, refreshed_at=at)


def test_a_grant_remembers_the_key_of_its_last_refresh(
    work: PostgresWork, person: PersonId, agreed: tuple[ConsentId, ...]
) -> None:
    """By it a refresh is known when it is repeated; without one it stays bound as it was."""
    grant = make(work, replace(a_grant(person), jkt="first"))
    for generation, (sent, kept) in enumerate((("second", "second"), ("", "second"))):
        with work() as tx:
            assert tx.commit_if(RefreshRotated(grant.grant_id, generation, AT, Carried(agreed), sent))
        known = _get(work, grant)
        assert known is not None
        assert known.jkt == kept


def test_only_a_live_grant_rotates(work: PostgresWork, person: PersonId, agreed: tuple[ConsentId, ...]) -> None:
    """Not another generation, not at the session's end, not once it was taken back."""
    grant = make(work, a_grant(person))
    refused = [
        RefreshRotated(grant.grant_id, 1, AT, Carried(agreed)),
        RefreshRotated(grant.grant_id, 0, grant.session_ends_at, Carried(agreed)),
    ]
    for condition in refused:
        with work() as tx:
            assert not tx.commit_if(condition)
    with work() as tx:
        assert tx.grants.revoke(grant.grant_id)
        tx.commit()
    with work() as tx:
        assert not tx.commit_if(RefreshRotated(grant.grant_id, 0, AT, Carried(agreed)))


def test_only_a_live_grant_meets_the_condition_that_it_is(
    work: PostgresWork, person: PersonId, agreed: tuple[ConsentId, ...]
) -> None:
    """Not at its session's end, not once it was ended; taken back only where that does not count."""
    grant, ended = make(work, a_grant(person)), make(work, a_grant(person, "over"))

    def live(asked: Grant, at: datetime = AT, *, or_revoked: bool = False) -> bool:
        with work() as tx:
            return tx.commit_if(GrantLive(asked.grant_id, at, Carried(agreed), or_revoked=or_revoked))

    assert live(grant)
    assert not live(grant, grant.session_ends_at)
    with work() as tx:
        assert tx.grants.revoke(grant.grant_id)
        assert tx.grants.end_session(Sid("over")) == 1
        tx.commit()
    assert [live(each, or_revoked=but) for each in (grant, ended) for but in (False, True)] == [
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("stopped", ["grant", "consent"])
def test_a_stop_that_is_under_way_is_waited_for(
    work: PostgresWork, person: PersonId, agreed: tuple[ConsentId, ...], stopped: str
) -> None:
    """Who issues while the grant is being taken back, or its consent stopped, hears that it is gone."""
    grant = make(work, a_grant(person))

    def live() -> bool:
        with work() as tx:
            return tx.commit_if(GrantLive(grant.grant_id, AT, Carried(agreed)))

    with ThreadPoolExecutor(1) as pool:
        with work() as tx:
            assert (
                tx.grants.revoke(grant.grant_id)
                if stopped == "grant"
                else tx.consents.withdraw(person, person, PGO, AT)
            )
            asking = pool.submit(live)
            with pytest.raises(TimeoutError):
                asking.result(timeout=0.2)
            tx.commit()
        assert asking.result(timeout=20) is False


def test_nothing_is_issued_once_its_consent_was_stopped(work: PostgresWork) -> None:
    """Rule 3: none of the conditions is met any more, however late the stop came; one other consent is enough."""
    person = a_person(work, Bsn("999991322"))
    stopped = agreed_by(work, person)
    grant = replace(a_grant(person), consents=stopped)
    other = make(work, a_grant(person))
    with work() as tx:
        assert len(tx.consents.withdraw(person, person, PGO, AT)) == 1
        tx.commit()
    left = agreed_by(work, person)
    for consents, met in ((stopped, False), ((), False), ((*stopped, *left), True)):
        for condition in (
            GrantMade(
                replace(grant, grant_id=GrantId(uuid4()), code_hash=secrets.token_bytes(32)), AT, Carried(consents)
            ),
            RefreshRotated(other.grant_id, 0, AT, Carried(consents)),
            GrantLive(other.grant_id, AT, Carried(consents)),
        ):
            with work() as tx:
                assert tx.commit_if(condition) is met, condition


def test_a_grant_that_is_held_waits_to_be_ended(work: PostgresWork, person: PersonId) -> None:
    """Two may hold it at once; who ends it comes after both, and whoever holds it then sees that it ended."""
    grant = make(work, a_grant(person))
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
    grant = make(work, a_grant(person))

    def revoke() -> bool:
        with work() as tx:
            won = tx.grants.revoke(grant.grant_id)
            tx.commit()
        return won

    assert sorted(all_at_once(4, revoke)) == [False, False, False, True]


def test_ending_a_session_ends_its_active_grants(work: PostgresWork, person: PersonId) -> None:
    """All of this session and none of another; what was revoked before stays revoked."""
    first, second = (make(work, a_grant(person, "ending")) for _ in range(2))
    revoked, other = make(work, a_grant(person, "ending")), make(work, a_grant(person, "going on"))
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
        tx.commit_if(GrantMade(a_grant(PersonId(uuid4())), AT, None))
