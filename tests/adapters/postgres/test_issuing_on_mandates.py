"""What is issued on a mandate, and stopping that (rule 27)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.adapters.postgres.mandate_records import in_force, kept
from tests.adapters.postgres.postgres_records import (
    AT,
    PGO,
    a_consent,
    a_grant,
    all_at_once,
    make,
)
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.audit import LoginSucceeded
from vad.domain.grant import Grant, GrantState
from vad.domain.identifiers import PersonId
from vad.domain.mandate import Mandate, MandateState
from vad.services.ports.conditions import Carried, GrantLive, GrantMade, RefreshRotated

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
S = MandateState


def test_it_comes_with_what_a_decision_rests_on(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """Rule 27: of two people all that is active, of a grant the one that it rests on, whatever became of that."""
    grantor, helper = people
    first, second = in_force(work, people, "48"), in_force(work, people, "63")
    grant = replace(a_grant(helper), subject=grantor, mandate=first.mandate_id)
    make(work, grant)
    make(work, a_grant(helper))
    with work() as tx:
        asked = tx.standings.of_request(helper, grantor, PGO, ())
        itself = tx.standings.of_request(helper, helper, PGO, ())
        unwritten = tx.standings.of_unwritten(grant)
    assert asked is not None
    assert itself is not None
    assert unwritten is not None
    assert set(asked.mandates) == set(asked.facts.mandates) == {first, second}
    assert itself.mandates == ()
    assert unwritten.mandates == (first,)
    stopped = first.moved(S.REVOKED, AT)
    kept(work, stopped)
    with work() as tx:
        known = tx.standings.of(grant.grant_id)
        asked = tx.standings.of_request(helper, grantor, PGO, ())
    assert known is not None
    assert asked is not None
    assert (known.grant.mandate, known.mandates) == (first.mandate_id, (stopped,))
    assert asked.mandates == (second,)


def _carried(work: PostgresWork, people: tuple[PersonId, PersonId], *permissions: UUID) -> Carried:
    agreed = replace(a_consent(people[1]), subject=people[0])
    with work() as tx:
        tx.consents.add([agreed])
        tx.commit()
    return Carried((agreed.consent_id,), permissions=permissions)


@pytest.mark.parametrize("stop", ["whole", "part", "end", "not"])
def test_what_is_issued_holds_it(work: PostgresWork, people: tuple[PersonId, PersonId], stop: str) -> None:
    """Rule 27: once a stop has committed, no statement that issues on the mandate writes anything."""
    mandate = in_force(work, people, "48", "63")
    part, left = (each.permission_id for each in mandate.permissions)
    grant = make(work, replace(a_grant(people[1]), subject=people[0], mandate=mandate.mandate_id))
    over = {
        "whole": mandate.moved(S.REVOKED, AT),
        "part": mandate.narrowed({left}, AT),
        "end": mandate.ending(AT + MINUTE, AT),
    }
    if stop in over:
        kept(work, over[stop])
    at = AT + 2 * MINUTE
    for permissions, met in (
        ((part,), stop == "not"),
        ((left,), stop in {"not", "part"}),
        ((part, left), stop == "not"),
    ):
        carried = _carried(work, people, *permissions)
        later = replace(a_grant(people[1]), subject=people[0], mandate=mandate.mandate_id)
        with work() as tx:
            tx.audit.append(LoginSucceeded(), at=at)
            assert tx.commit_if(GrantLive(grant.grant_id, at, carried)) is met
        with work() as tx:
            assert tx.commit_if(GrantMade(later, at, carried)) is met
        with work() as tx:
            known = tx.grants.get(grant.grant_id)
            assert known is not None
            assert tx.commit_if(RefreshRotated(grant.grant_id, known.refresh_generation, at, carried)) is met


def test_grants_end_with_it(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """Rule 27: those that rest on it, and no others."""
    mandate = in_force(work, people)
    acting = make(work, replace(a_grant(people[1]), subject=people[0], mandate=mandate.mandate_id))
    own = make(work, a_grant(people[1]))
    agreed = replace(a_consent(people[1]), subject=people[0])
    with work() as tx:
        tx.consents.add([agreed, a_consent(people[1])])
        assert tx.grants.end_mandate(mandate.mandate_id) == 1
        ended = tx.consents.withdraw_acting(people[1], people[0], AT)
        tx.commit()
    assert agreed.consent_id in {each.consent_id for each in ended}
    assert {each.subject for each in ended} == {people[0]}
    with work() as tx:
        states = [known.state for known in (tx.grants.get(each.grant_id) for each in (acting, own)) if known]
    assert states == [GrantState.ENDED, GrantState.ACTIVE]


def test_a_stop_and_what_issues_wait_for_each_other(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """Rule 27: at the same moment, again and again: one is first, none is turned away, and nothing follows a stop."""
    for _ in range(10):
        mandate = in_force(work, people)
        grant = make(work, replace(a_grant(people[1]), subject=people[0], mandate=mandate.mandate_id))
        carried = _carried(work, people, mandate.permissions[0].permission_id)
        stopped = mandate.moved(S.REVOKED, AT)
        turns = iter((True, False, False))

        def go(
            grant: Grant = grant, carried: Carried = carried, stopped: Mandate = stopped, turns: Any = turns
        ) -> bool:
            with work() as tx:
                if not next(turns):
                    return tx.commit_if(GrantLive(grant.grant_id, AT, carried))
                tx.mandates.hold_all(stopped, AT)
                assert tx.mandates.keep(stopped)
                tx.grants.end_mandate(stopped.mandate_id)
                tx.consents.withdraw_acting(people[1], people[0], AT)
                tx.commit()
            return True

        all_at_once(3, go)
        with work() as tx:
            assert not tx.commit_if(GrantLive(grant.grant_id, AT, carried))
