"""Two of the staff switch off that somebody acts for a child: at once, tokens that are out included (rule 18)."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.backroom import Backroom
from tests.support.person import IRIS, PIETER, SEM_8, TOM, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.staff_office import WHY, StaffOffice
from tests.web.test_acting import SOURCE, act
from vad.domain.approval import OutdatedError
from vad.domain.block import BlockReason
from vad.domain.errors import NotPermittedError, OwnCaseError
from vad.domain.identifiers import Bsn, PersonId, RequestId
from vad.domain.mandate import TermError
from vad.domain.staff import StaffAction, StaffMember, StaffRole
from vad.services import staff_blocks
from vad.services.found_persons import NobodyFoundError
from vad.services.staff_blocks import WantedBlock


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave nothing switched off, and nobody's answers at hand."""
    backroom.forget_minors()
    backroom.forget_consents()
    yield
    backroom.ask("DELETE FROM blocks; DELETE FROM outbox; DELETE FROM notices")
    backroom.forget_consents()


def next_month() -> date:
    """Give a last day."""
    return (datetime.now(UTC) + timedelta(days=30)).date()


def between(child: PersonId, against: PersonId | None) -> WantedBlock:
    """Give what is filled in."""
    return WantedBlock(child, against, BlockReason.CARE_PROVIDER, next_month())


def placed(office: StaffOffice, wanted: WantedBlock) -> RequestId:
    """Let two of the staff place it."""
    return office.agreed(lambda member, why, at: office.deciding.blocks.ask_to_place(member, wanted, why, at))


def lifted(office: StaffOffice) -> RequestId:
    """Let two of the staff lift the one that there is."""
    [[block], _] = office.deciding.blocks.standing(office.asker, datetime.now(UTC))
    return office.agreed(lambda member, why, at: office.deciding.blocks.ask_to_lift(member, block.block_id, why, at))


@pytest.mark.parametrize("everybody", [False, True])
def test_a_block_counts_at_once_and_until_it_is_lifted(
    acting_rp: RelyingParty,
    source: RelyingParty,
    person: Person,
    office: StaffOffice,
    backroom: Backroom,
    everybody: bool,  # noqa: FBT001 - a case
) -> None:
    """Refresh, exchange, introspection and userinfo within the second; afterwards the parent is asked anew."""
    held = act(acting_rp, person)
    at_source = acting_rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    assert source.introspect(at_source).json()["active"]
    child, parent = backroom.person_id(SEM_8), backroom.person_id(IRIS)
    placed(office, between(child, None if everybody else parent))
    began = time.monotonic()
    assert acting_rp.exchange(held["access_token"], SOURCE).json()["error"] == "invalid_grant"
    assert acting_rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
    assert source.introspect(at_source).json() == {"active": False}
    assert acting_rp.userinfo(held["access_token"]).status_code == 401
    assert time.monotonic() - began < 1
    [event] = backroom.events("block.placed")
    assert (event["actor"], event["staff"]) == (None, str(office.second.account))
    assert (event["represented"], event["reason"]) == (str(child), "care_provider")
    assert event["evidence"].get("against") == (None if everybody else str(parent))
    withdrawn = backroom.events("consent.withdrawn")
    assert {(each["actor"], each["reason"]) for each in withdrawn} == {(str(parent), "blocked")}
    lifted(office)
    assert acting_rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant", "consent stays ended"
    assert [each["staff"] for each in backroom.events("block.lifted")] == [str(office.second.account)]


def test_a_block_of_one_parent_leaves_the_other_alone(
    acting_rp: RelyingParty, person: Person, office: StaffOffice, backroom: Backroom
) -> None:
    """Child by person: the other parent goes on (rule 17)."""
    placed(office, between(backroom.person_id(SEM_8), backroom.person_id(IRIS)))
    assert act(acting_rp, person, bsn=TOM)["access_token"]


def why_not(office: StaffOffice, wanted: WantedBlock, member: StaffMember | None = None) -> str:
    """Why this one can't even be asked for."""
    with pytest.raises(OutdatedError) as refused:
        office.deciding.blocks.ask_to_place(member or office.asker, wanted, WHY, datetime.now(UTC))
    return refused.value.why


def test_what_makes_no_sense_is_not_asked_for(office: StaffOffice, backroom: Backroom) -> None:
    """Twice the same, against oneself, about nobody, without an end in reach; and nothing about oneself."""
    child, parent = backroom.person_id(SEM_8), backroom.person_id(IRIS)
    placed(office, between(child, parent))
    assert why_not(office, between(child, parent)) == "block_there"
    assert why_not(office, between(child, child)) == "block_oneself"
    assert why_not(office, between(child, PersonId(office.asker.account))) == "nobody"
    for days in (-1, 366 * 6):
        wanted = replace(between(child, parent), last_day=(datetime.now(UTC) + timedelta(days=days)).date())
        with pytest.raises(TermError):
            office.deciding.blocks.ask_to_place(office.asker, wanted, WHY, datetime.now(UTC))
    for about in (between(office.asker.person, parent), between(child, office.asker.person)):
        with pytest.raises(OwnCaseError):
            office.deciding.blocks.ask_to_place(office.asker, about, WHY, datetime.now(UTC))
    for role in (StaffRole.AUDITOR, StaffRole.CLIENT_MANAGER):
        with pytest.raises(NotPermittedError):
            office.deciding.blocks.ask_to_place(
                office.with_role(role).asker, between(child, None), WHY, datetime.now(UTC)
            )


