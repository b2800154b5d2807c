"""Memory that a signed export takes with a slow reader: `python -m tests.benchmarks.exporting --events 1000000`.

One PostgreSQL of its own, events as a token leaves them, sealed. Ends with 1 when the memory grew by more than `MOST`.
"""

import argparse
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

from tests.adapters.jose.tokens_under_test import keyring
from tests.benchmarks.sealing import fill
from vad.adapters.jose.statements import JwsStatements
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.postgres.log_stream import LIMITS, PostgresLogStream
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.tlog.ed25519 import CheckpointKey
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.person_references import AesPersonReferences
from vad.adapters.vault.randomness import SystemRandomness
from vad.adapters.vault.sealing import Sealer
from vad.adapters.zip_stream import zip_stream
from vad.domain.identifiers import PersonId, StaffId
from vad.domain.justification import Justification
from vad.domain.staff import StaffMember, StaffRole
from vad.sandbox.ports import free_port
from vad.sandbox.postgres import PostgresServer
from vad.services.log_export import ExportFormat, LogExports
from vad.services.ports.log_search import LogFilter

MOST = 64.0
"""MiB."""
_AUDITOR = StaffMember(StaffId(uuid4()), PersonId(uuid4()), frozenset({StaffRole.AUDITOR}))
_WHY = Justification("How much memory does this take?", "BENCH-1")


def main() -> int:
    """Make and seal events, take all of them away slowly, tell how much the memory grew."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=200_000)
    asked.add_argument("--format", type=ExportFormat, choices=list(ExportFormat), default=ExportFormat.JSON_LINES)
    asked.add_argument("--pause", type=float, default=2.0, help="milliseconds between two pieces")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="vad-bench-") as name:
        Path(name).chmod(0o711)  # PostgreSQL's account passes through
        server = PostgresServer(Path(name) / "postgres", free_port()).start()
        try:
            # In a process of its own: memory that it left free would hide what the export takes.
            prepare = get_context("spawn").Process(
                target=_prepare, args=(server.migrate_url, server.app_url, given.events, server.worker_url)
            )
            prepare.start()
            prepare.join()
            if prepare.exitcode:
                return 2
            grew = _measure(server.migrate_url, given.format, given.pause / 1e3)
        finally:
            server.stop()
    return int(grew > MOST)


def _prepare(migrate_url: str, app_url: str, events: int, worker_url: str) -> None:
    fill(migrate_url, app_url, events, worker_url)
    database = Database(worker_url, Limits(statement=600_000, idle_in_transaction=600_000))
    key, sealed = CheckpointKey.from_text(CheckpointKey.generate_text("bench.example/log")), PostgresSealedLog(database)
    while sealed.seal(key, datetime.now(UTC)).more:
        pass
    database.close()


def _measure(url: str, how: ExportFormat, pause: float) -> float:
    database, reading = Database(url), Database(url, LIMITS)
    ring, at = keyring(), datetime.now(UTC)
    exports = LogExports(
        PostgresWork(database, Sealer(ring), BsnLookup(ring)),
        PostgresLogStream(reading),
        AesPersonReferences(ring),
        JwsStatements(ring),
        zip_stream,
        SystemRandomness(),
        lambda: datetime.now(UTC),
        "https://vad.example",
        lambda *_: True,
    )
    wanted = LogFilter(since=at - timedelta(days=1), until=at)
    before, begun, size, pieces, grown = _resident(), time.monotonic(), 0, 0, 0.0
    with closing(exports.begin(_AUDITOR, wanted, how, _WHY, at)) as export:
        for piece in export:
            time.sleep(pause)
            size, pieces = size + len(piece), pieces + 1
            grown = max(grown, _resident() - before)
            if pieces % 1_000 == 0:
                _tell(f"{pieces} pieces, {size / 2**20:.0f} MiB: at most {grown:.1f} MiB more than before")
    _tell(f"{how}: {pieces} pieces, {size / 2**20:.1f} MiB in {time.monotonic() - begun:.0f} s")
    _tell(f"memory before {before:.0f} MiB, at most {grown:.1f} MiB more; {MOST:.0f} allowed")
    database.close()
    reading.close()
    return grown


def _resident() -> float:
    """MiB of this process that are in memory now."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
