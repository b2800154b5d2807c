"""The store of mandates by letter: who was asked is sealed until it is known, and a stop code is found by its hash."""

import secrets
from dataclasses import replace

import pytest

from tests.adapters.postgres.mandate_records import an_offer
from tests.adapters.postgres.postgres_records import AT
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.age import BirthDate
from vad.domain.identifiers import Bsn, PersonId
from vad.domain.mandate import Mandate, MandateState, Route
from vad.domain.mandate_letter import Addressee
from vad.services.ports.mandate_letters import AskedLetter, StopCoded

ASKED = Addressee(Bsn("999993057"), BirthDate(1938, 11))


def asked(work: PostgresWork, people: tuple[PersonId, PersonId]) -> Mandate:
    """Store a mandate that was asked for by letter."""
    mandate = replace(
        an_offer(people),
        route=Route.LETTER,
        state=MandateState.REQUESTED,
        represented=None,
        representative=people[1],
    )
    with work() as tx:
        tx.mandates.add(mandate, None)
        tx.mandate_letters.add(mandate.mandate_id, ASKED)
        tx.commit()
    return mandate


def test_who_was_asked_is_sealed_until_it_is_known(
    work: PostgresWork, database: FreshDatabase, people: tuple[PersonId, PersonId]
) -> None:
    """It comes back as it was written, stands nowhere in clear, and is gone with the answer, whatever that is."""
    mandate = asked(work, people)
    with work() as tx:
        assert tx.mandate_letters.get(mandate.mandate_id) == AskedLetter(ASKED, None)
    (row,) = ask(database.superuser_url, "SELECT t::text FROM mandate_letters t")
    assert "999993057" not in row[0]
    assert b"999993057".hex() not in row[0]
    with work() as tx:
        tx.mandate_letters.address(mandate.mandate_id, people[0])
        tx.commit()
    with work() as tx:
        assert tx.mandate_letters.get(mandate.mandate_id) == AskedLetter(None, people[0])
    assert ask(database.superuser_url, "SELECT count(*) FROM mandate_letters WHERE asked_sealed IS NOT NULL") == [(0,)]
    other = asked(work, people)
    with work() as tx:
        tx.mandate_letters.address(other.mandate_id, None)
        tx.commit()
    with work() as tx:
        assert tx.mandate_letters.get(other.mandate_id) == AskedLetter(None, None)
        assert tx.mandates.waiting(people[1], AT) == 2


def test_both_codes_find_it(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """By whichever of the hashes; each with whom it was sent to, and with how often somebody tried it."""
    mandate, code_hash, stop_hash = asked(work, people), secrets.token_bytes(32), secrets.token_bytes(32)
    with work() as tx:
        assert tx.mandates.by_code([code_hash]) is None
        tx.mandate_letters.address(mandate.mandate_id, people[0])
        tx.mandate_letters.keep_code(mandate.mandate_id, code_hash)
        tx.mandate_letters.keep_stop_code(mandate.mandate_id, stop_hash)
        for _ in range(7):
            tx.mandate_letters.tried(mandate.mandate_id)
        tx.commit()
    with work() as tx:
        coded = tx.mandates.by_code([secrets.token_bytes(32), code_hash])
        assert coded is not None
        assert (coded.giver, coded.for_person(people[1]), coded.for_person(people[0])) == (people[0], True, False)
        stop = tx.mandate_letters.by_stop_code([secrets.token_bytes(32), stop_hash])
        assert stop == StopCoded(mandate.mandate_id, people[0], 5)
        assert tx.mandate_letters.by_stop_code([code_hash]) is None


def test_none_is_in_force_that_nobody_could_stop(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """The database waits for the stop code too, and for that of the very person."""
    mandate = asked(work, people)
    offered = mandate.reached(people[0], AT).moved(MandateState.OFFERED, AT)
    with work() as tx:
        tx.mandate_letters.address(mandate.mandate_id, people[0])
        tx.mandates.keep(mandate.reached(people[0], AT))
        tx.mandates.keep(offered)
        tx.commit()
    with work() as tx, pytest.raises(StoreFaultError):
        tx.mandates.keep(offered.begun(AT, AT))
    with work() as tx:
        tx.mandate_letters.keep_stop_code(mandate.mandate_id, secrets.token_bytes(32))
        assert tx.mandates.keep(offered.begun(AT, AT))
        tx.commit()


def test_nobody_stops_what_went_to_nobody(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """A stop code without somebody whose birth date goes with it is refused by the database."""
    mandate = asked(work, people)
    with work() as tx, pytest.raises(StoreFaultError):
        tx.mandate_letters.keep_stop_code(mandate.mandate_id, secrets.token_bytes(32))
