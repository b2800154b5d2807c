"""Mandates in the database: read whole, moved one step at a time, held by what is issued on them (rules 25 to 27)."""

import contextlib
import itertools
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg2
import psycopg2.errors
import pytest

from tests.adapters.postgres.mandate_records import added, an_offer, in_force, kept
from tests.adapters.postgres.postgres_records import (
    AT,
    PGO,
    all_at_once,
)
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import MOVES, Mandate, MandateState, Permission

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
S = MandateState


def read(work: PostgresWork, mandate_id: MandateId) -> Mandate | None:
    """Read it back."""
    with work() as tx:
        return tx.mandates.get(mandate_id)


def test_it_comes_back_as_it_was(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """Every part of it, by its id, by its code and by either person; the name that was written is forgotten in time."""
    offered = an_offer(people, "48", "63", client=PGO)
    code_hash = added(work, offered)
    assert read(work, offered.mandate_id) == offered
    with work() as tx:
        coded = tx.mandates.by_code((code_hash,))
        assert coded is not None
        assert (coded.mandate, coded.wrong_tries) == (offered, 0)
        assert tx.mandates.by_code((secrets.token_bytes(32),)) is None
        assert tx.mandates.of(people[0], AT) == (offered,)
        assert tx.mandates.of(people[1], AT) == ()
        assert tx.mandates.waiting(people[0], AT) == 1
        assert tx.mandates.waiting(people[0], offered.answer_by) == 0
    reached = offered.reached(people[1], AT)
    active = reached.moved(S.ACTIVE, AT + MINUTE)
    kept(work, reached, active)
    known = replace(active, label="")
    with work() as tx:
        assert tx.mandates.of(people[1], AT) == (known,)
        assert tx.mandates.active(*people) == (known,)
        assert tx.mandates.active(people[1], people[0]) == ()
        assert tx.mandates.waiting(people[0], AT) == 0


def test_what_its_maker_wrote_is_sealed(
    work: PostgresWork, people: tuple[PersonId, PersonId], database: FreshDatabase
) -> None:
    """Nobody reads a name in the database; it can't be moved to another row either."""
    first, second = an_offer(people), an_offer(people)
    added(work, first)
    added(work, second)
    dump = "".join(str(row) for row in ask(database.superuser_url, "SELECT to_jsonb(m)::text FROM mandates m"))
    assert "Fleur" not in dump
    assert b"Fleur".hex() not in dump
    ask(
        database.superuser_url,
        "UPDATE mandates SET label_sealed = (SELECT label_sealed FROM mandates WHERE mandate_id = %s) "
        "WHERE mandate_id = %s",
        (str(first.mandate_id), str(second.mandate_id)),
    )
    with pytest.raises(Exception, match="can't be opened"):
        read(work, second.mandate_id)


def test_the_database_knows_the_moves_too(
    work: PostgresWork, people: tuple[PersonId, PersonId], database: FreshDatabase
) -> None:
    """Rule 25: whatever program writes there, from each state to each other, only listed moves exist."""
    mandate = replace(an_offer(people), representative=people[1])
    added(work, mandate)
    done = set()
    with psycopg2.connect(database.superuser_url.replace("+psycopg2", "")) as connection, connection.cursor() as cursor:
        for state, to in itertools.permutations(S, 2):
            cursor.execute("SAVEPOINT before; ALTER TABLE mandates DISABLE TRIGGER check_mandate")
            cursor.execute("UPDATE mandates SET state = %s", (state.value,))
            cursor.execute("ALTER TABLE mandates ENABLE ALWAYS TRIGGER check_mandate")
            with contextlib.suppress(psycopg2.errors.CheckViolation):
                cursor.execute("UPDATE mandates SET state = %s, version = version + 1", (to.value,))
                done.add((state, to))
            cursor.execute("ROLLBACK TO SAVEPOINT before")
    assert done == {(state, to) for state, reached in MOVES.items() for to in reached}


def _set(database: FreshDatabase, mandate: Mandate, what: str) -> None:
    ask(
        database.migrate_url,
        f"UPDATE mandates SET {what} WHERE mandate_id = %s",  # noqa: S608 - of this file
        (str(mandate.mandate_id),),
    )


@pytest.mark.parametrize(
    "what",
    [
        "representative = represented",
        "representative = NULL",
        "represented = NULL",
        "version = version + 2",
        "ends_at = ends_at + interval '1 day'",  # without a number
        "ends_at = starts_at, version = version + 1",
        "ends_at = now() + interval '9 years', version = version + 1",
        "code_tries = 6",
    ],
)
def test_what_the_database_refuses(
    work: PostgresWork, people: tuple[PersonId, PersonId], database: FreshDatabase, what: str
) -> None:
    """Rules 20, 22 and 25: two people, known for good; a term; one move at a time."""
    mandate = in_force(work, people)
    with pytest.raises(Exception, match=r"(?i)check|constraint"):
        _set(database, mandate, what)


def test_one_of_several_is_first(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """Rule 25: whoever writes the same version second has written nothing."""
    mandate = in_force(work, people)
    stopped = mandate.moved(S.REVOKED, AT)
    assert sorted(all_at_once(4, lambda: kept(work, stopped)[0])) == [False, False, False, True]
    assert read(work, mandate.mandate_id) == stopped


def test_no_two_live_mandates_hold_one_permission(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """Rule 26: the database refuses the second, and takes it once the first is over or has lost that permission."""
    first = in_force(work, people, "48", "63")
    with pytest.raises(StoreFaultError, match="uq_permissions_live"):
        in_force(work, people, "63")
    less = first.narrowed({each.permission_id for each in first.permissions if each.data_service == "48"}, AT)
    kept(work, less)
    in_force(work, people, "63")
    kept(work, less.moved(S.REVOKED, AT))
    in_force(work, people, "48")
    in_force(work, people, "48", client=PGO)
    in_force(work, people[::-1], "48")


def test_whether_it_is_live_is_nobodys_to_write(
    work: PostgresWork, people: tuple[PersonId, PersonId], database: FreshDatabase
) -> None:
    """The role of the service may not make a permission live, nor give it back once it was stopped."""
    mandate = in_force(work, people)
    for what in ("live = true", "represented = NULL", "data_service = '63'"):
        with pytest.raises(Exception, match="permission denied"):
            ask(database.app_url, f"UPDATE permissions SET {what}")  # noqa: S608 - of this file
    kept(work, replace(mandate.moved(S.REVOKED, AT), permissions=_stopped(mandate)))
    with pytest.raises(Exception, match="stopped for good"):
        ask(database.app_url, "UPDATE permissions SET stopped_at = NULL")


def _stopped(mandate: Mandate) -> tuple[Permission, ...]:
    return tuple(replace(each, stopped_at=AT) for each in mandate.permissions)


def test_its_first_use_is_noted_once(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """Of any number at once, one is the first; the last use only moves on."""
    mandate = in_force(work, people)

    def use() -> bool:
        with work() as tx:
            first = tx.mandates.used(mandate.mandate_id, AT + MINUTE)
            tx.commit()
        return first

    assert sorted(all_at_once(3, use)) == [False, False, True]
    with work() as tx:
        assert not tx.mandates.used(mandate.mandate_id, AT)
        tx.commit()
    known = read(work, mandate.mandate_id)
    assert known is not None
    assert known.last_used_at == AT + MINUTE


def test_a_code_can_be_made_anew(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """Rule 24: the one before finds nothing, and its wrong tries are not counted against it."""
    offered = an_offer(people)
    old, new = added(work, offered), secrets.token_bytes(32)
    with work() as tx:
        for _ in range(7):
            tx.mandates.tried(offered.mandate_id)
        coded = tx.mandates.by_code((old,))
        assert coded is not None
        assert coded.wrong_tries == 5
        later = replace(offered, version=2, answer_by=AT + 60 * DAY)
        assert tx.mandates.recode(later, new)
        assert not tx.mandates.recode(later, old)
        tx.commit()
    with work() as tx:
        assert tx.mandates.by_code((old,)) is None
        coded = tx.mandates.by_code((new,))
    assert coded is not None
    assert (coded.mandate, coded.wrong_tries) == (later, 0)


def test_what_the_clock_has_ended_is_found_once(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """Rule 25: whoever writes it down first has done it."""
    offered, active = an_offer(people), in_force(work, people)
    added(work, offered)
    with work() as first, work() as second:
        assert first.mandates.overdue(AT + 31 * DAY, 10) == (offered,)
        assert second.mandates.overdue(AT + 31 * DAY, 10) == (offered,)
    with work() as tx:
        assert set(tx.mandates.overdue(active.ends_at, 10)) == {offered, active}
        assert tx.mandates.overdue(AT, 10) == ()


def test_each_has_its_turn_to_be_checked(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """Rule 27: live ones, each again only after a day."""
    active: Any = in_force(work, people)
    added(work, an_offer(people))
    with work() as tx:
        assert tx.mandates.to_check(AT, AT + DAY, 10) == (active,)
        assert tx.mandates.to_check(AT, AT + DAY, 10) == ()
        tx.commit()


def test_holding_people_holds_off_others(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """Whoever changes what two people have between them waits for whoever does; in whatever order they are named."""

    def change(number: int) -> list[int]:
        with work() as tx:
            tx.mandates.hold(*(people if number % 2 else people[::-1]))
            before = tx.mandates.waiting(people[0], AT)
            tx.mandates.add(an_offer(people), secrets.token_bytes(32))
            tx.commit()
        return [before]

    seen = all_at_once(4, lambda: change(secrets.randbelow(2)))
    assert sorted(before for each in seen for before in each) == [0, 1, 2, 3]
