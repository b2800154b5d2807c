"""A curator acts for somebody under curatele: made by two of the staff, through to the token (rule 29)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.domain.domain_examples import mandate
from tests.support.backroom import Backroom
from tests.support.mandate_pages import at_home, log_in_for
from tests.support.person import ANNEKE, FROUKE, PIETER, Person
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.support.staff_office import WHY, StaffOffice
from vad.adapters.postgres.errors import StoreFaultError
from vad.domain.approval import ApprovalError, OutdatedError
from vad.domain.errors import OwnCaseError
from vad.domain.identifiers import Bsn, MandateId, PersonId, RequestId
from vad.domain.mandate import Mandate, MandateState, Route
from vad.domain.mandate_legal import Legal, LegalKind
from vad.domain.mandate_parties import Unable
from vad.domain.staff import StaffMember
from vad.services.mandate_legal import WantedLegal

SOURCE = "https://source.example"
WILLEM, WILLEMS_NAME = "999992971", "Willem Kok"


@pytest.fixture(autouse=True)
def _nothing_left(backroom: Backroom) -> Iterator[None]:
    backroom.forget_mandates()
    backroom.forget_consents()
    yield
    backroom.ask("DELETE FROM outbox; DELETE FROM notices")
    backroom.forget_mandates()
    backroom.forget_consents()


def people(backroom: Backroom, *bsns: str) -> list[PersonId]:
    """Their ids, whether or not they ever logged in."""
    with backroom.foundation.work() as tx:
        found = [tx.persons.find_or_add(Bsn(bsn), datetime.now(UTC)).person_id for bsn in bsns]
        tx.commit()
    return found


def wanted_for(represented: PersonId, representative: PersonId, kind: LegalKind = LegalKind.CURATOR) -> WantedLegal:
    """Give two kinds of data with every app, to be reviewed in a year."""
    review = (datetime.now(UTC) + timedelta(days=365)).date()
    return WantedLegal(represented, representative, (("48", ""), ("51", "")), kind, "C/10/123456", review)


def asked(office: StaffOffice, wanted: WantedLegal, member: StaffMember | None = None) -> RequestId:
    """Let one of the staff ask for it."""
    return office.deciding.mandates_by_law.ask_to_make(member or office.asker, wanted, WHY, datetime.now(UTC))


def why_not(office: StaffOffice, wanted: WantedLegal) -> str:
    """Why it can't be."""
    with pytest.raises(OutdatedError) as refused:
        asked(office, wanted)
    return refused.value.why


def ended(office: StaffOffice) -> None:
    """Let two of the staff end the one that there is."""
    law = office.deciding.mandates_by_law
    [listed] = law.standing(office.asker, datetime.now(UTC))
    assert (listed.kind, listed.reference) == (LegalKind.CURATOR, "C/10/123456")
    office.agreed(lambda member, why, at: law.ask_to_end(member, listed.mandate_id, why, at))
    assert law.standing(office.asker, datetime.now(UTC)) == ()


def test_a_curator_all_the_way_to_the_token(
    office: StaffOffice,
    acting_rp: RelyingParty,
    source: RelyingParty,
    new_person: Callable[[], Person],
    backroom: Backroom,
) -> None:
    """Asked for by one, approved by another; curatele is what it rests on, and no end of it; two staff end it."""
    willem, anneke = people(backroom, WILLEM, ANNEKE)
    now, approvals = datetime.now(UTC), office.deciding.approvals
    request_id, curator = asked(office, wanted_for(willem, anneke)), new_person()
    assert "U mag alleen uw eigen gegevens bekijken" in at_home(curator, ANNEKE, "/mijn/machtigingen/gekregen").text
    with pytest.raises(ApprovalError, match="own_request"):
        approvals.approve(office.asker, request_id, now)
    with pytest.raises(OwnCaseError):
        approvals.approve(replace(office.second, person=anneke), request_id, now)
    approvals.approve(office.second, request_id, now)
    with pytest.raises(ApprovalError, match="over"):
        approvals.approve(office.second, request_id, now)
    wanted = acting_rp.ask(resources=(SOURCE,), scope="openid 48 51")
    page = log_in_for(acting_rp, curator, ANNEKE, WILLEMS_NAME, wanted)
    assert "U bent de wettelijk vertegenwoordiger" in page.text
    curator.press("acting-continue")
    curator.consent(duration="until_stopped")
    assert curator.answer is not None, curator.page.text
    held = acting_rp.redeem(wanted, curator.answer["code"]).json()
    at_source = acting_rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    basis = claims_of(at_source)["authorization_details"][0]["basis"]
    assert basis == "urn:nl-vad:1.0:RT:Wettelijke_Vertegenwoordiging"
    assert backroom.mandate_upkeep().recheck(now + timedelta(hours=25)) == 1
    assert not backroom.events("mandate.ended")
    [approved] = backroom.events("mandate.approved")
    assert (approved["actor"], approved["staff"]) == (None, str(office.second.account))
    assert approved["evidence"]["asked_by"] == str(office.asker.account)
    assert approved["evidence"]["reference"] == "C/10/123456"
    listed = at_home(curator, ANNEKE, "/mijn/machtigingen/gekregen")
    assert "stop-1" in listed.elements
    assert "end-1" not in listed.elements
    ended(office)
    assert source.introspect(at_source).json() == {"active": False}
    [over] = backroom.events("mandate.ended")
    assert (over["reason"], over["staff"]) == ("by_staff", str(office.second.account))


