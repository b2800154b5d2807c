"""Consents: what stands, how use moves its end on, and that a lapse is written down once."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.adapters.postgres.postgres_records import AT, BSN, OTHER_BSN, a_consent, a_grant, a_person, all_at_once
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.consent import Consent, Duration
from vad.domain.identifiers import ClientId, ConsentId, PersonId
from vad.services.ports.records import UnitOfWork

NEXT_YEAR = AT + timedelta(days=365)


@pytest.fixture
def person(work: PostgresWork) -> PersonId:
    """Give a person."""
    return a_person(work, BSN)


def _stored(work: PostgresWork, *consents: Consent) -> None:
    with work() as tx:
        tx.consents.add(consents)
        tx.commit()


def _of(tx: UnitOfWork, person: PersonId, *consent_ids: ConsentId) -> dict[ConsentId, Consent]:
    standing = tx.standings.of_unwritten(replace(a_grant(person), consents=consent_ids))
    assert standing is not None
    return {consent.consent_id: consent for consent in standing.consents}


def test_consents_come_back_as_they_were_given(work: PostgresWork, person: PersonId) -> None:
    """By id: either duration, in one answer; unknown ids are left out, and no ids ask nothing."""
    standing, once = a_consent(person), a_consent(person, Duration.ONCE, AT + timedelta(hours=1))
    to_log_in = replace(a_consent(person), data_services=frozenset(), withdrawn_at=AT + timedelta(seconds=5))
    _stored(work, standing, once, to_log_in)
    with work() as tx:
        ids = [standing.consent_id, once.consent_id, to_log_in.consent_id, ConsentId(uuid4())]
        found = _of(tx, person, *ids)
        assert found == {consent.consent_id: consent for consent in (standing, once, to_log_in)}
        assert _of(tx, person) == {}


def test_standing_consents_are_those_of_one_person_subject_and_app(work: PostgresWork, person: PersonId) -> None:
    """A consent for once, for another app, by another person or about another person is not among them."""
    other = a_person(work, OTHER_BSN)
    mine = replace(a_consent(person), client_id=ClientId("app-a"))
    _stored(
        work,
        mine,
        replace(a_consent(person, Duration.ONCE, NEXT_YEAR), client_id=ClientId("app-a")),
        replace(a_consent(person), client_id=ClientId("app-b")),
        replace(a_consent(other), client_id=ClientId("app-a")),
        replace(a_consent(person), client_id=ClientId("app-a"), subject=other),
    )
    with work() as tx:
        standing = tx.standings.of_request(person, person, ClientId("app-a"), ())
        assert standing is not None
        assert standing.consents == (mine,)


def test_a_consent_that_was_given_for_a_request_counts_for_it(work: PostgresWork, person: PersonId) -> None:
    """For once too, beside those that stand; not if it is for another app or by somebody else."""
    app, other = ClientId("app-c"), a_person(work, OTHER_BSN)
    once = replace(a_consent(person, Duration.ONCE, NEXT_YEAR), client_id=app)
    standing = replace(a_consent(person), client_id=app)
    elsewhere = replace(a_consent(person, Duration.ONCE, NEXT_YEAR), client_id=ClientId("app-d"))
    theirs = replace(a_consent(other, Duration.ONCE, NEXT_YEAR), client_id=app)
    _stored(work, once, standing, elsewhere, theirs)
    with work() as tx:
        asked = [once.consent_id, elsewhere.consent_id, theirs.consent_id]
        found = tx.standings.of_request(person, person, app, asked)
        assert found is not None
        assert {each.consent_id for each in found.consents} == {once.consent_id, standing.consent_id}
        assert tx.standings.of_request(PersonId(uuid4()), person, app, asked) is None


def test_use_moves_the_end_on_and_never_back(work: PostgresWork, person: PersonId) -> None:
    """Only a consent "until I stop" moves; one that was withdrawn stays as it ended."""
    standing, once = a_consent(person), a_consent(person, Duration.ONCE, AT + timedelta(hours=1))
    withdrawn = replace(a_consent(person), withdrawn_at=AT)
    _stored(work, standing, once, withdrawn)
    ids = [standing.consent_id, once.consent_id, withdrawn.consent_id]
    for until in (NEXT_YEAR, AT + timedelta(days=1)):
        with work() as tx:
            tx.consents.extend(ids, until)
            tx.commit()
    with work() as tx:
        ends = {consent_id: consent.until for consent_id, consent in _of(tx, person, *ids).items()}
    assert ends == {
        standing.consent_id: NEXT_YEAR,
        once.consent_id: once.until,
        withdrawn.consent_id: withdrawn.until,
    }


def test_a_lapse_is_recorded_once_whoever_looks(work: PostgresWork, person: PersonId) -> None:
    """Any number of workers find each lapsed consent once; ends that are ahead, withdrawn or for once are none."""
    lapsed = [a_consent(person, until=AT + timedelta(days=day)) for day in (1, 2, 3)]
    _stored(
        work,
        *lapsed,
        a_consent(person, until=NEXT_YEAR),
        a_consent(person, Duration.ONCE, AT + timedelta(days=1)),
        replace(a_consent(person, until=AT + timedelta(days=1)), withdrawn_at=AT),
    )

    def look() -> list[ConsentId]:
        with work() as tx:
            found = tx.consents.lapsed_unrecorded(AT + timedelta(days=3), limit=2)
            tx.commit()
        return [consent.consent_id for consent in found]

    seen = [consent_id for found in (*all_at_once(4, look), look(), look()) for consent_id in found]
    assert sorted(seen) == sorted(consent.consent_id for consent in lapsed)


def test_a_lapse_is_forgotten_when_its_event_does_not_commit(work: PostgresWork, person: PersonId) -> None:
    """Marking a consent as recorded commits with the event or not at all."""
    consent = a_consent(person, until=AT + timedelta(minutes=1))
    _stored(work, consent)
    for commits in (False, True):
        with work() as tx:
            found = tx.consents.lapsed_unrecorded(AT + timedelta(minutes=1), limit=100)
            assert consent.consent_id in {each.consent_id for each in found}
            if commits:
                tx.commit()


def test_a_recorded_lapse_is_final(work: PostgresWork, person: PersonId) -> None:
    """What the log says has ended is never revived by a use that comes late."""
    consent = a_consent(person, until=AT + timedelta(seconds=30))
    _stored(work, consent)
    with work() as tx:
        tx.consents.lapsed_unrecorded(AT + timedelta(seconds=30), limit=100)
        tx.consents.extend([consent.consent_id], NEXT_YEAR)
        tx.commit()
    with work() as tx:
        assert _of(tx, person, consent.consent_id)[consent.consent_id].until == consent.until


def test_the_database_refuses_a_consent_that_ends_before_it_begins(
    work: PostgresWork, database: FreshDatabase, person: PersonId
) -> None:
    """The rule holds even for a program that forgets it; the error names the rule and no value."""
    with work() as tx, pytest.raises(StoreFaultError, match="ck_consents_ends_after_it_begins") as refused:
        tx.consents.add([a_consent(person, until=AT)])
    assert str(person) not in str(refused.value)
    assert ask(database.app_url, "SELECT count(*) FROM consents WHERE until <= given_at") == [(0,)]
