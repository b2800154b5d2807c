"""Blocks: found with what a decision rests on, placed once, lifted by whoever placed them."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.adapters.postgres.postgres_records import (
    AT,
    BSN,
    HOSPITAL,
    OTHER_BSN,
    PGO,
    a_consent,
    a_grant,
    a_person,
    all_at_once,
)
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.audit import LoginSucceeded
from vad.domain.block import Block, BlockKind, PlacedBy
from vad.domain.consent import Duration
from vad.domain.identifiers import BlockId, ClientId, PersonId, ResourceId
from vad.services.ports.conditions import Carried, GrantLive, GrantMade, RefreshRotated

MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(work: PostgresWork, database: FreshDatabase) -> PersonId:
    """Give a person for whom nothing is switched off."""
    ask(database.superuser_url, "DELETE FROM blocks")
    return a_person(work, BSN)


def a_block(person: PersonId, kind: BlockKind = BlockKind.CLIENT, target: str = PGO) -> Block:
    """One that the person placed."""
    return Block(BlockId(uuid4()), person, kind, target, PlacedBy.SUBJECT, AT)


def _placed(work: PostgresWork, *blocks: Block) -> list[bool]:
    with work() as tx:
        added = [tx.blocks.add(block) for block in blocks]
        tx.commit()
    return added


def test_they_come_with_what_a_decision_rests_on(work: PostgresWork, person: PersonId) -> None:
    """By the subject, whoever acts, with consents or without; lifted ones are gone."""
    staff = replace(
        a_block(person, BlockKind.REPRESENTATIVE, str(uuid4())), placed_by=PlacedBy.STAFF, until=AT + MINUTE
    )
    blocks = (a_block(person), replace(a_block(person, BlockKind.REPRESENTATION, ""), placed_at=AT + MINUTE), staff)
    other = a_person(work, OTHER_BSN)
    lifted = replace(a_block(person, BlockKind.SOURCE, HOSPITAL), lifted_at=AT)
    assert all(_placed(work, *blocks, a_block(other), lifted))
    consent = a_consent(person)
    grant = replace(a_grant(person), consents=(consent.consent_id,))
    for_other = replace(a_grant(other), subject=person)
    with work() as tx:
        tx.consents.add([consent])
        tx.commit()
    for each in (grant, for_other):
        with work() as tx:
            assert tx.commit_if(GrantMade(each, AT, None))
    with work() as tx:
        assert set(tx.blocks.of(person)) == set(blocks)
        asked = tx.standings.of_request(person, person, PGO, ())
        found = [tx.standings.of(grant.grant_id), tx.standings.of(for_other.grant_id)]
        unwritten = [tx.standings.of_unwritten(a_grant(person)), tx.standings.of_unwritten(for_other)]
        for standing in (asked, *found, *unwritten):
            assert standing is not None
            assert set(standing.blocks) == set(blocks)
            assert standing.facts.blocks == standing.blocks
        theirs = tx.standings.of_request(other, other, PGO, ())
    assert theirs is not None
    assert [block.subject for block in theirs.blocks] == [other]


def test_the_same_twice_is_once(work: PostgresWork, person: PersonId) -> None:
    """Any number at once make one; lifted, it can be placed anew."""
    assert sorted(all_at_once(4, lambda: _placed(work, a_block(person))[0])) == [False, False, False, True]
    with work() as tx:
        (block,) = tx.blocks.of(person)
        assert tx.blocks.lift(block.block_id, person, AT) == replace(block, lifted_at=AT)
        tx.commit()
    assert _placed(work, a_block(person)) == [True]


def test_lifting_is_for_who_placed_it(work: PostgresWork, person: PersonId) -> None:
    """Not for somebody else, not for the subject where staff did it, not twice; a slow clock is no error."""
    other = a_person(work, OTHER_BSN)
    mine = a_block(person)
    theirs = replace(mine, block_id=BlockId(uuid4()), placed_by=PlacedBy.STAFF, until=AT + MINUTE)
    _placed(work, mine, theirs)
    with work() as tx:
        assert tx.blocks.lift(mine.block_id, other, AT) is None
        assert tx.blocks.lift(theirs.block_id, person, AT) is None
        assert tx.blocks.lift(mine.block_id, person, AT - MINUTE) == replace(mine, lifted_at=AT)
        assert tx.blocks.lift(mine.block_id, person, AT) is None
        assert tx.blocks.of(person) == (theirs,)


@pytest.mark.parametrize(("kind", "target", "ended"), [("client", PGO, {"app"}), ("source", HOSPITAL, {"at"})])
def test_consents_that_it_makes_worthless(
    work: PostgresWork, person: PersonId, kind: str, target: str, ended: set[str]
) -> None:
    """Of either duration and by whoever gave them, about this subject; others and ended ones stay."""
    other, elsewhere = a_person(work, OTHER_BSN), ResourceId("https://elsewhere.example")
    consents = {
        "app": replace(a_consent(person), resource=elsewhere),
        "at": replace(a_consent(person, Duration.ONCE, AT + MINUTE), client_id=ClientId("another")),
        "neither": replace(a_consent(person), resource=elsewhere, client_id=ClientId("another")),
        "theirs": a_consent(other),
        "over": replace(a_consent(person), withdrawn_at=AT),
    }
    with work() as tx:
        tx.consents.add(list(consents.values()))
        found = tx.consents.withdraw_covered(a_block(person, BlockKind(kind), target), AT)
    by_id = {consent.consent_id: name for name, consent in consents.items()}
    assert {by_id[each.consent_id] for each in found if each.consent_id in by_id} == ended


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"target": ""}, "ck_blocks_target_named"),
        ({"kind": BlockKind.REPRESENTATION}, "ck_blocks_target_named"),
        ({"until": AT}, "ck_blocks_ends_after_it_begins"),
        ({"lifted_at": AT - MINUTE}, "ck_blocks_lifted_after_placed"),
        ({"placed_by": PlacedBy.STAFF}, "ck_blocks_staff_say_until_when"),
    ],
)
def test_the_database_keeps_the_rules(
    work: PostgresWork, person: PersonId, changes: dict[str, object], rule: str
) -> None:
    """They hold even for a program that forgets them (rule 18: what staff place has an end)."""
    with work() as tx, pytest.raises(StoreFaultError, match=rule):
        tx.blocks.add(replace(a_block(person), **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "target", "open_to_actor"),
    [
        (BlockKind.REPRESENTATION, "", False),
        (BlockKind.REPRESENTATIVE, "actor", False),
        (BlockKind.REPRESENTATIVE, "somebody", True),
        (BlockKind.CLIENT, PGO, False),
        (BlockKind.CLIENT, "another", True),
    ],
)
def test_nothing_is_issued_past_a_block(
    work: PostgresWork, person: PersonId, kind: BlockKind, target: str, *, open_to_actor: bool
) -> None:
    """Rule 3: what was placed after the decision, while a register took its time, still stops each way to issue."""
    actor = a_person(work, OTHER_BSN)
    consent = replace(a_consent(actor), subject=person)
    grant = replace(a_grant(actor), subject=person, consents=(consent.consent_id,))
    later = replace(a_grant(actor), subject=person, consents=(consent.consent_id,))
    with work() as tx:
        tx.consents.add([consent])
        tx.commit()
    with work() as tx:
        assert tx.commit_if(GrantMade(grant, AT, Carried(grant.consents)))
    assert _placed(work, a_block(person, kind, str(actor) if target == "actor" else target)) == [True]
    for condition in (
        GrantMade(later, AT, Carried(later.consents)),
        GrantLive(grant.grant_id, AT, Carried(grant.consents)),
        RefreshRotated(grant.grant_id, 0, AT, Carried(grant.consents)),
    ):
        with work() as tx:
            tx.audit.append(LoginSucceeded(actor=actor), at=AT)
            assert tx.commit_if(condition) is open_to_actor
