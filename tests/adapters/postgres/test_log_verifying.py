"""Verifying the log: whoever changes anything of it is found, whatever they may do to the database."""

import re

import pytest

from tests.adapters.postgres.kept_log import KEY, NEW_TREE, OTHER, Kept, kept, signing
from tests.adapters.postgres.postgres_records import AT
from tests.adapters.postgres.test_log_sealer import write
from tests.support.database import ask
from vad.adapters.tlog.directory import PublishedDirectory
from vad.domain.checkpoint import Checkpoint, CheckpointError, SignedCheckpoint
from vad.services.log_report import Fault, Report
from vad.services.log_wholeness import outcome
from vad.services.ports.log_reading import ReadCheckpoint

__all__ = ["kept"]

_COPY = """
    INSERT INTO audit_events SELECT {}, txid, type, outcome, actor, staff, represented, client_id, resource, basis,
        reason, sid, grant_id, request_id, correlation_id, origin, evidence, commitment
    FROM audit_events WHERE event_id = '{{9}}'
"""
_FROM_THE_FUTURE = """
    INSERT INTO audit_events (event_id, recorded_at, txid, type, outcome, evidence)
    VALUES (gen_random_uuid(), now(), '9999999999', 'x', 'success', '{}')
"""

_TOLD = """
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)
    VALUES (gen_random_uuid(), now(), '{}', 'success', jsonb_build_object({}))
"""


def first(report: Report) -> tuple[int, Fault]:
    """What is named first."""
    assert report.found, "nothing was found"
    return report.found[0].index, report.found[0].fault


def test_a_whole_log_is_whole(kept: Kept) -> None:
    """From the beginning, from each trusted checkpoint, with all that is known outside; what comes later waits."""
    write(kept.database)
    whole = kept.verify(outside=kept.notes, published=PublishedDirectory(kept.folder).tile)
    assert (whole.size, whole.checked, whole.erased, whole.trouble) == (300, 300, 0, 0)
    for note in kept.notes:
        again = kept.verify(start=note, published=PublishedDirectory(kept.folder).tile)
        assert (again.checked, again.trouble) == (300 - note.checkpoint.size, 0)
    forged = SignedCheckpoint.make(kept.notes[0].checkpoint, *signing(OTHER))
    with pytest.raises(CheckpointError):
        kept.verify(outside=[forged])


def test_a_change_of_any_column_is_found(kept: Kept) -> None:
    """Each column that the table has, one after another, by itself; the event is named."""
    rows = ask(
        kept.database.app_url,
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = 'audit_events'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    )
    other = {
        "uuid": "gen_random_uuid()",
        "timestamp with time zone": "{} + interval '1 microsecond'",
        "xid8": "({}::text::bigint + 1)::text::xid8",
        "text": "'refused'",
        "jsonb": "{} || '{{\"n\": 1.5}}'",
        "bytea": "sha256({})",
    }
    assert {kind for _, kind in rows} == other.keys()
    names = [name for name, _ in rows if name not in {"event_id", "recorded_at", "staff"}]
    for index, (name, kind) in enumerate(rows):
        event = kept.event(index)
        change = other[kind].format(name)
        also = ", actor = NULL" if name == "staff" else ""
        kept.edit(index, f"{name} = {change}{also}")
        report = kept.verify()
        assert report.trouble > index
        found = [each for each in report.found if each.index == index]
        expected = Fault.CHANGED if name in names or name == "staff" else Fault.MISSING
        assert [(each.fault, each.event_id) for each in found] == [(expected, event)], name


