"""Every step of the schema: a release of before goes on working (expand, then contract), and no row is lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.database import FreshDatabase, Server, ask, new_database, role_of
from vad.adapters.postgres import migrate

_FOLDER = Path(migrate.__file__).parent / "migrations" / "versions"
_MODULES = [import_module(f"vad.adapters.postgres.migrations.versions.{file.stem}") for file in _FOLDER.glob("v*.py")]
STEPS: dict[str, Any] = {module.revision: module for module in sorted(_MODULES, key=lambda module: module.revision)}
REVISIONS = list(STEPS)

_COLUMNS = """
SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, atthasdef
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND attnum > 0
    AND NOT attisdropped
"""
_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""
_UNIQUE = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indisunique AND relnamespace = 'public'::regnamespace AND NOT relispartition
"""
_RIGHTS = """
SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges
WHERE grantee = %s AND table_schema = 'public'
"""

# What a release of each revision wrote, into every table that came with it; # is a digit that keeps rows apart.
WRITTEN = {
    "0001": """
INSERT INTO clients (client_id, name, organisation, redirect_uris, jwks, sector, profile, grant_types,
    id_token_signed_response_alg, minimum_level, active, updated_at)
    VALUES ('app#', 'App', 'B.V.', '[]', '[]', 'app', 'nlgov', '{}', 'ES256', 20, true, now());
INSERT INTO data_services (data_service_id, name_nl, name_en, active, updated_at)
    VALUES ('4#', 'naam', 'name', true, now());
INSERT INTO resource_servers (identifier, name, organisation, data_services, identifier_type, encryption_jwk, oin,
    prs_scope, access_token_signing_alg, access_token_seconds, minimum_level, active, updated_at)
    VALUES ('https://s#', 'S', 'O', '{}', 'bsn_jwe', '{}', '', '', 'ES256', 300, 20, true, now());
INSERT INTO admissions (client_id, resource, data_service_id) VALUES ('app#', 'https://s#', '4#');
INSERT INTO keys (key_id, purpose, algorithm, state, sealed, public_jwk, created_at)
    VALUES ('signing#', 'signing', 'ES#', 'active', 'x', '{}', now());
UPDATE configuration_version SET version = version + 1
""",
    # The look-up key is made once, before anybody logs in.
    "0002": """
INSERT INTO keys (key_id, purpose, algorithm, state, sealed, created_at)
    VALUES ('lookup', 'lookup', 'HS256', 'active', 'x', now()) ON CONFLICT DO NOTHING;
INSERT INTO persons (person_id, bsn_lookup, bsn_lookup_key_id, bsn_sealed, bsn_key_id, created_at)
    VALUES (uuid_in(md5('#')::cstring), sha256('#'), 'lookup', 'x', 'seal', now());
INSERT INTO consents (consent_id, person_id, subject, client_id, resource, data_services, duration, given_at, until)
    SELECT person_id, person_id, person_id, 'app', 'r', '{}', 'once', now(), now() + interval '1 hour'
    FROM persons WHERE bsn_lookup = sha256('#');
INSERT INTO grants (grant_id, code_hash, sid, client_id, actor, subject, level, auth_time, session_ends_at,
    data_services, resources, consents, created_at, state, refresh_generation)
    SELECT person_id, sha256('#'), 's', 'app', person_id, person_id, 20, now(), now() + interval '1 hour',
    '{}', '{}', '{}', now(), 'active', 0 FROM persons WHERE bsn_lookup = sha256('#')
""",
    "0003": """
INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)
    VALUES (gen_random_uuid(), now(), 'x', 'success', '{}');
INSERT INTO outbox (message_id, kind, payload, created_at, due_at)
    VALUES (gen_random_uuid(), 'security-alert', '{}', now(), now())
""",
    "0008": """
INSERT INTO blocks (block_id, subject, kind, target, placed_by, placed_at)
    SELECT gen_random_uuid(), person_id, 'client', 'app', 'subject', now() FROM persons WHERE bsn_lookup = sha256('#')
""",
    "0010": """
INSERT INTO persons (person_id, bsn_lookup, bsn_lookup_key_id, bsn_sealed, bsn_key_id, created_at)
    VALUES (uuid_in(md5('parent of #')::cstring), sha256('parent of #'), 'lookup', 'x', 'seal', now());
INSERT INTO assents (assent_id, subject, actor, data_service, level, given_at, until)
    VALUES (gen_random_uuid(), uuid_in(md5('#')::cstring), uuid_in(md5('parent of #')::cstring), '48', 25, now(),
    now() + interval '1 hour')
""",
    "0011": """
INSERT INTO mandates (mandate_id, route, state, represented, starts_at, ends_at, made_at, answer_by, changed_at,
    version, checked_at)
    SELECT person_id, 'offer', 'offered', person_id, now(), now() + interval '1 year', now(),
    now() + interval '30 days', now(), 1, now() FROM persons WHERE bsn_lookup = sha256('#');
INSERT INTO permissions (permission_id, mandate_id, data_service, resource, client_id)
    SELECT gen_random_uuid(), person_id, '48', '', '' FROM persons WHERE bsn_lookup = sha256('#')
""",
    "0012": """
INSERT INTO contacts (contact_id, person_id, address_sealed, address_key_id, language, state, asked_at)
    SELECT gen_random_uuid(), person_id, 'x', 'seal', 'nl', 'pending', now() FROM persons
    WHERE bsn_lookup = sha256('#');
INSERT INTO notices (notice_id, person_id, notice, about, told_at)
    SELECT gen_random_uuid(), person_id, 'mandate.ended', 'x#', now() FROM persons WHERE bsn_lookup = sha256('#')
""",
    "0014": """
INSERT INTO birthdays (child, holder, years, month)
    SELECT person_id, person_id, 12, '2026-11-01' FROM persons WHERE bsn_lookup = sha256('#')
""",
    "0017": """
INSERT INTO mandates (mandate_id, route, state, representative, starts_at, ends_at, made_at, answer_by, changed_at,
    version, checked_at)
    SELECT uuid_in(md5('letter of #')::cstring), 'letter', 'requested', person_id, now(), now() + interval '1 year',
    now(), now() + interval '30 days', now(), 1, now() FROM persons WHERE bsn_lookup = sha256('#');
INSERT INTO mandate_letters (mandate_id, asked_sealed, asked_key_id)
    VALUES (uuid_in(md5('letter of #')::cstring), 'x', 'seal')
""",
    "0018": """
INSERT INTO legal_mandates (mandate_id, kind, reference, proposed_by)
    SELECT uuid_in(md5('letter of #')::cstring), 'curator', 'x', person_id FROM persons
    WHERE bsn_lookup = sha256('#')
""",
    "0019": """
INSERT INTO audit_erasable (event_id, recorded_at, salt, fields) VALUES (gen_random_uuid(), now(), 'x', '{}')
""",
    "0020": """
INSERT INTO staff_requests (request_id, kind, payload, concerning, account, person, reason, case_number, requested_at,
    expires_at, state)
    SELECT gen_random_uuid(), 'x', '{}', '{}', gen_random_uuid(), person_id, 'x', 'x', now(), now() + interval '7 days',
    'requested' FROM persons WHERE bsn_lookup = sha256('#')
""",
    "0022": """
INSERT INTO log_leaves VALUES (#, gen_random_uuid(), now(), sha256('#'));
INSERT INTO log_tiles VALUES (0, #, convert_to(repeat('0', 8192), 'UTF8'));
INSERT INTO log_checkpoints VALUES (#, sha256(''), 'x', now(), '1', 1);
INSERT INTO log_purges VALUES (date '200#-01-01', 1, sha256(''), gen_random_uuid(), now())
""",  # the sealed log
    "0023": """
INSERT INTO staff_accounts (account_id, issuer, subject, person_id, enrolled_at)
    SELECT gen_random_uuid(), 'x', '#', person_id, now() FROM persons WHERE bsn_lookup = sha256('#')
""",
    "0024": """
INSERT INTO break_glass (break_glass_id, account_id, person_id, action, reason, case_number, taken_at, ends_at)
    SELECT gen_random_uuid(), account_id, person_id, 'x', 'x', 'x', now(), now() + interval '1 hour'
    FROM staff_accounts WHERE subject = '#'
""",
    "0025": """
INSERT INTO handled_signals (kind, person, occasion, account_id, handled_at)
    SELECT 'x', '', '#', account_id, now() FROM staff_accounts WHERE subject = '#'
""",
    "0027": """
INSERT INTO cases (case_id, reference, person_id, reach, state, made_at)
    SELECT uuid_in(md5('case #')::cstring), 'M#', person_id, 'letter', 'open', now() FROM persons
    WHERE bsn_lookup = sha256('#');
INSERT INTO case_texts (text_id, case_id, kind, written_at, text_sealed, text_key_id)
    VALUES (gen_random_uuid(), uuid_in(md5('case #')::cstring), 'complaint', now(), 'x', 'seal')
""",
    "0030": """
UPDATE log_sealer SET single = true
""",
    "0040": """
INSERT INTO log_thinnings VALUES (now() + # * interval '1 hour', '{#}', #, gen_random_uuid())
""",
    "0043": """
INSERT INTO registration_tokens VALUES (sha256('token#'), 'nlgov', 'B.V.', false, 1, now(), now() + interval '1 day');
INSERT INTO client_registrations VALUES ('app#', sha256('manages#'), now())
""",
}


