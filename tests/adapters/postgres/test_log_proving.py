"""Proofs of the log: for who holds a checkpoint and a key, and nothing else of ours."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.postgres.kept_log import KEY, NEW_TREE, OTHER, Kept, kept, signing
from vad.adapters.postgres.log_reader import PostgresLogReader
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.tlog import verify_proof
from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.domain.checkpoint import SignedCheckpoint
from vad.services.log_proving import LogProving, NoProofError

__all__ = ["kept"]


def test_two_histories_are_found(kept: Kept, tmp_path: Path) -> None:
    """One log shown to one and another to another, both signed: no proof leads from one to the other."""
    shown = kept.notes[2]
    kept.edit(260, "reason = 'x'")
    kept.tamper(*NEW_TREE)
    kept.seal(publish=False)
    with Transaction(kept.connections) as transaction:
        log = PostgresLogReader(transaction)
        newest = log.newest()
        assert newest is not None
        mine, theirs = SignedCheckpoint.parse(newest.note), shown
        text = LogProving(log).consistency(mine, mine)
    assert mine.signed_by([kept.key.verifier], verify) == theirs.signed_by([kept.key.verifier], verify)
    assert "two histories" in run(tmp_path, kept, "consistency", text, theirs.note())


def run(folder: Path, kept: Kept, what: str, *texts: str) -> str:
    """Run the verifier as an auditor does: a file by itself, without VAD or any package; return what it says."""
    program = folder / "verify.py"
    program.write_text(Path(verify_proof.__file__).read_text("utf-8"))
    names = []
    for number, text in enumerate(texts):
        (folder / f"given-{number}").write_text(text, "utf-8", newline="")
        names.append(f"given-{number}")
    command = [sys.executable, "-I", "-S", str(program), str(kept.key.verifier), what, *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == done.stdout.rstrip().rpartition("\n")[2].startswith(("proved", "signed"))
    return done.stdout + done.stderr


def test_growth_is_proved_to_who_holds_a_checkpoint_that_the_log_dropped(kept: Kept, tmp_path: Path) -> None:
    """Thinning leaves one checkpoint an hour: the others are worth as much as before to whoever kept them."""
    held, size = kept.notes[0], kept.notes[2].checkpoint.size
    kept.tamper("DELETE FROM log_checkpoints WHERE size < (SELECT max(size) FROM log_checkpoints)")
    with Transaction(kept.connections) as transaction:
        proving = LogProving(PostgresLogReader(transaction))
        first = proving.log.first_from(1)
        assert first is not None
        assert first.size == size, "ours of that time is gone"
        grown = proving.growth(held.checkpoint.size)
        assert all(proving.growth(each).startswith("vad/consistency-proof@v1\n") for each in range(1, size + 1))
        other = proving.growth(held.checkpoint.size + 1)
        with pytest.raises(NoProofError, match=f"the log has {size} events"):
            proving.growth(size + 1)
    assert f"proved: the first {held.checkpoint.size} of {size}" in run(
        tmp_path, kept, "consistency", grown, held.note()
    )
    assert "proved" not in run(tmp_path, kept, "consistency", other, held.note())


def test_an_event_is_proved_to_who_holds_a_checkpoint(kept: Kept, tmp_path: Path) -> None:
    """`verify.py` shows the event and says so; and believes nothing that was changed on the way."""
    event = kept.event(261)
    with Transaction(kept.connections) as transaction:
        proving = LogProving(PostgresLogReader(transaction))
        proof = proving.inclusion(event, kept.notes[2])
        grown = proving.consistency(kept.notes[0], kept.notes[2])
        with pytest.raises(NoProofError, match="older than the event"):
            proving.inclusion(event, kept.notes[1])
        with pytest.raises(NoProofError, match="no such event"):
            proving.inclusion("00000000-0000-0000-0000-000000000000")
    told = run(tmp_path, kept, "inclusion", proof, kept.notes[2].note())
    assert f'"event_id":"{event}"' in told
    assert "proved: this is event 261 of 300" in told
    assert "proved: the first 3 of 300" in run(tmp_path, kept, "consistency", grown, kept.notes[0].note())
    assert "signed: 300 events" in run(tmp_path, kept, "checkpoint", kept.notes[2].note())

    lines = proof.split("\n")
    for number, line in enumerate(lines[1:-3], start=1):
        if not line or line == kept.notes[2].checkpoint.origin:
            continue
        changed = line[:-6] + ("7" if line[-6:-5] != "7" else "8") + line[-5:] if len(line) > 8 else line + "1"
        spoiled = "\n".join([*lines[:number], changed, *lines[number + 1 :]])
        assert "NOT PROVED" in run(tmp_path, kept, "inclusion", spoiled), line
    other = SignedCheckpoint.make(kept.notes[2].checkpoint, *signing(OTHER)).note()
    for wrong in (kept.notes[1].note(), other, proof):
        assert "NOT PROVED" in run(tmp_path, kept, "inclusion", proof, wrong)
    assert "NOT PROVED" in run(tmp_path, kept, "consistency", grown, kept.notes[1].note())
    assert "NOT PROVED" in run(tmp_path, kept, "inclusion", grown)


def test_the_verifier_and_the_library_agree_about_signatures() -> None:
    """Ed25519 of the verifier is its own: it takes and refuses what `cryptography` does."""
    key = CheckpointKey.from_text(KEY)
    order = 2**252 + 27742317777372353535851937790883648493
    for number in range(8):
        message = bytes([number]) * number
        signature = key.sign(message)
        high = signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
        cases = [signature, signature[::-1], signature[:63], bytes([signature[0] ^ 1]) + signature[1:], high]
        for each in cases:
            same = verify_proof.ed25519(key.verifier.public, each, message)
            assert same == verify(key.verifier.public, each, message) == (each == signature)