@pytest.mark.parametrize(
    ("statements", "index", "fault"),
    [
        (["DELETE FROM audit_events WHERE event_id = '{270}'"], 270, Fault.MISSING),
        (["DELETE FROM audit_events"], 0, Fault.MISSING),
        (
            [
                "DELETE FROM audit_events WHERE event_id = '{100}'",
                "DELETE FROM log_leaves WHERE leaf_index = 100",
            ],
            100,
            Fault.MISSING,
        ),
        (
            [
                "UPDATE log_leaves SET leaf_index = leaf_index + 1000 WHERE leaf_index IN (7, 8)",
                "UPDATE log_leaves SET leaf_index = 1015 - leaf_index WHERE leaf_index > 1000",
            ],
            7,
            Fault.MOVED,
        ),
        (["UPDATE log_leaves SET leaf_hash = sha256('') WHERE leaf_index = 5"], 5, Fault.CHANGED),
        (["UPDATE log_tiles SET hashes = sha256('') || substr(hashes, 33)"], 0, Fault.MOVED),
        (["UPDATE log_checkpoints SET root = sha256('') WHERE size = 259"], 3, Fault.CONTRADICTED),
        (["UPDATE log_checkpoints SET note = replace(note, '259', '258')"], 3, Fault.CONTRADICTED),
        (
            ["INSERT INTO log_leaves VALUES (300, gen_random_uuid(), now(), sha256(''))"],
            300,
            Fault.EXTRA,
        ),
        (
            [
                _COPY.format("gen_random_uuid(), recorded_at"),
            ],
            300,
            Fault.EXTRA,
        ),
        (
            [
                _COPY.format("event_id, recorded_at + interval '1 second'"),
            ],
            300,
            Fault.EXTRA,
        ),
        (
            [
                _FROM_THE_FUTURE,
            ],
            300,
            Fault.EXTRA,
        ),
        (
            ["UPDATE audit_erasable SET salt = sha256('a')"],
            0,
            Fault.CHANGED,
        ),
    ],
    ids=[
        *("one-deleted", "all-deleted", "middle-dropped", "swapped", "hash", "tile", "root", "note", "leaf-added"),
        *("event-added", "same-id-added", "from-the-future", "erasable"),
    ],
)
def test_what_was_done_to_it_is_named(kept: Kept, statements: list[str], index: int, fault: Fault) -> None:
    """Taken away, put in, put in another order, in any of the tables: the first place is named."""
    ids = {number: kept.event(number) for number in (9, 100, 270)}
    kept.tamper(*(re.sub(r"\{(\d+)\}", lambda found: ids[int(found[1])], each) for each in statements))
    assert first(kept.verify()) == (index, fault)


def test_a_log_that_was_made_anew_is_found(kept: Kept) -> None:
    """Edit, hash all of it again, and sign with the very key: who kept a checkpoint knows, and the tiles say where."""
    kept.edit(280, "reason = 'x'")
    kept.tamper(*NEW_TREE)
    kept.seal(publish=False)
    assert kept.verify().trouble == 0
    report = kept.verify(outside=kept.notes[2:])
    assert first(report) == (0, Fault.CONTRADICTED)
    assert report.trouble == 1
    assert first(kept.verify(start=kept.notes[2])) == (0, Fault.CONTRADICTED)
    assert first(kept.verify(published=PublishedDirectory(kept.folder).tile)) == (280, Fault.MOVED)


def test_another_key_proves_nothing(kept: Kept) -> None:
    """Whoever signs the log again with a key of their own is not believed."""
    kept.tamper(*NEW_TREE)
    kept.seal(OTHER, publish=False)
    assert first(kept.verify()) == (0, Fault.CONTRADICTED)


def test_a_tail_that_was_cut_off_is_found(kept: Kept) -> None:
    """With everything that told of it: the checkpoint that was kept elsewhere counts further."""
    kept.tamper(
        "DELETE FROM audit_events USING log_leaves WHERE log_leaves.event_id = audit_events.event_id "
        "AND leaf_index >= 259",
        "DELETE FROM log_leaves WHERE leaf_index >= 259",
        "DELETE FROM log_checkpoints WHERE size > 259",
    )
    assert kept.verify().trouble == 0
    assert first(kept.verify(outside=kept.notes)) == (259, Fault.MISSING)
    assert first(kept.verify(start=kept.notes[2])) == (259, Fault.MISSING)


def test_every_checkpoint_known_elsewhere_is_compared(kept: Kept) -> None:
    """Two of one size, in either order; and those of what was verified before, the empty tree among them."""
    good, newest = kept.notes[1:]

    def other(size: int) -> SignedCheckpoint:
        return SignedCheckpoint.make(Checkpoint("log.example/log", size, b"\1" * 32), *signing(KEY))

    second = other(good.checkpoint.size)
    for outside in ([second, good], [good, second]):
        for start in (None, good, newest):
            report = kept.verify(outside=outside, start=start)
            assert (report.trouble, report.found[0].fault) == (1, Fault.CONTRADICTED)
    for size in (0, 5, newest.checkpoint.size):
        assert kept.verify(outside=[other(size)], start=newest).trouble == 1
    assert kept.verify(outside=kept.notes, start=newest).trouble == 0


