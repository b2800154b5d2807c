"""Assents: found with what a decision rests on, given once, taken back at once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.adapters.postgres.postgres_records import (
    AT,
    BSN,
    OTHER_BSN,
    PGO,
    a_consent,
    a_grant,
    a_person,
    all_at_once,
    make,
)
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.assent import Assent
from vad.domain.assurance import LevelOfAssurance
from vad.domain.audit import TokenIssued
from vad.domain.identifiers import AssentId, PersonId
from vad.services.ports.conditions import Carried, Condition, GrantLive, GrantMade, RefreshRotated

MINUTE = timedelta(minutes=1)
YEAR = timedelta(days=365)


@pytest.fixture
def child(work: PostgresWork, database: FreshDatabase) -> PersonId:
    """Give a child who agreed to nothing."""
    ask(database.superuser_url, "DELETE FROM assents")
    return a_person(work, BSN)


@pytest.fixture
def parent(work: PostgresWork) -> PersonId:
    """Give somebody else."""
    return a_person(work, OTHER_BSN)


def an_assent(child: PersonId, parent: PersonId, data_service: str = "48", **changes: Any) -> Assent:
    """One that holds for a year."""
    level = LevelOfAssurance.SUBSTANTIEEL
    return replace(Assent(AssentId(uuid4()), child, parent, data_service, level, AT, AT + YEAR), **changes)


def _given(work: PostgresWork, *assents: Assent) -> list[bool]:
    with work() as tx:
        added = [tx.assents.add(assent) for assent in assents]
        tx.commit()
    return added


def test_they_come_with_what_a_decision_rests_on(work: PostgresWork, child: PersonId, parent: PersonId) -> None:
    """By child and parent, in the same trip; not the other way round, not withdrawn ones, not for one's own data."""
    both = {an_assent(child, parent), an_assent(child, parent, "63", level=LevelOfAssurance.HOOG)}
    withdrawn = an_assent(child, parent, "49", withdrawn_at=AT)
    assert all(_given(work, *both, withdrawn))
    grant = make(work, replace(a_grant(parent), subject=child))
    with work() as tx:
        for_parent = (
            tx.standings.of_request(parent, child, PGO, ()),
            tx.standings.of(grant.grant_id),
            tx.standings.of_unwritten(grant),
        )
        for standing in for_parent:
            assert standing is not None
            assert set(standing.assents) == both
            assert standing.facts.assents == standing.assents
        for actor, subject in ((child, child), (child, parent), (parent, parent)):
            others = tx.standings.of_request(actor, subject, PGO, ())
            assert others is not None
            assert others.assents == ()
        assert set(tx.assents.live(child, AT)) == both
        assert tx.assents.live(child, AT + YEAR) == tx.assents.live(parent, AT) == ()


def test_the_same_twice_is_once(work: PostgresWork, child: PersonId, parent: PersonId) -> None:
    """Any number at once make one; taken back, it can be given anew."""
    assert sorted(all_at_once(4, lambda: _given(work, an_assent(child, parent))[0])) == [False, False, False, True]
    with work() as tx:
        (held,) = tx.assents.live(child, AT)
        assert tx.assents.withdraw(child, child, None, AT) == ()
        assert tx.assents.withdraw(parent, child, None, AT) == ()
        assert tx.assents.withdraw(child, parent, None, AT - MINUTE) == (replace(held, withdrawn_at=AT),)
        tx.commit()
    assert _given(work, an_assent(child, parent)) == [True]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"actor": "child"}, "ck_assents_about_another"),
        ({"data_service": ""}, "ck_assents_data_service_named"),
        ({"level": LevelOfAssurance.MIDDEN}, "ck_assents_level_sure_enough"),
        ({"until": AT}, "ck_assents_ends_after_it_begins"),
        ({"withdrawn_at": AT - MINUTE}, "ck_assents_withdrawn_after_given"),
    ],
)
def test_the_database_keeps_the_rules(
    work: PostgresWork, child: PersonId, parent: PersonId, changes: dict[str, Any], rule: str
) -> None:
    """Rule 19 holds even for a program that forgets it."""
    changes = {name: child if value == "child" else value for name, value in changes.items()}
    with work() as tx, pytest.raises(StoreFaultError, match=rule):
        tx.assents.add(an_assent(child, parent, **changes))


def test_the_service_can_only_take_it_back(child: PersonId, database: FreshDatabase) -> None:
    """The role that the service logs in with neither widens nor deletes what a child agreed to."""
    for statement in ("UPDATE assents SET until = now()", "UPDATE assents SET actor = subject", "DELETE FROM assents"):
        with pytest.raises(Exception, match="permission denied"):
            ask(database.app_url, statement)
    ask(database.app_url, "UPDATE assents SET withdrawn_at = now() WHERE subject = %s", (str(child),))


@pytest.mark.parametrize("stopped", ["never", "one", "lapsed"])
def test_nothing_is_issued_past_a_stop(work: PostgresWork, child: PersonId, parent: PersonId, stopped: str) -> None:
    """Rule 7: what was stopped after the decision, while a register took its time, still stops each way to issue."""
    agreed = an_assent(child, parent), an_assent(child, parent, "63")
    consent = replace(a_consent(parent), subject=child)
    grant = make(work, replace(a_grant(parent), subject=child))
    _given(work, *agreed)
    with work() as tx:
        tx.consents.add([consent])
        tx.commit()
    if stopped == "one":
        with work() as tx:
            (ended,) = tx.assents.withdraw(child, parent, "63", AT)
            assert ended.data_service == "63"
            tx.commit()
    at = AT + (YEAR if stopped == "lapsed" else MINUTE)
    carried = Carried((consent.consent_id,), tuple(each.assent_id for each in agreed))
    later = replace(a_grant(parent), subject=child)
    conditions: tuple[Condition, ...] = (
        GrantMade(later, AT + MINUTE if stopped != "lapsed" else at, carried),
        GrantLive(grant.grant_id, at, carried, or_revoked=True),
        RefreshRotated(grant.grant_id, 0, at, carried),
    )
    for condition in conditions:
        with work() as tx:
            tx.audit.append(TokenIssued(actor=parent, represented=child), at=at)
            assert tx.commit_if(condition) is (stopped == "never"), condition
    with work() as tx:
        assert tx.commit_if(GrantLive(grant.grant_id, AT + MINUTE, Carried((consent.consent_id,))))
