"""A curator acts for somebody under curatele: made by two of the staff, through to the token (rule 29)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.backroom import Backroom
from tests.support.mandate_pages import at_home, log_in_for
from tests.support.person import ANNEKE, PIETER, SAMIRA, Person
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.support.town import Town
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.vault.randomness import SystemRandomness
from vad.domain.identifiers import Bsn, MandateId, PersonId
from vad.domain.mandate import Mandate, MandateState
from vad.domain.mandate_legal import LegalKind
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.services.mandate_legal import Case, MandatesByLaw

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


@pytest.fixture
def by_law(vad_town: Town, backroom: Backroom) -> MandatesByLaw:
    """Give the use case."""
    parties = vad_town.app.extensions["vad.services"].mandates.making.parties
    return MandatesByLaw(backroom.foundation.work, parties, SystemRandomness())


def people(backroom: Backroom, *bsns: str) -> list[PersonId]:
    """Their ids, whether or not they ever logged in."""
    with backroom.foundation.work() as tx:
        found = [tx.persons.find_or_add(Bsn(bsn), datetime.now(UTC)).person_id for bsn in bsns]
        tx.commit()
    return found


def case(represented: PersonId, representative: PersonId, kind: LegalKind = LegalKind.CURATOR) -> Case:
    """Give a case: two kinds of data with every app, to be reviewed in a year."""
    review = (datetime.now(UTC) + timedelta(days=365)).date()
    return Case(represented, representative, (("48", ""), ("51", "")), kind, "C/10/123456", review)


def why_not(call: Callable[[], object]) -> Unable | None:
    """Why it can't be."""
    try:
        call()
    except MandateUnableError as error:
        return error.why
    return None


def test_a_curator_all_the_way_to_the_token(
    by_law: MandatesByLaw, acting_rp: RelyingParty, new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """Proposed by one, approved by another; curatele is what it rests on, and no end of it."""
    willem, anneke, pieter, samira = people(backroom, WILLEM, ANNEKE, PIETER, SAMIRA)
    now = datetime.now(UTC)
    proposed = by_law.propose(pieter, case(willem, anneke), now)
    curator = new_person()
    assert "U mag alleen uw eigen gegevens bekijken" in at_home(curator, ANNEKE, "/mijn/machtigingen/gekregen").text
    assert why_not(lambda: by_law.approve(pieter, proposed.mandate_id, now)) is Unable.SAME_EYES
    assert why_not(lambda: by_law.approve(anneke, proposed.mandate_id, now)) is Unable.OWN_CASE
    assert by_law.approve(samira, proposed.mandate_id, now).state is MandateState.ACTIVE
    assert why_not(lambda: by_law.approve(samira, proposed.mandate_id, now)) is Unable.MOVED_ON
    asked = acting_rp.ask(resources=(SOURCE,), scope="openid 48 51")
    page = log_in_for(acting_rp, curator, ANNEKE, WILLEMS_NAME, asked)
    assert "U bent de wettelijk vertegenwoordiger" in page.text
    curator.press("acting-continue")
    curator.consent(duration="until_stopped")
    assert curator.answer is not None, curator.page.text
    held = acting_rp.redeem(asked, curator.answer["code"]).json()
    token = claims_of(acting_rp.exchange(held["access_token"], SOURCE).json()["access_token"])
    assert token["authorization_details"][0]["basis"] == "urn:nl-vad:1.0:RT:Wettelijke_Vertegenwoordiging"
    assert backroom.mandate_upkeep().recheck(now + timedelta(hours=25)) == 1
    assert not backroom.events("mandate.ended")
    approved, made = backroom.events("mandate.approved")[-1], backroom.events("mandate.proposed")[-1]
    assert (str(made["actor"]), str(approved["actor"])) == (str(pieter), str(samira))
    assert approved["evidence"]["reference"] == "C/10/123456"
    listed = at_home(curator, ANNEKE, "/mijn/machtigingen/gekregen")
    assert "stop-1" in listed.elements
    assert "end-1" not in listed.elements


def test_what_is_refused(by_law: MandatesByLaw, backroom: Backroom) -> None:
    """Somebody who is not under curatele has no curator; nobody proposes their own case; a no is the end of it."""
    willem, anneke, pieter, samira = people(backroom, WILLEM, ANNEKE, PIETER, SAMIRA)
    now = datetime.now(UTC)
    assert why_not(lambda: by_law.propose(pieter, case(samira, anneke), now)) is Unable.NOT_THAT_KIND
    assert why_not(lambda: by_law.propose(anneke, case(willem, anneke), now)) is Unable.OWN_CASE
    assert why_not(lambda: by_law.propose(pieter, case(anneke, willem), now)) is Unable.CURATELE
    proposed = by_law.propose(pieter, case(willem, anneke), now)
    assert by_law.refuse(pieter, proposed.mandate_id, now).state is MandateState.DECLINED
    assert why_not(lambda: by_law.approve(samira, proposed.mandate_id, now)) is Unable.MOVED_ON
    assert why_not(lambda: by_law.approve(samira, MandateId(willem), now)) is Unable.MOVED_ON


def written(backroom: Backroom, offered: Mandate, approving: PersonId | None, active: Mandate) -> None:
    """Write it as somebody would who has the rights of the service and nothing of its rules."""
    with backroom.foundation.work() as tx:
        tx.mandates.keep(offered)
        if approving is not None:
            tx.legal_mandates.approve(offered.mandate_id, approving)
        tx.mandates.keep(active)
        tx.commit()


def test_the_database_counts_eyes_too(by_law: MandatesByLaw, backroom: Backroom) -> None:
    """Nothing is live that was not approved; and what approves is not who proposed, nor one of the two."""
    willem, anneke, pieter, _ = people(backroom, WILLEM, ANNEKE, PIETER, SAMIRA)
    now = datetime.now(UTC)
    proposed = by_law.propose(pieter, case(willem, anneke), now)
    offered = proposed.moved(MandateState.OFFERED, now)
    for approving in (None, pieter, anneke):
        with pytest.raises(StoreFaultError):
            written(backroom, offered, approving, offered.begun(now, now))
    assert backroom.ask("SELECT state FROM mandates") == [(MandateState.REQUESTED.value,)]