def test_after_one_that_ended_another_can_be_placed(office: StaffOffice, backroom: Backroom) -> None:
    """One that the clock ended is in nobody's way; one that was lifted meanwhile can't be lifted again."""
    child, parent = backroom.person_id(SEM_8), backroom.person_id(IRIS)
    placed(office, between(child, parent))
    backroom.ask("UPDATE blocks SET placed_at = now() - interval '2 days', until = now() - interval '1 day'")
    assert office.deciding.blocks.standing(office.asker, datetime.now(UTC)) == ((), None)
    placed(office, between(child, parent))
    [[block], _] = office.deciding.blocks.standing(office.asker, datetime.now(UTC))
    now = datetime.now(UTC)
    twice = [office.deciding.blocks.ask_to_lift(office.asker, block.block_id, WHY, now) for _ in range(2)]
    office.deciding.approvals.approve(office.second, twice[0], now)
    with pytest.raises(OutdatedError, match="block_gone"):
        office.deciding.approvals.approve(office.second, twice[1], now)
    assert backroom.events("approval.refused")[-1]["reason"] == "block_gone"


def test_a_person_is_found_by_reference_or_bsn(office: StaffOffice, backroom: Backroom) -> None:
    """Also one who never was at VAD, if the BRP knows them; what can't be is told from nobody by nothing."""
    now, action = datetime.now(UTC), StaffAction.BLOCKS_CHANGE

    def find(text: str, member: StaffMember = office.asker) -> PersonId:
        return office.deciding.persons.find(member, action, text, WHY, now)

    child = backroom.person_id(SEM_8)
    reference = office.deciding.persons.references.of
    assert find(reference(child).lower()) == child
    assert find(str(child)) == child
    assert find(f" {SEM_8[:4]} {SEM_8[4:]} ") == child
    [event] = backroom.events("person.sought")
    assert (event["staff"], event["represented"]) == (str(office.asker.account), str(child))
    [erasable] = backroom.ask("SELECT fields FROM audit_erasable WHERE event_id = %s", event["event_id"])
    assert erasable == (WHY.erasable,)
    with pytest.raises(OwnCaseError):
        find(PIETER)
    with pytest.raises(NotPermittedError):
        find(SEM_8, office.with_role(StaffRole.AUDITOR).asker)
    assert len(backroom.events("person.sought")) == 2, "nothing is asked for who may not ask"
    before = backroom.ask("SELECT count(*) FROM persons")
    for text in (
        str(office.asker.account),
        reference(PersonId(office.asker.account)),
        "123456789",
        Bsn("999990020").reveal(),
        "",
        "Sem",
    ):
        with pytest.raises(NobodyFoundError):
            find(text)
    assert backroom.ask("SELECT count(*) FROM persons") == before
    [event] = backroom.events("person.not_found")
    assert (event["staff"], event["represented"]) == (str(office.asker.account), None)


def test_of_any_number_of_blocks_each_can_be_lifted(
    office: StaffOffice, backroom: Backroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have pages, the newest first; one that stands on no page that was looked at is lifted all the same."""
    monkeypatch.setattr(staff_blocks, "PAGE", 2)
    parent, now = backroom.person_id(IRIS), datetime.now(UTC)
    for child in (SEM_8, PIETER, TOM):
        backroom.ask(
            "INSERT INTO blocks (block_id, subject, kind, target, placed_by, placed_at, until, reason) VALUES"
            " (gen_random_uuid(), %s, 'representative', %s, 'staff', now(), now() + interval '1 day', 'safety')",
            str(backroom.person_id(child)),
            str(parent),
        )
    shown, further = office.deciding.blocks.standing(office.asker, datetime.now(UTC))
    assert [each.subject for each in shown] == [backroom.person_id(TOM)], "Pieter asks: his own is left out"
    assert further is not None
    [last], end = office.deciding.blocks.standing(office.asker, datetime.now(UTC), further)
    assert (last.subject, end) == (backroom.person_id(SEM_8), None)
    office.agreed(lambda member, why, at: office.deciding.blocks.ask_to_lift(member, last.block_id, why, at))
    with pytest.raises(OutdatedError, match="block_gone"):
        office.deciding.blocks.ask_to_lift(office.asker, last.block_id, WHY, now)
