"""How fast the log is sealed and verified, beside hashing alone: part of `python -m tests.benchmarks.run --sealing`.

One PostgreSQL of its own, events as a token leaves them; everything is done by one process, on this machine alone.
"""

import hashlib
import os
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.support.database import ask, role_of
from vad.adapters.postgres import migrate
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.log_reader import PostgresLogReader
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.sandbox.ports import free_port
from vad.sandbox.postgres import PostgresServer
from vad.services.log_proving import LogProving
from vad.services.log_verifying import PIECE, LogVerification, Trusted

_BATCH = 5_000
_ROUNDS = 100
_EVENTS = """
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, represented, client_id, resource, basis,
        sid, grant_id, request_id, correlation_id, origin, evidence)
    SELECT gen_random_uuid(), now(), 'token.issued', 'success', id, id, 'https://app.example', 'https://source.example',
        'self', md5(n::text), id, md5(n::text), md5(n::text), '192.0.2.0',
        jsonb_build_object('grant_type', 'authorization_code', 'consent', id, 'jti', md5(n::text))
    FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, %s) AS n) AS made
"""


def measured(folder: Path, events: int) -> list[str]:
    """Make events, seal them, verify them, prove one of them; tell how long each took."""
    server = PostgresServer(folder / "sealing", free_port()).start()
    try:
        fill(server.migrate_url, server.app_url, events, server.worker_url)
        return list(_measured(server.worker_url, server.migrate_url, events))
    finally:
        server.stop()


def fill(migrate_url: str, app_url: str, events: int, worker_url: str) -> None:
    """Make the tables, and so many events."""
    migrate.upgrade(migrate_url, app_role=role_of(app_url), worker_role=role_of(worker_url))
    for _ in range(events // _BATCH):
        ask(app_url, _EVENTS, (_BATCH,))
    ask(migrate_url, "ANALYZE")


def _measured(worker_url: str, owner_url: str, events: int) -> Iterator[str]:
    """The worker seals; who verifies reads more than it may."""
    limits = Limits(statement=600_000, idle_in_transaction=600_000)
    worker, owner = Database(worker_url, limits), Database(owner_url, limits)
    key = CheckpointKey.from_text(CheckpointKey.generate_text("bench.example/log"))
    sealed, begun = PostgresSealedLog(worker), time.monotonic()
    while sealed.seal(key, datetime.now(UTC)).more:
        pass
    yield _line("sealed", events, time.monotonic() - begun)

    with Transaction(owner) as transaction:
        log = PostgresLogReader(transaction)
        begun = time.monotonic()
        report = LogVerification(log, Trusted([key.verifier], verify), lambda *_: None).run()
        yield _line(f"verified ({report.trouble} faults)", report.checked, time.monotonic() - begun)

        entries = [leaf.entry or b"" for leaf in log.leaves(0, PIECE)]
        length = sum(map(len, entries)) // len(entries)
        for what, pieces in (("one by one", entries), ("in one piece", [b"".join(entries)])):
            begun = time.monotonic()
            for _ in range(_ROUNDS):
                for piece in pieces:
                    hashlib.sha256(piece).digest()
            hashed = _ROUNDS * len(entries)
            yield _line(f"SHA-256 alone, of {length} bytes each, {what}", hashed, time.monotonic() - begun)

        [[event]] = ask(owner_url, "SELECT event_id::text FROM log_leaves WHERE leaf_index = %s", (events // 3,))
        begun = time.monotonic()
        LogProving(log).inclusion(event)
        yield f"one proof: {(time.monotonic() - begun) * 1e3:.1f} ms"
    yield f"memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB; cores: {os.cpu_count()}"
    worker.close()
    owner.close()


def _line(what: str, events: int, seconds: float) -> str:
    return f"{what}: {events:,} in {seconds:.1f} s, {events / seconds:,.0f} a second"
