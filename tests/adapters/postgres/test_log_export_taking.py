"""Who takes an export of the log: nothing about themselves (rule 44), and not too many at once."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.adapters.postgres.postgres_records import AT
from tests.adapters.postgres.test_log_export import AUDITOR, CHILD, OTHER, PERIOD, WHY, exports, sealing, stream, taken
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.audit import TokenIssued
from vad.domain.errors import StoreUnavailableError
from vad.domain.log_events import LogExported
from vad.services.log_export import ExportFormat, LogExports
from vad.services.ports.log_search import LogFilter

__all__ = ["exports", "sealing", "stream"]


def test_what_is_about_whoever_takes_it_is_left_out(exports: LogExports, work: PostgresWork) -> None:
    """Rule 44: on either side, in events and proofs alike; the manifest says so. What they did as staff is there."""
    late = AT + timedelta(hours=2)
    with work() as tx:
        tx.audit.append(
            TokenIssued(actor=AUDITOR.person, represented=CHILD),
            TokenIssued(actor=OTHER, represented=AUDITOR.person),
            TokenIssued(actor=OTHER, represented=CHILD),
            LogExported(staff=AUDITOR.account),
            at=late,
        )
        tx.commit()
    wanted = LogFilter(since=late, until=late + timedelta(minutes=1))
    found = taken(exports, ExportFormat.JSON_LINES, wanted)
    lines = [json.loads(line) for line in found.read("events.jsonl").splitlines()]
    assert {(each["event"].get("actor"), each["event"].get("represented")) for each in lines} == {
        (str(OTHER), str(CHILD)),
        (None, None),
    }
    assert len(lines) == len(found.read("proofs.jsonl").splitlines()) == 2
    manifest = json.loads(found.read("manifest.json"))
    assert manifest["left_out"] == ["events about the person who made it"]
    assert str(AUDITOR.person) not in str(manifest)


def test_so_many_at_once(exports: LogExports) -> None:
    """Whoever comes when all connections for it are taken hears that at once; the next is let in after a close."""
    under_way = [exports.begin(AUDITOR, PERIOD, ExportFormat.CSV, WHY, datetime.now(UTC)) for _ in range(3)]
    with pytest.raises(StoreUnavailableError):
        exports.begin(AUDITOR, PERIOD, ExportFormat.CSV, WHY, datetime.now(UTC))
    for each in under_way:
        each.close()
    assert taken(exports, ExportFormat.CSV).testzip() is None
