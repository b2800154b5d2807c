"""`vad audit`: what an operator and an auditor do with the log, at the command line."""

import os
import subprocess
import sys
from datetime import UTC, datetime

from tests.test_cli import Operator, empty_database, operator, ready
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.tlog.directory import PublishedDirectory
from vad.adapters.tlog.ed25519 import CheckpointKey
from vad.domain.checkpoint import SignedCheckpoint
from vad.services.log_keeping import LogKeeping

WHY = ("--reason", "Somebody asked for it", "--case-number", "AVG-17")

__all__ = ["empty_database", "operator", "ready"]
_TURNS = 10
_EVENTS = """
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)
    SELECT gen_random_uuid(), now(), 'login.succeeded', 'success', '{}' FROM generate_series(1, 2000)
"""

_KEPT_APART = """
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence, commitment)
        VALUES ('{0}', now(), 'person.unmasked', 'success', '{{}}', '\\x00');
    INSERT INTO audit_erasable SELECT event_id, recorded_at, '\\x00', '{{}}' FROM audit_events WHERE event_id = '{0}'
"""


def test_a_log_is_sealed_verified_and_proved(ready: Operator) -> None:
    """A key, a checkpoint to keep, a proof for a program without VAD; and an event that was changed is named."""
    file, outside = ready.folder / "log.key", ready.folder / "outside"
    outside.mkdir()
    made = ready.run("audit", "key", str(file))
    public = made.output.strip()
    assert public.startswith("localhost:8100/log+")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "File exists" in ready.fails("audit", "key", str(file))
    assert "no key to believe" in ready.fails("audit", "verify")
    told = {"VAD__AUDIT__CHECKPOINT_KEY_FILE": str(file)}
    assert ready.run("keys", "init").exit_code == 0

    database = Database(ready.database.worker_url)
    key = CheckpointKey.from_file(file)
    keeping = LogKeeping(PostgresSealedLog(database), key, PublishedDirectory(outside))
    keeping.turn(datetime.now(UTC))
    keeping.publish()
    checkpoint = str(outside / "checkpoint")

    saved = ready.folder / "saved.checkpoint"
    whole = ready.run("audit", "verify", "--published", str(outside), "--save", str(saved), **told)
    assert whole.exit_code == 0, whole.output
    assert whole.output.splitlines()[-1] == "WHOLE"
    assert saved.read_text() == (outside / "checkpoint").read_text()
    again = ready.run("audit", "verify", "--key", public, "--from", str(saved), "--checkpoint", checkpoint)
    assert "0 hashed again" in again.output

    [(event,)] = ready.rows("SELECT event_id::text FROM audit_events WHERE type = 'keys.created'")
    (ready.folder / "event.proof").write_text(ready.run("audit", "prove", str(event)).output)
    (ready.folder / "grown.proof").write_text(ready.run("audit", "consistency", checkpoint).output)
    (ready.folder / "verify.py").write_text(ready.run("audit", "verifier").output)
    for what, proof, held in (("inclusion", "event.proof", checkpoint), ("consistency", "grown.proof", checkpoint)):
        command = [sys.executable, "-I", "-S", "verify.py", public, what, proof, held]
        done = subprocess.run(command, cwd=ready.folder, capture_output=True, text=True, check=True)
        assert "\nproved:" in "\n" + done.stdout
    assert "no such event" in ready.fails("audit", "prove", "00000000-0000-0000-0000-000000000000")

    month, kept = f"{datetime.now(UTC):%Y-%m}", str(ready.folder / "month.jsonl")
    assert f"events of {month}, SHA-256 " in ready.run("audit", "archive", month, kept).output
    assert f"{month} is kept for 5 years" in ready.fails("audit", "purge", month, kept, *WHY)
    ready.rows(
        "INSERT INTO audit_erasable SELECT event_id, recorded_at, '\\x00', '{\"reason\": \"x\"}' FROM audit_events"
        " WHERE type = 'keys.created'"
    )
    assert "is erased" in ready.run("audit", "erase", str(event), *WHY).output
    assert "keeps nothing apart" in ready.fails("audit", "erase", str(event), *WHY)
    assert ready.rows(
        "SELECT type, fields ->> 'case_number' FROM audit_erasable JOIN audit_events USING (event_id)"
    ) == [("log.erased", "AVG-17")]
    keeping.turn(datetime.now(UTC))
    recorded = ready.run("audit", "verify", "--record", **told)
    assert recorded.output.splitlines()[-1] == "WHOLE"
    assert ready.rows("SELECT type FROM audit_events WHERE type IN ('log.erased', 'log.verified') ORDER BY 1") == [
        ("log.erased",), ("log.verified",)
    ]  # fmt: skip

    ready.rows("ALTER TABLE audit_events DISABLE TRIGGER USER")
    ready.rows(f"UPDATE audit_events SET reason = 'x' WHERE event_id = '{event}'")  # noqa: S608
    broken = ready.run("audit", "verify", **told)
    assert broken.exit_code == 3
    assert f"({event}): the event is not what was sealed" in broken.output.splitlines()[0]
    assert broken.output.splitlines()[-1] == "NOT WHOLE"
    assert "NOT WHOLE" in ready.run("audit", "verify", "--key", public).output


