"""How PostgreSQL goes about the statements of VAD once its tables are full: a crowd of rows, a spy, and a judge."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest

from tests.support.database import ask
from vad.adapters.postgres.query import Statement
from vad.adapters.postgres.transaction import Transaction

SMALL = frozenset(
    {
        "admissions",
        "alembic_version",
        "client_registrations",
        "clients",
        "configuration_version",
        "data_services",
        "keys",
        "outbox",
        "registration_tokens",
        "resource_servers",
    }
)
"""These hold what is registered, or what is still to be delivered: as little with a million persons as with one."""
# The planner knows nothing of what a row says, so what is sealed here is noise. What it weighs is numbers: each person
# has some consents, withdrawn and standing, some logins with an app, a mandate given and one held, and what is rarer.
_CROWD = """
    INSERT INTO persons (person_id, bsn_lookup, bsn_lookup_key_id, bsn_sealed, bsn_key_id, created_at)
        SELECT gen_random_uuid(), sha256(n::text::bytea), key_id, 'noise', key_id, now()
        FROM keys, generate_series(1, 10000) AS n WHERE purpose = 'lookup';
    CREATE TEMP TABLE crowd AS
        SELECT person_id, lead(person_id, 1, person_id) OVER () AS other, row_number() OVER () AS n FROM persons;
    INSERT INTO consents
        SELECT gen_random_uuid(), person_id, person_id, 'rp-' || k, 'https://source.example', '{51}',
            CASE k % 2 WHEN 0 THEN 'once' ELSE 'until_stopped' END, now() - interval '1 day',
            now() + n * interval '1 hour', CASE k WHEN 1 THEN now() END
        FROM crowd, generate_series(1, 5) AS k;
    INSERT INTO mandates (mandate_id, route, state, represented, representative, starts_at, ends_at, made_at, answer_by,
            changed_at, version, code_hash, checked_at)
        SELECT gen_random_uuid(), 'offer', 'offered', person_id, other, now(),
            now() + n * interval '181 minutes', now(), now() + n * interval '1 hour', now(), 1, sha256(n::text::bytea),
            now() + n * interval '1 hour'
        FROM crowd WHERE person_id <> other;
    INSERT INTO permissions (permission_id, mandate_id, data_service, resource, client_id)
        SELECT gen_random_uuid(), mandate_id, service, '', '' FROM mandates, unnest('{48,51}'::text[]) AS service;
    UPDATE mandates SET state = 'active', version = 2 WHERE code_hash < '\\x80';
    INSERT INTO mandate_letters (mandate_id, addressee, stop_hash)
        SELECT mandate_id, represented, sha256(code_hash) FROM mandates WHERE state = 'active';
    INSERT INTO grants
        SELECT gen_random_uuid(), sha256(convert_to(n || ' ' || k, 'UTF8')), 'sid ' || n, 'rp-' || k, person_id,
            person_id, 20, now(), now() + interval '1 hour', '{51}', '{https://source.example}', '{}', now(),
            CASE k WHEN 1 THEN 'active' ELSE 'ended' END, 0
        FROM crowd, generate_series(1, 3) AS k;
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, represented, client_id, resource, sid,
            grant_id, correlation_id, evidence)
        SELECT gen_random_uuid(), now() - k * interval '9 days' + n * interval '1 second', 'token.issued', 'success',
            person_id, person_id, 'rp-' || k, 'https://source-' || n % 9 || '.example', 'sid ' || n, person_id,
            md5(n::text), '{}'
        FROM crowd, generate_series(1, 5) AS k;
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, represented, basis, evidence)
        SELECT gen_random_uuid(), now() - k * interval '9 days', 'token.issued', 'success', representative, represented,
            CASE k WHEN 5 THEN 'parental_authority' ELSE 'mandate' END, jsonb_build_object('mandate', mandate_id)
        FROM mandates, generate_series(1, 5) AS k WHERE state = 'active';
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, represented, evidence)
        SELECT gen_random_uuid(), now() - interval '20 days', 'person.deceased', 'success', person_id, '{}'
        FROM crowd WHERE n % 100 = 0;
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)
        SELECT gen_random_uuid(), now() - interval '3 days', 'log.thinned', 'success', jsonb_build_object('hour', hour)
        FROM (SELECT date_trunc('hour', now()) - n * interval '1 hour' AS hour FROM generate_series(10, 1999) AS n)
            AS hours;
    INSERT INTO log_thinnings
        SELECT (evidence ->> 'hour')::timestamptz, ARRAY[row_number() OVER ()], 9, event_id
        FROM audit_events WHERE type = 'log.thinned';
    INSERT INTO log_checkpoints
        SELECT kept[1], sha256('noise'), 'noise', hour + interval '59 minutes',
            (pg_current_xact_id()::text::bigint + 1)::text::xid8, 1, kept[1] - 1
        FROM log_thinnings;
    INSERT INTO log_leaves
        SELECT row_number() OVER () - 1, event_id, recorded_at, sha256('noise') FROM audit_events;
    INSERT INTO audit_erasable SELECT event_id, recorded_at, 'noise', '{}' FROM audit_events;
    INSERT INTO blocks
        SELECT gen_random_uuid(), person_id, 'client', 'rp-9', 'subject', now(), NULL, NULL FROM crowd;
    INSERT INTO staff_requests (request_id, kind, payload, concerning, account, person, reason, case_number,
            requested_at, expires_at, state)
        SELECT gen_random_uuid(), 'noise', '{}', '{}', gen_random_uuid(), person_id, '', '', now(),
            now() + n * interval '1 hour', 'requested'
        FROM crowd;
    INSERT INTO assents
        SELECT gen_random_uuid(), person_id, other, '51', 25, now(), now() + interval '1 year', NULL
        FROM crowd WHERE person_id <> other;
    INSERT INTO contacts
        SELECT gen_random_uuid(), person_id, 'noise', 'none', 'nl', state, now(), 0,
            CASE state WHEN 'pending' THEN NULL ELSE now() END, CASE state WHEN 'former' THEN now() END
        FROM crowd, unnest('{pending,confirmed,former}'::text[]) AS state;
    INSERT INTO notices SELECT gen_random_uuid(), person_id, 'mandate_ends_soon', person_id::text, now() FROM crowd;
    INSERT INTO cases (case_id, reference, person_id, reach, state, made_at)
        SELECT gen_random_uuid(), 'M' || n, person_id, 'letter', 'open', now() FROM crowd;
    INSERT INTO case_texts
        SELECT gen_random_uuid(), case_id, 'complaint', NULL, made_at, 'noise', 'none' FROM cases;
    INSERT INTO birthdays SELECT person_id, other, 12, '2099-01-01', 0, NULL FROM crowd;
    INSERT INTO staff_accounts (account_id, issuer, subject, person_id, enrolled_at)
        SELECT person_id, 'noise', n::text, person_id, now() FROM crowd WHERE n <= 2;
    INSERT INTO break_glass (break_glass_id, account_id, person_id, action, reason, case_number, taken_at, ends_at,
            reviewed_account, reviewed_person, reviewed_at, verdict)
        SELECT gen_random_uuid(), one.person_id, one.person_id, 'noise', '', '', now() - n * interval '1 hour',
            now() - (n - 1) * interval '1 hour', one.other, one.other, now(), 'justified'
        FROM (SELECT person_id, other FROM crowd WHERE n = 1) AS one, generate_series(1, 10000) AS n;
    INSERT INTO handled_signals
        SELECT 'wrong_codes', c.person_id::text, '2001-01-01', a.person_id, now()
        FROM crowd AS c, (SELECT person_id FROM crowd WHERE n = 1) AS a;
    DROP TABLE crowd;