@dataclass
class Schema:
    """A database on its way."""

    database: FreshDatabase

    @property
    def app_role(self) -> str:
        """Who the service logs in as."""
        return role_of(self.database.app_url)

    def to(self, revision: str) -> None:
        """Go as far as a release of this revision."""
        migrate.upgrade(self.database.migrate_url, app_role=self.app_role, revision=revision)
        assert migrate.current(self.database.migrate_url) == revision

    def write(self, revision: str, number: int) -> None:
        """Write what a release of this revision writes."""
        for statement in statements(revision):
            ask(self.database.superuser_url, statement.replace("#", str(number)))

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table, but the mark of Alembic."""
        tables = ask(self.database.superuser_url, _TABLES)
        return {
            name: [row for (row,) in ask(self.database.superuser_url, f"SELECT to_jsonb(t) FROM {name} t ORDER BY 1")]  # noqa: S608
            for (name,) in tables
            if name != "alembic_version"
        }


@pytest.fixture
def schema(postgres: Server) -> Iterator[Schema]:
    """Give a database that was never migrated."""
    with new_database(postgres) as made:
        yield Schema(made)


def told(url: str) -> tuple[dict[tuple[str, str], tuple[str, bool, bool]], dict[str, str]]:
    """Its columns, and what is unique."""
    columns = {(table, name): (kind, must, given) for table, name, kind, must, given in ask(url, _COLUMNS)}
    return columns, dict(ask(url, _UNIQUE))


def narrowed(schema: Schema, step: Callable[[], None]) -> list[str]:
    """How a step hinders a release of before: what it counts on is gone, changed, or asked for in new rows."""
    url = schema.database.superuser_url
    (before, unique), held = told(url), set(ask(url, _RIGHTS, (schema.app_role,)))
    step()
    (after, still), holds = told(url), set(ask(url, _RIGHTS, (schema.app_role,)))
    tables = {table for table, _ in before}
    found = [f"{table}.{name} is gone" for table, name in before.keys() - after.keys()]
    found += [f"{name} is gone" for name in unique.keys() - still.keys()]
    found += [f"{name} was {was}" for name, was in unique.items() if still.get(name, was) != was]
    found += [f"the right {right} is gone" for right in held - holds]
    for (table, name), (kind, must, given) in after.items():
        former = before.get((table, name))
        if former is None and table in tables and must and not given:
            found.append(f"{table}.{name} is new and has no default")
        if former is not None and (kind != former[0] or (must and not former[1])):
            found.append(f"{table}.{name} was {former}")
        if former is not None and former[2] and not given:
            found.append(f"{table}.{name} has lost its default")
    return found


def test_each_step_only_adds(schema: Schema) -> None:
    """No table, column, unique index, right or default is taken, and none asked for; or it says that nobody uses it."""
    schema.to(REVISIONS[0])
    found = {after: narrowed(schema, partial(schema.to, after)) for after in REVISIONS[1:]}
    taking = {after for after in found if getattr(STEPS[after], "contract", "")}
    assert {after: faults for after, faults in found.items() if faults and after not in taking} == {}
    assert {after for after in taking if not found[after]} == set(), "they say that they take something away"


def test_what_narrows_is_found(schema: Schema) -> None:
    """The check of the check."""
    schema.to("0001")
    for statement, says in (
        ("ALTER TABLE clients RENAME COLUMN name TO title", "clients.name is gone"),
        ("DROP TABLE admissions", "admissions.resource is gone"),
        ("ALTER TABLE clients ADD COLUMN size int NOT NULL", "clients.size is new and has no default"),
        ("ALTER TABLE keys ALTER COLUMN public_jwk SET NOT NULL", "keys.public_jwk was"),
        ("ALTER TABLE clients ALTER COLUMN minimum_level TYPE int", "clients.minimum_level was"),
        ("DROP INDEX uq_keys_active", "uq_keys_active is gone"),
        ("REVOKE SELECT ON keys FROM {}", "the right ('keys', 'sealed', 'SELECT') is gone"),
    ):
        step = statement.format(f'"{schema.app_role}"')
        found = narrowed(schema, partial(_ask, schema.database.migrate_url, step))
        assert any(one.startswith(says) for one in found), (statement, found)


def _ask(url: str, statement: str) -> None:
    ask(url, statement)


def test_rows_of_every_release_stay_and_can_still_be_written(schema: Schema) -> None:
    """Each release writes rows in every table: the next step keeps all they say, and the newest takes them too."""
    for number, (revision, following) in enumerate(pairwise(REVISIONS)):
        schema.to(revision)
        schema.write(revision, number)
        before = schema.rows()
        assert [table for table, rows in before.items() if not rows and table in _known(revision)] == []
        schema.to(following)
        after = schema.rows()
        for table, rows in before.items():
            assert len(after[table]) == len(rows)
            for row in rows:
                assert any(row.items() <= _same(row, other).items() for other in after[table]), (table, row)
    for number, revision in enumerate(REVISIONS, len(REVISIONS)):
        before = schema.rows()
        schema.write(revision, number)
        grown = {table for table, rows in schema.rows().items() if len(rows) > len(before[table])}
        assert grown >= _known(revision) - {"configuration_version", "log_sealer"}, revision


def _same(row: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: other[name] for name in row if name in other}


def statements(revision: str) -> list[str]:
    """What a release of this revision wrote."""
    return [one.strip() for since, many in WRITTEN.items() if since <= revision for one in many.split(";")]


def _known(revision: str) -> set[str]:
    """The tables that it wrote."""
    return {one.split()[2 if one.startswith("INSERT") else 1] for one in statements(revision)}


def test_every_table_is_written(schema: Schema) -> None:
    """A table that comes later needs a row here too, under the revision that makes it."""
    schema.to(REVISIONS[-1])
    assert schema.rows().keys() == _known(REVISIONS[-1])