def test_another_era_is_another_time(kept: Kept) -> None:
    """A time of before year 1 can't be written; by whom it is, it does not read like the one that was sealed."""
    change = "SET recorded_at = (recorded_at::timestamp::text || '+00 BC')::timestamptz WHERE event_id = '{}'"
    event = kept.event(100)
    with pytest.raises(Exception, match="recorded_in_era"):
        kept.tamper(f"UPDATE audit_events {change.format(event)}")
    kept.tamper(
        "ALTER TABLE audit_events DROP CONSTRAINT ck_audit_events_recorded_in_era",
        *(f"UPDATE {name} {change.format(event)}" for name in ("audit_events", "log_leaves")),
    )
    report = kept.verify()
    assert (first(report), report.found[0].event_id) == ((100, Fault.CHANGED), event)


def test_a_purge_that_nothing_sealed_speaks_of_hides_nothing(kept: Kept) -> None:
    """Rows that the owner of the tables put in: resting on the event that is gone, on another, or on one another."""
    gone, other = kept.event(100), kept.event(5)
    row = (
        "INSERT INTO log_purges SELECT date_trunc('month', {} AT TIME ZONE 'UTC'), 1, sha256('x'), '{}', now() FROM {}"
    )
    leaf = f"log_leaves WHERE event_id = '{gone}'"
    kept.tamper(f"DELETE FROM audit_events WHERE event_id = '{gone}'")  # noqa: S608 - ours
    for event in (gone, other):
        kept.tamper("DELETE FROM log_purges", row.format("recorded_at", event, leaf))
        report = kept.verify()
        assert (first(report), report.trouble, report.purges) == ((100, Fault.MISSING), 1, [])
    later = row.format("(recorded_at + interval '1 month')", gone, leaf)
    kept.tamper("DELETE FROM log_purges", row.format("recorded_at", gone, leaf), later)
    assert kept.verify().trouble == 1

    evidence = f"'month', '{AT:%Y-%m}', 'events', 1, 'archive', encode(sha256('x'), 'hex')"
    ask(kept.database.app_url, _TOLD.format("log.purged", evidence))
    [[told]] = ask(kept.database.app_url, "SELECT event_id::text FROM audit_events WHERE type = 'log.purged'")
    kept.tamper("DELETE FROM log_purges", row.format("recorded_at", told, leaf))
    assert first(kept.verify()) == (100, Fault.MISSING), "not sealed yet"
    kept.seal()
    report = kept.verify()
    assert (report.trouble, report.purged) == (1, 1)
    assert "there are events of it" in report.found[0].text


def test_what_was_erased_without_a_word_is_a_fault(kept: Kept) -> None:
    """An event of the log names what an operator erased; what else is gone somebody took away."""
    ask(kept.database.app_url, _TOLD.format("log.erased", f"'event', '{kept.event(7)}'"))
    kept.seal()
    silent = (kept.event(9), kept.event(270))
    for event in (kept.event(7), *silent):
        kept.tamper(f"DELETE FROM audit_erasable WHERE event_id = '{event}'")  # noqa: S608 - ours
    report = kept.verify()
    assert (report.trouble, report.erased, report.untold) == (2, 3, 2)
    assert [(each.index, each.fault, each.event_id) for each in report.found] == [
        (index, Fault.ERASED, event) for index, event in zip((9, 270), silent, strict=True)
    ]
    for untold, trouble in ((1, 1), (2, 0)):
        assert kept.verify(untold=untold).trouble == trouble
    assert outcome(report).reason == "erased"
    assert outcome(kept.verify(untold=2)).evidence["untold"] == 2


def test_it_says_up_to_where_nothing_is_wrong(kept: Kept) -> None:
    """From the last checkpoint that it passed another verification goes on; what is wrong before one passes none."""
    passed: list[ReadCheckpoint] = []
    kept.verify(passed.append)
    assert [each.size for each in passed] == [300]
    start = SignedCheckpoint.parse(passed.pop().note)
    assert (kept.verify(start=start).checked, kept.verify(start=start).trouble) == (0, 0)
    kept.edit(280, "reason = 'x'")
    kept.verify(passed.append)
    assert passed == []
