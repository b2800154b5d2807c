"""What stands in the tables of apps that register themselves, and what PostgreSQL lets the service do there."""

import json
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest

from tests.support.backroom import Backroom
from tests.support.town import Town
from tests.web.oidc.registering import Issue, call, issued, key, metadata, registered
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.registration_queries import read_snapshot
from vad.adapters.postgres.registration_writer import PostgresRegistrationWriter
from vad.adapters.postgres.transaction import Transaction

__all__ = ["issued", "key"]


def test_the_database_checks_once_more(vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom) -> None:
    """Whoever has the service's own role writes no registration, and registers nothing without a token."""
    made = registered(vad_town, issued, key)
    entry = json.dumps({"client_id": "intruder", "name": "x"})
    [(version,)] = backroom.ask("SELECT version FROM configuration_version")
    url = vad_town.settings.database.url.get_secret_value().replace("+psycopg2", "")
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        for statement in (
            "SELECT register_client(sha256('x'), sha256('y'), %s)",
            f"SELECT change_registration('{made['client_id']}', sha256('x'), sha256('y'), %s)",
            "SELECT change_registration('rp-one', sha256('x'), sha256('y'), %s)",
        ):
            cursor.execute(statement, (entry,))
            assert cursor.fetchone() == (False,)
        cursor.execute("SELECT end_registration(%s, sha256('x'))", (made["client_id"],))
        assert cursor.fetchone() == (False,)
    for statement in (
        "UPDATE clients SET representation = true",
        "SELECT * FROM registration_tokens",
        "UPDATE client_registrations SET token_sha256 = sha256('x')",
        "INSERT INTO admissions VALUES ('rp-one', 'https://source.example', '48')",
    ):
        with (
            psycopg2.connect(url) as connection,
            connection.cursor() as cursor,
            pytest.raises(psycopg2.errors.InsufficientPrivilege),
        ):
            cursor.execute(statement)
    assert backroom.ask("SELECT version FROM configuration_version") == [(version,)]


def test_no_token_is_kept(vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom) -> None:
    """Hashes alone: who reads the tables or the log registers nothing and changes nothing."""
    token = issued(profile="basic")
    made = call(vad_town, "POST", token, metadata()).json()
    rows = [
        *backroom.ask("SELECT token_sha256::text FROM registration_tokens"),
        *backroom.ask("SELECT token_sha256::text FROM client_registrations"),
        *backroom.ask("SELECT row_to_json(clients)::text FROM clients"),
        *backroom.ask("SELECT evidence::text FROM audit_events WHERE type LIKE 'registration.%%'"),
    ]
    assert rows
    for secret in (token, made["registration_access_token"], made["client_secret"]):
        assert secret not in str(rows)


def test_the_files_leave_it_alone(vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom) -> None:
    """`vad clients apply` neither ends it nor speaks of it, unless an operator takes it back."""
    made = registered(vad_town, issued, key)
    owner = Database(vad_town.database.migrate_url)
    with Transaction(owner) as transaction:
        known = read_snapshot(transaction)
    files = [client for name, client in known.clients.items() if name != made["client_id"]]
    rest = ([*known.resource_servers.values()], [*known.data_services.values()], datetime.now(UTC))
    applied = PostgresRegistrationWriter(owner).apply(files, *rest)
    assert (bool(applied), applied.left_alone) == (False, ())
    statement = "SELECT active, owner FROM clients WHERE client_id = %s"
    assert backroom.ask(statement, made["client_id"]) == [(True, "itself")]
    PostgresRegistrationWriter(owner).apply(files, *rest, (made["client_id"],))
    assert backroom.ask(statement, made["client_id"]) == [(False, "file")]
    owner.close()
