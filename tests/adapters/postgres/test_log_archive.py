"""A month leaves the database: only old, only after its archive was written and read, and the tree stays whole."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from tests.adapters.postgres.kept_log import KEY, Kept, kept
from tests.adapters.postgres.postgres_records import AT
from tests.adapters.postgres.test_log_proving import run
from tests.adapters.postgres.test_log_sealer import write
from tests.support.database import ask
from vad.adapters.postgres import log_archive
from vad.adapters.postgres.command_approvals import NotAgreedError
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_archive import ArchiveError, Month
from vad.adapters.postgres.log_reader import PostgresLogReader
from vad.adapters.postgres.transaction import Transaction
from vad.domain.identifiers import RequestId
from vad.domain.justification import Justification
from vad.services.agreed_commands import Alone
from vad.services.log_proving import LogProving, NoProofError

__all__ = ["kept"]

MONTH = Month(date(2020, 2, 1))
WHY = Justification("The yearly purge", "BEH-12")
_THEN = datetime(2020, 2, 10, tzinfo=UTC)


@pytest.fixture
def old(kept: Kept) -> Kept:
    """Give a log with 700 events of long ago after the others, sealed."""
    ask(kept.database.migrate_url, "SELECT keep_audit_months('2020-01-01', '2020-03-31')")
    write(kept.database, 700, _THEN)
    write(kept.database, 5, _THEN + timedelta(days=25))
    kept.seal(KEY)
    return kept


def test_a_month_is_archived_and_purged(old: Kept, tmp_path: Path) -> None:
    """The archive has all of it; afterwards the log is whole, the month counts as purged, and others are proved."""
    file, owner = tmp_path / "2020-02.jsonl", Database(old.database.migrate_url)
    assert log_archive.write(old.connections, MONTH, file) == 700
    events, digest = log_archive.check(old.connections, MONTH, file)
    assert events == 700
    with pytest.raises(NotAgreedError, match="nobody asked"):
        log_archive.purge(owner, MONTH, file, AT, RequestId(uuid4()))
    assert log_archive.purge(owner, MONTH, file, AT, Alone(WHY.reason, WHY.case_number)) == 700
    alarm = "SELECT payload ->> 'reason', payload ->> 'month' FROM outbox WHERE payload ->> 'reason' LIKE 'log%%'"
    assert ask(old.database.app_url, alarm) == [("log_purged_alone", "2020-02")]
    assert ask(old.database.app_url, "SELECT count(*) FROM audit_events WHERE recorded_at < '2020-03-01'") == [(0,)]
    [(month, said)] = ask(old.database.app_url, "SELECT month, archive_hash FROM log_purges")
    assert (month, bytes(said)) == (MONTH.first, digest)
    old.seal(KEY)
    report = old.verify(outside=old.notes)
    assert (report.trouble, report.purged, report.size) == (0, 700, 1006)
    assert [(each.month, each.events, each.archive) for each in report.purges] == [("2020-02", 700, digest.hex())]
    assert old.verify(start=old.notes[-1], kept_from="2020-03").trouble == 0
    assert "to be kept" in old.verify(kept_from="2020-02").found[0].text
    with Transaction(old.connections) as transaction:
        proving = LogProving(PostgresLogReader(transaction))
        assert proving.inclusion(old.event(1))
        with pytest.raises(NoProofError, match="archive"):
            proving.inclusion(old.event(400))
        for index in (300, 400, 999):
            proof = replace(proving, archived=partial(log_archive.entry_at, file)).inclusion(old.event(index))
            assert f"proved: this is event {index} of 1006" in run(tmp_path, old, "inclusion", proof)
        with pytest.raises(NoProofError, match="another event"):
            replace(proving, archived=lambda _: log_archive.entry_at(file, 401)).inclusion(old.event(400))
    assert log_archive.check(old.connections, MONTH, file) == (events, digest)
    short = tmp_path / "short.jsonl"
    short.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(ArchiveError, match="with which 2020-02 was purged"):
        log_archive.check(old.connections, MONTH, short)
    with pytest.raises(ArchiveError):
        log_archive.purge(owner, MONTH, file, AT, WHY)

    [[moved]] = ask(
        old.database.app_url, "SELECT event_id::text FROM log_leaves WHERE recorded_at >= '2020-03-01' LIMIT 1"
    )
    march = "UPDATE log_leaves SET recorded_at = '2020-02-11' WHERE event_id = '{0}'"
    old.tamper(march.format(moved), f"DELETE FROM audit_events WHERE event_id = '{moved}'")  # noqa: S608 - ours
    assert "purged of 700 events, and 701 are gone" in old.verify().found[0].text

    old.tamper("DELETE FROM audit_events WHERE type = 'log.purged'")
    assert old.verify().trouble > 700, "who drops a month must have written down that it is gone"
    owner.close()


def test_what_says_so_may_be_purged_later(old: Kept, tmp_path: Path) -> None:
    """The event of one purge is in a month that is purged after it: both months count as long as the later one does."""
    owner, march = Database(old.database.migrate_url), Month(date(2020, 3, 1))
    for month, at in ((MONTH, _THEN + timedelta(days=40)), (march, AT)):
        log_archive.write(old.connections, month, tmp_path / month.name)
        log_archive.purge(owner, month, tmp_path / month.name, at, WHY)
        old.seal(KEY)
    owner.close()
    report = old.verify()
    assert (report.trouble, [(each.month, each.events) for each in report.purges]) == (
        0,
        [("2020-02", 700), ("2020-03", 6)],
    )
    old.tamper("DELETE FROM log_purges WHERE month = '2020-03-01'")
    assert old.verify().trouble == 706


@pytest.mark.parametrize("spoil", ["line", "last", "doubled", "other month", "not an archive"])
def test_nothing_is_purged_without_its_whole_archive(old: Kept, tmp_path: Path, spoil: str) -> None:
    """One changed byte, a line less, a line twice, another month: all of it stays in the database."""
    file, owner = tmp_path / "archive", Database(old.database.migrate_url)
    log_archive.write(old.connections, MONTH, file)
    lines = file.read_bytes().splitlines(keepends=True)
    if spoil == "other month":
        log_archive.write(old.connections, Month(date(2020, 3, 1)), file)
    else:
        spoilt = {
            "line": [*lines[:5], lines[5].replace(b"success", b"refused"), *lines[6:]],
            "last": lines[:-1],
            "doubled": [*lines[:-1], lines[0]],
            "not an archive": [b"{}\n"],
        }[spoil]
        file.write_bytes(b"".join(spoilt))
    with pytest.raises(ArchiveError):
        log_archive.purge(owner, MONTH, file, AT, WHY)
    owner.close()
    assert ask(old.database.app_url, "SELECT count(*) FROM audit_events WHERE recorded_at < '2020-03-01'") == [(700,)]
    assert old.verify().trouble == 0


def test_what_is_not_sealed_or_not_whole_is_not_archived(old: Kept, tmp_path: Path) -> None:
    """An event that waits, and one that was changed: the archive is not written."""
    write(old.database, 1, _THEN)
    with pytest.raises(ArchiveError, match="1 events of 2020-02 are not sealed"):
        log_archive.write(old.connections, MONTH, tmp_path / "archive")
    old.seal(KEY)
    old.edit(500, "reason = 'x'")
    with pytest.raises(ArchiveError, match="event 500 is not what was sealed"):
        log_archive.write(old.connections, MONTH, tmp_path / "archive")
    assert not (tmp_path / "archive").exists()
