"""What was switched off for a person's data (rules 3, 18 and 45)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.authorization_examples import AT_GP, BOTH, GP_SOURCE, HOSPITAL_SOURCE, sources_issued, step
from tests.domain.domain_examples import (
    APP,
    AT,
    GP,
    HOSPITAL,
    HOUR,
    ME,
    MY_CHILD,
    OTHER_APP,
    SECOND,
    SOMEBODY_ELSE,
    access_request,
    acting_facts,
    acting_request,
    authorization_request,
    consent,
    evidence,
    facts,
)
from vad.domain.access import Deny, Facts, Permit, decide
from vad.domain.authorization import AskConsent, Refuse
from vad.domain.block import Block, BlockKind, PlacedBy
from vad.domain.ground import DenyReason
from vad.domain.identifiers import BlockId, ClientId, PersonId, ResourceId

BLOCKED = Deny(DenyReason.BLOCKED)


def block(**changes: Any) -> Block:
    """Give my own block of the app, placed an hour ago."""
    values: dict[str, Any] = {
        "block_id": BlockId(UUID(int=9)),
        "subject": ME,
        "kind": BlockKind.CLIENT,
        "target": APP,
        "placed_by": PlacedBy.SUBJECT,
        "placed_at": AT - HOUR,
    }
    return Block(**values | changes)


SOURCE_OFF = block(kind=BlockKind.SOURCE, target=HOSPITAL)


@pytest.mark.parametrize("covering", [block(), SOURCE_OFF])
@pytest.mark.parametrize("placed_by", PlacedBy)
def test_a_block_is_stronger_than_consent(covering: Block, placed_by: PlacedBy) -> None:
    """Rule 3: whoever placed it; everything else is in order."""
    off = block(kind=covering.kind, target=covering.target, placed_by=placed_by, until=AT + HOUR)
    assert isinstance(decide(access_request(), facts(), AT), Permit)
    assert decide(access_request(), facts(blocks=(off,)), AT) == BLOCKED


@pytest.mark.parametrize(
    "elsewhere",
    [
        block(target=OTHER_APP),
        block(kind=BlockKind.SOURCE, target=GP),
        block(subject=SOMEBODY_ELSE),
        block(kind=BlockKind.REPRESENTATION, target=""),
        block(kind=BlockKind.REPRESENTATIVE, target=str(ME)),
        block(lifted_at=AT - SECOND),
        block(until=AT),
    ],
)
def test_a_block_of_something_else_is_in_nobodys_way(elsewhere: Block) -> None:
    """Rule 45: one's own data stays one's own where representation is off; a block that is over blocks nothing."""
    assert isinstance(decide(access_request(), facts(blocks=(elsewhere,)), AT), Permit)


@pytest.mark.parametrize(
    ("off", "allowed"),
    [
        (block(subject=MY_CHILD, kind=BlockKind.REPRESENTATION, target=""), False),
        (block(subject=MY_CHILD, kind=BlockKind.REPRESENTATIVE, target=str(ME)), False),
        (block(subject=MY_CHILD), False),
        (block(subject=MY_CHILD, kind=BlockKind.SOURCE, target=HOSPITAL), False),
        (block(subject=MY_CHILD, kind=BlockKind.REPRESENTATIVE, target=str(SOMEBODY_ELSE)), True),
        (block(kind=BlockKind.REPRESENTATION, target=""), True),
        (block(), True),
    ],
)
def test_acting_for_somebody(off: Block, *, allowed: bool) -> None:
    """Rules 3 and 18: everybody, this person, app or source; what the actor switched off is about their own data."""
    decision = decide(acting_request(), acting_facts(blocks=(off,)), AT)
    assert isinstance(decision, Permit) if allowed else decision == BLOCKED


def test_the_login_itself() -> None:
    """Rule 3: an app that is off cannot even log the person in; a source that is off has nothing to do with that."""
    login = access_request(source=None, data_services=frozenset())
    assert decide(login, facts(blocks=(block(),)), AT) == BLOCKED
    assert isinstance(decide(login, facts(blocks=(SOURCE_OFF,)), AT), Permit)


@given(
    kind=st.sampled_from(BlockKind),
    target=st.sampled_from(["", APP, OTHER_APP, HOSPITAL, GP, str(ME), str(SOMEBODY_ELSE)]),
    subject=st.sampled_from([ME, SOMEBODY_ELSE]),
    until=st.none() | st.timedeltas(timedelta(hours=-1), timedelta(hours=1)).map(lambda life: AT + life),
    lifted=st.none() | st.just(AT),
)
def test_a_block_never_opens_anything(
    kind: BlockKind, target: str, subject: PersonId, until: datetime | None, lifted: datetime | None
) -> None:
    """Rule 3: whatever is blocked, the decision is the one without it, or a refusal for it."""
    any_block = block(kind=kind, target=target, subject=subject, until=until, lifted_at=lifted)
    for actor in (ME, SOMEBODY_ELSE):
        asked = access_request(actor=actor)
        given_by_actor = (consent(person_id=actor),)
        without = decide(asked, facts(consents=given_by_actor), AT)
        assert decide(asked, facts(consents=given_by_actor, blocks=(any_block,)), AT) in (without, BLOCKED)


def test_a_source_that_is_off_is_as_good_as_not_asked_for() -> None:
    """Rule 45: nobody is asked to agree to it, and the rest of the request goes on."""
    request = authorization_request(**BOTH)
    both = (HOSPITAL_SOURCE, GP_SOURCE)
    known = Facts(evidence(), (), (SOURCE_OFF,))
    assert step(request=request, sources=both, facts=known) == AskConsent((GP_SOURCE,))
    agreed = Facts(evidence(), (consent(), consent(**AT_GP)), (SOURCE_OFF,))
    assert sources_issued(step(request=request, sources=both, facts=agreed)) == [None, GP]


@pytest.mark.parametrize("off", [block(), SOURCE_OFF])
@pytest.mark.parametrize("prompt", [frozenset(), frozenset({"consent"})])
def test_nothing_is_left_to_ask(off: Block, prompt: frozenset[str]) -> None:
    """Rule 3: with nothing left the app is refused, before anybody is asked for consent."""
    request = authorization_request(prompt=prompt)
    for consents in ((), (consent(),)):
        given_next = step(request=request, facts=Facts(evidence(), consents, (off,)))
        assert given_next == Refuse(DenyReason.BLOCKED)


def test_what_it_is_about() -> None:
    """A block of an app or a source covers whoever asks for this subject, and nobody else's data."""
    for actor in (ME, SOMEBODY_ELSE):
        assert block().covers(actor, ME, APP, None)
        assert SOURCE_OFF.covers(actor, ME, ClientId("any"), HOSPITAL)
        assert not SOURCE_OFF.covers(actor, ME, APP, ResourceId("https://any.example"))
        assert not block().covers(actor, SOMEBODY_ELSE, APP, HOSPITAL)
