"""How fast the log is sealed and verified, beside hashing alone: `python -m tests.benchmarks.sealing --events 500000`.

One PostgreSQL of its own, events as a token leaves them; everything is done by one process, on this machine alone.
"""

import argparse
import hashlib
import os
import resource
import sys
import tempfile
import time
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
_EVENTS = """
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, represented, client_id, resource, basis,
        sid, grant_id, request_id, correlation_id, origin, evidence)
    SELECT gen_random_uuid(), now(), 'token.issued', 'success', id, id, 'https://app.example', 'https://source.example',
        'self', md5(n::text), id, md5(n::text), md5(n::text), '192.0.2.0',
        jsonb_build_object('grant_type', 'authorization_code', 'consent', id, 'jti', md5(n::text))
    FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, %s) AS n) AS made
"""


def main() -> int:
    """Make events, seal them, verify them, prove one of them; tell how long each took."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=500_000)
    events = min(asked.parse_args().events, 20_000_000)
    with tempfile.TemporaryDirectory(prefix="vad-bench-") as name:
        Path(name).chmod(0o711)  # PostgreSQL's account passes through
        server = PostgresServer(Path(name) / "postgres", free_port()).start()
        try:
            fill(server.migrate_url, server.app_url, events, server.worker_url)
            _measure(server.worker_url, events)
        finally:
            server.stop()
    return 0


def fill(migrate_url: str, app_url: str, events: int, worker_url: str) -> None:
    """Make the tables, and so many events."""
    migrate.upgrade(migrate_url, app_role=role_of(app_url), worker_role=role_of(worker_url))
    for _ in range(events // _BATCH):
        ask(app_url, _EVENTS, (_BATCH,))
    ask(migrate_url, "ANALYZE")


def _measure(worker_url: str, events: int) -> None:
    database = Database(worker_url, Limits(statement=600_000, idle_in_transaction=600_000))
    key = CheckpointKey.from_text(CheckpointKey.generate_text("bench.example/log"))
    sealed, begun = PostgresSealedLog(database), time.monotonic()
    while sealed.seal(key, datetime.now(UTC)).more:
        pass
    _say("sealed", events, time.monotonic() - begun)

    with Transaction(database) as transaction:
        log = PostgresLogReader(transaction)
        begun = time.monotonic()
        report = LogVerification(log, Trusted([key.verifier], verify), lambda *_: None).run()
        _say(f"verified ({report.trouble} faults)", report.checked, time.monotonic() - begun)

        entries = [leaf.entry or b"" for leaf in log.leaves(0, PIECE)]
        rounds, begun = 100, time.monotonic()
        for _ in range(rounds):
            for entry in entries:
                hashlib.sha256(entry).digest()
        length = sum(map(len, entries)) // len(entries)
        _say(f"SHA-256 alone, of {length} bytes each", rounds * len(entries), time.monotonic() - begun)

        [[event]] = ask(worker_url, "SELECT event_id::text FROM log_leaves WHERE leaf_index = %s", (events // 3,))
        begun = time.monotonic()
        LogProving(log).inclusion(event)
        _tell(f"one proof: {(time.monotonic() - begun) * 1e3:.1f} ms")
    _tell(f"memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB; cores: {os.cpu_count()}")
    database.close()


def _say(what: str, events: int, seconds: float) -> None:
    _tell(f"{what}: {events} in {seconds:.1f} s, {events / seconds:,.0f} a second")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