"""


def frames(text: str) -> bool:
    """Whether a statement is no question, but begins or ends a transaction or a cursor, or goes on reading one."""
    return text.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SET ", "FETCH ", "CLOSE "))


def crowd(superuser_url: str) -> None:
    """Let ten thousand people have used VAD, and let PostgreSQL know it."""
    ask(superuser_url, _CROWD)
    ask(superuser_url, "VACUUM ANALYZE")


@contextmanager
def explaining(superuser_url: str, options: str, settings: str = "") -> Iterator[Callable[[Statement], dict[str, Any]]]:
    """Give a function that tells the plan of a statement, as VAD's connections have it; nothing is left of a run."""
    connection = psycopg2.connect(superuser_url.replace("+psycopg2", "", 1))
    prepared: set[str] = set()

    def explain(statement: Statement) -> dict[str, Any]:
        text, values, preparation = statement
        with connection.cursor() as cursor:
            if preparation is not None and preparation not in prepared:
                cursor.execute(preparation)
                prepared.add(preparation)
            cursor.execute(f"EXPLAIN ({options}, FORMAT JSON) {text}", values)
            plan: dict[str, Any] = cursor.fetchall()[0][0][0]["Plan"]
        connection.rollback()
        return plan

    with closing(connection):
        with connection.cursor() as cursor:
            cursor.execute(f"SET plan_cache_mode = force_generic_plan; {settings}")
        connection.commit()
        yield explain