def test_verifying_goes_on_after_a_kill(ready: Operator) -> None:
    """Killed on its way it leaves the checkpoint that it came to; the next begins there, and not at the first event."""
    file, saved = ready.folder / "log.key", ready.folder / "saved.checkpoint"
    public = ready.run("audit", "key", str(file)).output.strip()
    database = Database(ready.database.worker_url)
    keeping = LogKeeping(PostgresSealedLog(database), CheckpointKey.from_file(file), None)
    for _ in range(_TURNS):
        ready.rows(_EVENTS)
        while keeping.turn(datetime.now(UTC)).more:
            pass
    database.close()
    [(size,)] = ready.rows("SELECT max(size) FROM log_checkpoints")
    vad = [sys.executable, "-c", "from vad.cli.main import main; main()"]
    command = [*vad, "audit", "verify", "--key", public, "--from", str(saved), "--save", str(saved)]
    environment = {**os.environ, "VAD_CONFIG": str(ready.folder), "VAD__DATABASE__URL": ready.database.app_url}
    environment["VAD__REDIS__URL"] = "redis://127.0.0.1:1/0"
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        while not saved.exists():
            assert running.poll() is None, running.stderr and running.stderr.read()
        running.kill()
    reached = SignedCheckpoint.parse(saved.read_text()).checkpoint.size
    assert 0 < reached < int(str(size)), "it was killed on its way"
    again = ready.run(*command[len(vad) :])
    assert again.exit_code == 0, again.output
    assert f"{int(str(size)) - reached} hashed again" in again.output
    assert SignedCheckpoint.parse(saved.read_text()).checkpoint.size == size


def test_the_review_of_access(ready: Operator) -> None:
    """Rule 44: what staff could do and did, as CSV; an account that the log alone knows is in it too."""
    ready.rows(
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, staff, evidence) VALUES (gen_random_uuid(),"
        " '2026-02-03', 'person.unmasked', 'success', '00000000-0000-0000-0000-0000000000b1', '{}')"
    )
    quarter = ready.run("audit", "access-review", "--quarter", "2026Q1")
    assert quarter.exit_code == 0, quarter.output
    header, line = quarter.output.removeprefix("\ufeff").splitlines()
    assert header.startswith("period,account,enrolled_at,")
    assert line.startswith("2026Q1,00000000-0000-0000-0000-0000000000b1,,")
    assert len(ready.run("audit", "access-review", "--year", "2025").output.splitlines()) == 1
    for wrong in (["--year", "2026Q1"], ["--quarter", "2026"], [], ["--quarter", "2026Q1", "--year", "2026"]):
        assert ready.run("audit", "access-review", *wrong).exit_code == 2


def test_the_log_loses_nothing_without_two_people(ready: Operator) -> None:
    """`keys.second_person`: neither command does anything without a request, nor with one that nobody made.

    In an emergency `--alone` does, with the reason and the case apart in the event, and an alarm.
    """
    assert ready.run("keys", "init").exit_code == 0
    file, event = ready.folder / "month.jsonl", "00000000-0000-0000-0000-0000000000e1"
    file.write_text("")
    ready.rows(_KEPT_APART.format(event))
    told, made_up = {"VAD__KEYS__SECOND_PERSON": "true"}, ("--request", "00000000-0000-0000-0000-000000000000")
    for command in (("erase", event), ("purge", "2020-02", str(file))):
        assert "give --request" in ready.fails("audit", *command, *WHY, **told)
        for wrong in ((*made_up, *WHY), (*made_up, "--alone", WHY[1]), ("--alone", WHY[1]), ("--alone", WHY[1], *WHY)):
            assert ready.run("audit", *command, *wrong, **told).exit_code == 2, wrong
    assert "nobody asked for this" in ready.fails("audit", "erase", event, *made_up, **told)
    assert ready.rows("SELECT count(*) FROM outbox") == [(0,)]
    done = ready.run("audit", "erase", event, "--alone", WHY[1], *WHY[2:], **told)
    assert (done.exit_code, "NOBODY ELSE AGREED" in done.output) == (0, True)
    assert ready.rows(
        "SELECT evidence ->> 'alone', fields ->> 'reason', fields ->> 'case_number' FROM audit_events"
        " JOIN audit_erasable USING (event_id) WHERE type = 'log.erased'"
    ) == [("true", WHY[1], WHY[3])]
    assert ready.rows("SELECT payload ->> 'reason', payload ->> 'event_id' FROM outbox") == [
        ("log_erased_alone", event)
    ]


def test_nothing_is_taken_away_without_a_reason(operator: Operator) -> None:
    """Rule 41: erasing and purging ask why and for which case, without a BSN, before they look at anything."""
    file = operator.folder / "month.jsonl"
    file.write_text("")
    for wrong in ((), WHY[:2], ("--reason", "short", *WHY[2:]), ("--reason", "She is 999993653", *WHY[2:])):
        for command in (("erase", "00000000-0000-0000-0000-000000000000"), ("purge", "2020-02", str(file))):
            assert operator.run("audit", *command, *wrong).exit_code == 2, wrong