def test_what_is_refused(office: StaffOffice, backroom: Backroom) -> None:
    """What the register speaks against, a case of one's own, a block; and a no is the end of it."""
    willem, anneke = people(backroom, WILLEM, ANNEKE)
    assert why_not(office, wanted_for(anneke, backroom.person_id(FROUKE))) == Unable.NOT_THAT_KIND
    assert why_not(office, wanted_for(anneke, willem)) == Unable.CURATELE
    assert why_not(office, replace(wanted_for(willem, anneke), permissions=(("no such", ""),))) == Unable.NOTHING
    assert why_not(office, replace(wanted_for(willem, anneke), reference=" ")) == Unable.NOTHING
    with pytest.raises(OwnCaseError):
        asked(office, wanted_for(willem, office.asker.person))
    request_id = asked(office, wanted_for(willem, anneke))
    office.deciding.approvals.refuse(office.second, request_id, "There is no such decision", datetime.now(UTC))
    with pytest.raises(ApprovalError):
        office.deciding.approvals.approve(office.second, request_id, datetime.now(UTC))
    assert backroom.ask("SELECT count(*) FROM mandates") == [(0,)]


def test_what_changed_meanwhile_is_not_approved(office: StaffOffice, backroom: Backroom) -> None:
    """A block that was placed after the request is in the way, and closes it."""
    willem, anneke = people(backroom, WILLEM, ANNEKE)
    request_id = asked(office, wanted_for(willem, anneke))
    place = "INSERT INTO blocks VALUES (gen_random_uuid(), %s, 'representation', '', 'staff', now(), now() + '1 day')"
    backroom.ask(place, str(willem))
    with pytest.raises(OutdatedError, match=Unable.NEUTRAL):
        office.deciding.approvals.approve(office.second, request_id, datetime.now(UTC))
    backroom.ask("DELETE FROM blocks")
    with pytest.raises(ApprovalError):
        office.deciding.approvals.approve(office.second, request_id, datetime.now(UTC))


def written(backroom: Backroom, proposed: Mandate, by: PersonId, approving: PersonId | None) -> None:
    """Write it as somebody would who has the rights of the service and nothing of its rules."""
    now = datetime.now(UTC)
    offered = proposed.moved(MandateState.OFFERED, now)
    with backroom.foundation.work() as tx:
        tx.mandates.add(proposed, None)
        tx.legal_mandates.add(proposed.mandate_id, Legal(LegalKind.CURATOR, "C/10/123456", by))
        tx.mandates.keep(offered)
        if approving is not None:
            tx.legal_mandates.approve(offered.mandate_id, approving)
        tx.mandates.keep(offered.begun(now, now))
        tx.commit()


def test_the_database_counts_eyes_too(backroom: Backroom) -> None:
    """Nothing is live that was not approved; and what approves is not who proposed, nor one of the two."""
    willem, anneke, pieter = people(backroom, WILLEM, ANNEKE, PIETER)
    at = datetime.now(UTC)
    drawn = mandate(
        mandate_id=MandateId(uuid4()),
        route=Route.LEGAL,
        state=MandateState.REQUESTED,
        represented=willem,
        representative=anneke,
        starts_at=at,
        made_at=at,
        changed_at=at,
        answer_by=at + timedelta(days=1),
        ends_at=at + timedelta(days=9),
    )
    for approving in (None, pieter, anneke):
        with pytest.raises(StoreFaultError):
            written(backroom, drawn, pieter, approving)
    assert backroom.ask("SELECT count(*) FROM mandates") == [(0,)]