@dataclass
class Said:
    """The statements that went to PostgreSQL, each with the values that it had the last time."""

    statements: dict[str, Statement] = field(default_factory=dict)

    def add(self, statements: Sequence[Statement]) -> None:
        """Note them."""
        self.statements |= {each.preparation or each.text: each for each in statements if not frames(each.text)}

    def about(self, table: str) -> list[str]:
        """Those that name this table."""
        return [text for text in self.statements if f" {table}" in text]

    def faults(self, superuser_url: str, settings: str = "") -> list[str]:
        """What goes through a whole table or index, as PostgreSQL plans it now; nothing is run.

        `settings` are those under which all of it was asked.
        """
        with explaining(superuser_url, "COSTS", settings) as explain:
            return [
                f"{fault}\n    of {text}"
                for text, statement in self.statements.items()
                for fault in _faults(explain(statement))
            ]

    def vain(self, superuser_url: str, most: int) -> list[str]:
        """What reads more rows than that to leave them out again; run once more, and undone."""
        with explaining(superuser_url, "ANALYZE, TIMING OFF") as explain:
            left_out = {text: _left_out(explain(statement)) for text, statement in self.statements.items()}
        return [f"{number} rows in vain\n    of {text}" for text, number in left_out.items() if number > most]


def _left_out(node: dict[str, Any]) -> int:
    own = sum(node.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Join Filter", "Index Recheck"))
    return int(own * node["Actual Loops"]) + sum(map(_left_out, node.get("Plans", ())))


def _faults(node: dict[str, Any], *, first: bool = False) -> Iterator[str]:
    """`first`: only the first rows of it are read, those that stand first in an index."""
    kind, relation = node["Node Type"], node.get("Relation Name", "")
    if kind in {"Seq Scan", "Sample Scan"} and relation not in SMALL and not _empty(relation):
        yield f"{kind} on {relation}"
    scans = kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"} and "Index Cond" not in node
    if scans and not (first and "Filter" not in node):
        yield f"{kind} through all of {node['Index Name']}"
    for child in node.get("Plans", ()):
        yield from _faults(child, first=kind == "Limit" or (first and kind in {"Append", "Merge Append"}))


def _empty(relation: str) -> bool:
    """Whether it is the partition of a month that has not come yet, or of no month."""
    name, _, month = relation.partition("_2")
    return name.startswith("audit_") and (name.endswith("_default") or f"2{month}" > f"{datetime.now(UTC):%Y_%m}")


@contextmanager
def overheard(note: Callable[[Sequence[Statement]], None]) -> Iterator[None]:
    """Tell what every transaction of this process is about to say, trip by trip."""
    send = Transaction._send  # noqa: SLF001 - where all statements pass

    def noting(transaction: Transaction, *statements: Statement) -> Any:
        note(statements)
        return send(transaction, *statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transaction, "_send", noting)
        yield


@contextmanager
def listening() -> Iterator[Said]:
    """Note the statements that this process sends."""
    said = Said()
    with overheard(said.add):
        yield said
