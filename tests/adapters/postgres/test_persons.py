"""Persons: found by keyed hash, one per BSN, everything about them sealed (rule 31)."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import psycopg2
import pytest
from psycopg2 import sql

from tests.adapters.postgres.postgres_records import AT, BSN, OTHER_BSN, a_consent, a_grant, a_person, all_at_once, make
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.errors import SealBrokenError
from vad.domain.age import BirthDate
from vad.domain.audit import LoginSucceeded
from vad.domain.identifiers import Bsn, PersonId
from vad.domain.person import Evidence

EVIDENCE = Evidence(BirthDate(1984, 8), deceased=False, register="brp 2.2", answered_at=AT + timedelta(microseconds=7))


def test_the_same_bsn_is_the_same_person(work: PostgresWork) -> None:
    """A person is added once and found ever after; another BSN is another person."""
    bsn = Bsn("999991103")
    first = a_person(work, bsn)
    assert a_person(work, bsn) == first
    assert a_person(work, OTHER_BSN) != first
    with work() as tx:
        person = tx.persons.get(first)
        assert person is not None
        assert (person.bsn, person.evidence) == (bsn, None)
        assert tx.persons.get(PersonId(uuid4())) is None


def test_two_at_once_make_one_person(work: PostgresWork, database: FreshDatabase) -> None:
    """However many logins of one new person arrive together, there is one row and all get it."""
    bsn = Bsn("999990457")
    found = all_at_once(12, lambda: a_person(work, bsn))
    assert len(set(found)) == 1
    assert ask(database.app_url, "SELECT count(*) FROM persons WHERE person_id = %s", (str(found[0]),)) == [(1,)]


def test_evidence_comes_back_as_it_was_kept(work: PostgresWork) -> None:
    """The last register answer is kept, to the microsecond and with what it does not know."""
    person_id = a_person(work)
    for evidence in (Evidence(BirthDate(), deceased=True, register="x", answered_at=AT), EVIDENCE):
        with work() as tx:
            tx.persons.keep_evidence(person_id, evidence)
            tx.commit()
        with work() as tx:
            person = tx.persons.get(person_id)
            assert person is not None
            assert person.evidence == evidence


@pytest.mark.parametrize(("value", "key"), [("bsn_sealed", "bsn_key_id"), ("evidence_sealed", "evidence_key_id")])
def test_a_sealed_value_opens_in_its_own_place_alone(
    work: PostgresWork, database: FreshDatabase, value: str, key: str
) -> None:
    """Whoever can write to the database can't give one person another's BSN or age: the row is part of the seal."""
    mine, other = a_person(work), a_person(work, OTHER_BSN)
    with work() as tx:
        for person_id in (mine, other):
            tx.persons.keep_evidence(person_id, EVIDENCE)
        tx.commit()
    columns = sql.SQL("{}, {}").format(sql.Identifier(value), sql.Identifier(key))
    get = sql.SQL("SELECT {} FROM persons WHERE person_id = %s").format(columns)
    put = sql.SQL("UPDATE persons SET ({}) = (%s, %s) WHERE person_id = %s").format(columns)
    own, foreign = (ask(database.migrate_url, get, (str(person_id),))[0] for person_id in (mine, other))
    ask(database.migrate_url, put, (*foreign, str(mine)))
    with work() as tx, pytest.raises(SealBrokenError):
        tx.persons.get(mine)
    ask(database.migrate_url, put, (*own, str(mine)))
    with work() as tx:
        assert tx.persons.get(mine) is not None


def test_a_sealed_value_does_not_open_in_another_column(work: PostgresWork, database: FreshDatabase) -> None:
    """Evidence can't pass for a BSN, nor the other way round."""
    person_id = a_person(work, Bsn("999990664"))
    ask(
        database.migrate_url,
        "UPDATE persons SET evidence_sealed = bsn_sealed, evidence_key_id = bsn_key_id WHERE person_id = %s",
        (str(person_id),),
    )
    with work() as tx, pytest.raises(SealBrokenError):
        tx.persons.get(person_id)


def test_no_bsn_in_a_dump_of_the_database(work: PostgresWork, database: FreshDatabase) -> None:
    """Rule 31: whoever gets hold of a backup finds no BSN and no birth date, as text, bytes or hexadecimal."""
    person_id = a_person(work)
    make(work, a_grant(person_id))
    with work() as tx:
        tx.persons.keep_evidence(person_id, EVIDENCE)
        tx.consents.add([a_consent(person_id)])
        tx.audit.append(LoginSucceeded(actor=person_id, represented=person_id), at=AT)
        tx.outbox.add("mail", {"person": str(person_id)}, AT)
        tx.commit()
    dump = b"\n".join(
        row[0].encode()
        for (name,) in ask(database.superuser_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for row in ask(database.superuser_url, sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)))
    )
    digits = BSN.reveal().encode()
    assert str(person_id).encode() in dump
    for secret in (digits, b'"birth"'):
        assert secret not in dump
        assert secret.hex().encode() not in dump
    assert hashlib.sha256(digits).hexdigest().encode() not in dump


def test_the_service_can_not_rewrite_who_somebody_is(work: PostgresWork, database: FreshDatabase) -> None:
    """The role of the service may replace evidence, never a BSN, and may delete nobody."""
    a_person(work)
    for statement in (
        "UPDATE persons SET bsn_sealed = ''",
        "UPDATE persons SET bsn_lookup = bsn_lookup",
        "DELETE FROM persons",
        "TRUNCATE persons CASCADE",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(database.app_url, statement)
