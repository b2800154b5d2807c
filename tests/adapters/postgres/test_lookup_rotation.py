"""The look-up key changes while people log in: one BSN is one person, whatever the processes know of the keys."""

from collections.abc import Callable
from contextlib import closing
from threading import Event, Thread

import psycopg2
import pytest

from tests.adapters.postgres.lookup_under_test import (
    MASTER,
    STAGES,
    Operator,
    Process,
    database,
    log_in_at_once,
    operator,
    start,
)
from tests.adapters.postgres.postgres_records import AT
from tests.support.bsns import bsns
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.person_keys import PostgresPersonKeys
from vad.adapters.postgres.sealed_columns import BATCH
from vad.adapters.vault.errors import RotationRefusedError
from vad.adapters.vault.keys import KeyState
from vad.adapters.vault.rotation import SPREAD
from vad.domain.identifiers import Bsn, PersonId

__all__ = ["database", "operator", "start"]


@pytest.mark.slow
def test_at_every_stage_one_bsn_is_one_person(
    operator: Operator, start: Callable[[], Process], database: FreshDatabase
) -> None:
    """Twice through the whole rotation: processes of every former stage log somebody new in, all at one moment.

    Whoever was known before is the same person at every stage, to a process of any stage.
    """
    people, known = bsns(), dict[Bsn, PersonId]()
    steps = ["nothing", *STAGES, *STAGES]
    waiting: list[list[Process]] = []
    for stage, step in enumerate(steps):
        if step != "nothing":
            operator.takes(step)
        # One for this stage and each one to come: whoever is used hears of the keys, and is not behind any more.
        waiting.append([start() for _ in steps[stage:]])
        processes = [behind.pop() for behind in waiting]
        bsn = next(people)
        found = log_in_at_once(processes, bsn)
        assert len(found) == 1, f"stage {stage}: {step}"
        (known[bsn],) = found
        for process in processes:
            assert {each: process.log_in(each) for each in known} == known, f"stage {stage}: {step}"
            process.close()
    assert ask(database.app_url, "SELECT count(*) FROM persons") == [(len(steps),)]
    ((slot, made_by),) = ask(
        database.app_url, "SELECT slot, key_id FROM keys WHERE purpose = 'lookup' AND state = 'active'"
    )
    assert slot == 1, "back where it began"
    assert ask(database.app_url, "SELECT DISTINCT bsn_lookup_key_id, bsn_lookup_next_key_id FROM persons") == [
        (made_by, None)
    ]


@pytest.mark.slow
def test_people_log_in_while_the_key_changes(
    operator: Operator, start: Callable[[], Process], database: FreshDatabase
) -> None:
    """Without a pause and without waiting for anybody: nobody is refused, and nobody becomes two."""
    processes, people, over = [start() for _ in range(3)], bsns(), Event()
    failures: list[BaseException] = []
    found: dict[Bsn, set[PersonId]] = {}

    def log_everybody_in() -> None:
        try:
            while not over.is_set():
                bsn = next(people)
                known = list(found)[-3:]
                found[bsn] = log_in_at_once(processes, bsn)
                for each in known:
                    found[each] |= {process.log_in(each) for process in processes}
        except BaseException as error:  # noqa: BLE001 - told by the test itself
            failures.append(error)

    logins = Thread(target=log_everybody_in)
    logins.start()
    try:
        for step in STAGES * 2:
            enough = len(found) + 3
            while len(found) < enough and logins.is_alive():
                over.wait(0.01)
            operator.takes(step)
    finally:
        over.set()
        logins.join()
    assert failures == []
    assert len(found) > 30
    assert {len(persons) for persons in found.values()} == {1}
    assert ask(database.app_url, "SELECT count(*) FROM persons") == [(len(found),)]


def test_a_key_by_which_somebody_is_not_found_stays_next(
    operator: Operator, start: Callable[[], Process], database: FreshDatabase
) -> None:
    """Not even at once: first everybody is hashed anew. A retired key goes when its hashes have gone."""
    process, people = start(), bsns()
    persons = {bsn: process.log_in(bsn) for bsn in (next(people) for _ in range(BATCH + 1))}
    operator.rotates(AT, at_once=True)
    (coming,) = operator.keys(KeyState.NEXT)
    assert coming.slot == 2
    with pytest.raises(RotationRefusedError, match=f"{BATCH + 1} persons are not found"):
        operator.rotates(AT, at_once=True)
    # Interrupted after one batch: what was done stays done.
    assert next(PostgresPersonKeys(operator.owner, MASTER).hash_anew()) == BATCH
    with pytest.raises(RotationRefusedError, match="1 persons are not found"):
        operator.rotates(AT, at_once=True)
    assert operator.hashes_anew() == 1
    operator.rotates(AT, at_once=True)
    (old,) = operator.keys(KeyState.RETIRED)
    with pytest.raises(RotationRefusedError, match="destroy it first"):
        operator.rotates(AT + SPREAD)
    with pytest.raises(RotationRefusedError, match=f"needed by {BATCH + 1} rows"):
        operator.rotation.destroy(old.key_id, AT + SPREAD)
    assert operator.hashes_anew() == BATCH + 1
    operator.rotation.destroy(old.key_id, AT + SPREAD)
    assert {bsn: process.log_in(bsn) for bsn in persons} == persons
    assert ask(database.app_url, "SELECT count(*) FROM persons WHERE bsn_lookup IS NOT NULL") == [(0,)]


def test_persons_who_are_being_written_are_for_the_next_round(
    operator: Operator, start: Callable[[], Process], database: FreshDatabase
) -> None:
    """Hashing anew waits for nobody, and nobody is forgotten."""
    people = bsns()
    persons = [start().log_in(next(people)) for _ in range(3)]
    operator.takes("publish")
    with closing(psycopg2.connect(database.migrate_url.replace("+psycopg2", "", 1))) as other, other.cursor() as cursor:
        cursor.execute("SELECT FROM persons WHERE person_id = %s FOR UPDATE", (str(persons[1]),))
        assert operator.hashes_anew() == 2
        with pytest.raises(RotationRefusedError, match="1 persons are not found"):
            operator.takes("activate")
        other.rollback()  # closing alone would be noticed by the server some time later
    assert operator.hashes_anew() == 1
    operator.takes("activate")
