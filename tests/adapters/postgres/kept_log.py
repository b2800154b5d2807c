"""A log that was sealed and published, for the tests that change it, and for those that prove it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.postgres.postgres_records import AT
from tests.adapters.postgres.test_log_sealer import by_force
from tests.support.database import FreshDatabase, Server, ask, new_database
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_reader import PostgresLogReader
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.tlog.directory import PublishedDirectory
from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.domain.checkpoint import SignedCheckpoint, VerifierKey
from vad.domain.commitment import commitment
from vad.services.log_keeping import LogKeeping
from vad.services.log_report import Report
from vad.services.log_verifying import LogVerification, Trusted
from vad.services.ports.log_reading import ReadCheckpoint

KEY, OTHER = (CheckpointKey.generate_text("log.example/log") for _ in range(2))
SIZES = (3, 259, 300)
"""Where checkpoints were signed."""
SALT, APART = b"salt" * 8, {"reason": "why"}
_FULL = """
    WITH made AS (
        INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, represented, client_id, resource, basis,
            reason, sid, grant_id, request_id, correlation_id, origin, evidence, commitment)
        SELECT gen_random_uuid(), %s, 'token.issued', 'success', gen_random_uuid(), gen_random_uuid(), 'app', 'src',
            'self', 'why', 'sid', gen_random_uuid(), 'req', 'corr', '192.0.2.0', jsonb_build_object('n', n), %s
        FROM generate_series(1, %s) AS n
        RETURNING event_id, recorded_at
    )
    INSERT INTO audit_erasable (event_id, recorded_at, salt, fields) SELECT event_id, recorded_at, %s, %s FROM made
"""
NEW_TREE = ("DELETE FROM log_checkpoints", "DELETE FROM log_tiles", "DELETE FROM log_leaves")


class Kept:
    """A log of 300 events, sealed and published in three turns; and the first and last checkpoint, kept elsewhere."""

    def __init__(self, database: FreshDatabase, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.key = CheckpointKey.from_text(KEY)
        self.connections, self.sealing = Database(database.app_url), Database(database.worker_url)
        self.notes: list[SignedCheckpoint] = []
        before = 0
        for size in SIZES:
            apart = (commitment(SALT, APART), size - before, SALT, json.dumps(APART))
            ask(database.app_url, _FULL, (AT, *apart))
            before = size
            self.seal()
            newest = PublishedDirectory(folder).latest()
            assert newest is not None
            self.notes.append(newest)

    def seal(self, key: str = KEY, *, publish: bool = True) -> None:
        """Seal what there is, as somebody who begins anew; by force with another key."""
        outside = PublishedDirectory(self.folder) if publish else None
        keeping = LogKeeping(PostgresSealedLog(self.sealing), CheckpointKey.from_text(key), outside)
        while keeping.turn(AT).added:
            pass
        keeping.publish()

    def verify(self, passed: Callable[[ReadCheckpoint], None] = lambda _: None, **more: Any) -> Report:
        """Verify with what an auditor trusts."""
        trusted = Trusted([self.key.verifier], verify, **more)
        with Transaction(self.connections) as transaction:
            return LogVerification(PostgresLogReader(transaction), trusted, lambda *_: None, passed).run()

    def tamper(self, *statements: str) -> None:
        """Do what only the owner of the whole server can."""
        with by_force(self.database):
            for table in ("audit_events", "audit_erasable"):
                ask(self.database.superuser_url, f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                ask(self.database.superuser_url, statement)

    def edit(self, index: int, change: str) -> None:
        """Change one event."""
        statement = f"UPDATE audit_events SET {change} WHERE event_id = '{self.event(index)}'"  # noqa: S608
        self.tamper(statement)

    def close(self) -> None:
        """Close its connections."""
        self.connections.close()
        self.sealing.close()

    def event(self, index: int) -> str:
        """The id of an event by its place."""
        [[event]] = ask(self.database.app_url, "SELECT event_id::text FROM log_leaves WHERE leaf_index = %s", (index,))
        return str(event)


@pytest.fixture
def kept(postgres: Server, migrated_template: str, tmp_path: Path) -> Iterator[Kept]:
    """Give such a log."""
    with new_database(postgres, migrated_template) as made:
        log = Kept(made, tmp_path)
        yield log
        log.close()


def signing(text: str) -> tuple[VerifierKey, Callable[[bytes], bytes]]:
    """Give both halves of a key."""
    key = CheckpointKey.from_text(text)
    return key.verifier, key.sign
