"""What has a term goes when that is over, wherever it stands: words of staff with their month, cases after theirs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from tests.adapters.postgres.kept_log import Kept, kept
from tests.adapters.postgres.postgres_records import AT, a_person
from tests.adapters.postgres.test_log_archive import MONTH, WHY, old
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres import log_archive
from vad.adapters.postgres.case_terms import ClosedCases
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.case import Case, CaseOutcome, CaseState, CaseText, Reach, TextKind
from vad.domain.identifiers import CaseId, StaffId

__all__ = ["kept", "old"]

_COPIES = """
    WITH somebody AS (
        INSERT INTO persons (person_id, bsn_lookup, bsn_lookup_key_id, bsn_sealed, bsn_key_id, created_at)
        SELECT gen_random_uuid(), sha256('x'), 'noise', 'x', 'x', now() RETURNING person_id
    ), account AS (
        INSERT INTO staff_accounts (account_id, issuer, subject, person_id, enrolled_at)
        SELECT gen_random_uuid(), 'x', 'x', person_id, now() FROM somebody RETURNING account_id, person_id
    ), taken AS (
        INSERT INTO break_glass (break_glass_id, account_id, person_id, action, reason, case_number, taken_at, ends_at)
        SELECT gen_random_uuid(), account_id, person_id, 'x', at, at, at::timestamptz, now()
        FROM account, unnest(%s) AS at
    )
    INSERT INTO staff_requests (request_id, kind, payload, concerning, account, person, reason, case_number,
        requested_at, expires_at, state)
    SELECT gen_random_uuid(), 'x', '{}', '{}', account_id, person_id, at, at, at::timestamptz, now(), 'requested'
    FROM account, unnest(%s) AS at
"""
_WORDS = """
    SELECT reason, case_number FROM staff_requests UNION ALL SELECT reason, case_number FROM break_glass ORDER BY 1
"""


def test_words_of_staff_go_with_their_month(old: Kept, tmp_path: Path) -> None:
    """Rule 41: a purge takes what events keep apart, and the copies of it at requests and emergency access."""
    months = ["2020-01-31 23:59Z", "2020-02-01 00:00Z", "2020-02-29 23:59Z", "2020-03-01 00:00Z"]
    database, file = old.database, tmp_path / "2020-02.jsonl"
    ask(database.superuser_url, "ALTER TABLE persons DISABLE TRIGGER USER")
    ask(database.superuser_url, _COPIES, (months, months))
    owner = Database(database.migrate_url)
    log_archive.write(old.connections, MONTH, file)
    log_archive.purge(owner, MONTH, file, AT, WHY)
    owner.close()
    assert ask(database.superuser_url, _WORDS) == [("", "")] * 4 + [(at, at) for at in months[::3] for _ in "12"]


def test_a_case_goes_after_its_term(work: PostgresWork, database: FreshDatabase) -> None:
    """Rule 41: some years after its answer, with all texts; not what is open, and never within a year."""
    at, person, cases = datetime.now(UTC), a_person(work), {}
    for years, closed in ((2.1, True), (1.9, True), (0.9, True), (9, False)):
        made = at - timedelta(days=years * 365.25)
        case = Case(CaseId(uuid4()), person, Reach.LETTER, made)
        with work() as tx:
            tx.cases.add(case, CaseText(uuid4(), case.case_id, TextKind.COMPLAINT, made, "Dit was ik niet."))
            tx.commit()
        cases[years] = case.case_id
        if closed:
            ask(
                database.superuser_url,
                "UPDATE cases SET state = %s, taken_by = %s, taken_at = made_at, closed_at = made_at, outcome = %s"
                " WHERE case_id = %s",
                (CaseState.CLOSED.value, str(StaffId(uuid4())), CaseOutcome.EXPLAINED.value, str(case.case_id)),
            )
    worker = Database(database.worker_url)
    assert [ClosedCases(worker, 2)(at), ClosedCases(worker, 2)(at)] == [1, 0]
    with work() as tx:
        assert {case.case_id for case in tx.cases.of(person)} == set(cases.values()) - {cases[2.1]}
        assert len(tx.cases.texts(list(cases.values()))) == 3
    # A setting or a clock that is wrong by a century takes nothing that the database itself finds too new.
    assert ClosedCases(worker, 1)(at + timedelta(days=36_525)) == 1
    with work() as tx:
        assert {case.case_id for case in tx.cases.of(person)} == {cases[0.9], cases[9]}
    worker.close()
