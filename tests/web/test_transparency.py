"""The log as everybody can follow it: by checkpoint and tiles over HTTP, with no word about anybody."""

import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from flask import Flask, Response

from tests.support.database import ask
from tests.support.town import Town
from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.adapters.tlog.witness import Witness
from vad.bootstrap.log_keeping import checkpoint_key, log_keeping
from vad.cli.audit import audit
from vad.domain.checkpoint import Checkpoint, CheckpointError, SignatureKind, SignedCheckpoint
from vad.domain.errors import LogBrokenError, UnavailableError
from vad.domain.log_tiles import TiledTree
from vad.sandbox.serving import serve
from vad.services.log_keeping import LogKeeping

_INSERT = """
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)
    SELECT gen_random_uuid(), now(), 'login.succeeded', 'success', '{}' FROM generate_series(1, %s)
"""


@pytest.fixture
def keeping(vad_town: Town) -> LogKeeping:
    """Give what seals the log of the town, at least one event of it sealed."""
    ask(vad_town.database.app_url, _INSERT, (1,))
    made = log_keeping(vad_town.settings)
    assert made is not None
    seal(made)
    return made


def seal(keeping: LogKeeping) -> None:
    """Seal all that there is."""
    while keeping.turn(datetime.now(UTC)).more:
        pass


@pytest.fixture
def witness(vad_town: Town, tmp_path: Path) -> Witness:
    """Give a witness of the town's log."""
    key = checkpoint_key(vad_town.settings)
    assert key is not None
    signer = CheckpointKey.from_text(CheckpointKey.generate_text("witness.example", SignatureKind.WITNESS))
    return Witness(f"{vad_town.issuer}/log", [key.verifier], signer, tmp_path)


def test_a_witness_follows_the_log(vad_town: Town, keeping: LogKeeping, witness: Witness) -> None:
    """It takes the first checkpoint as it is, then only one that begins with what it saw, and cosigns each."""
    first, new = witness.look(int(time.time()))
    assert new
    assert first.signed_by([witness.signer.verifier], verify)
    assert witness.look(int(time.time())) == (first, False)
    for count in (3, 600):
        ask(vad_town.database.app_url, _INSERT, (count,))
        seal(keeping)
        later, new = witness.look(int(time.time()))
        assert new
        assert later.checkpoint.size >= first.checkpoint.size + count
        assert witness.seen() == later
        first = later


def test_a_witness_believes_no_second_history(vad_town: Town, keeping: LogKeeping, witness: Witness) -> None:
    """Another tree signed by the very key, an unsigned one, none at all: nothing is cosigned, the two are kept."""
    seen, _ = witness.look(1)
    key = checkpoint_key(vad_town.settings)
    assert key is not None
    size = seen.checkpoint.size
    ask(vad_town.database.app_url, _INSERT, (1,))
    seal(keeping)
    for other in (Checkpoint(key.name, size, bytes(32)), Checkpoint(key.name, size + 1, bytes(32))):
        note = SignedCheckpoint.make(other, key.verifier, key.sign).note()
        with answering(vad_town, note) as address:
            witness.address = address
            with pytest.raises(LogBrokenError, match="seen before"):
                witness.look(2)
            evidence = (witness.folder / f"contradiction-{other.size}-2").read_text("utf-8")
            assert SignedCheckpoint.parse(evidence).checkpoint == other
    with answering(vad_town, note.replace(key.name, "else")) as witness.address, pytest.raises(CheckpointError):
        witness.look(3)
    with answering(vad_town, None) as witness.address, pytest.raises(UnavailableError):
        witness.look(3)
    assert witness.seen() == seen


def test_a_shorter_log_is_found(vad_town: Town, keeping: LogKeeping, witness: Witness) -> None:
    """An older checkpoint is harmless while the log has what came after; one that was cut off or rewritten is not."""
    key = checkpoint_key(vad_town.settings)
    older, _ = witness.look(1)
    assert key is not None
    ask(vad_town.database.app_url, _INSERT, (3,))
    seal(keeping)
    seen, _ = witness.look(2)
    size = older.checkpoint.size
    with answering(vad_town, older.note()) as witness.address:
        assert witness.look(3) == (seen, False)
    unseen = Checkpoint(key.name, size + 1, _root(keeping, size + 1))
    for other, tiles, told in (
        (unseen, 200, None),
        (Checkpoint(key.name, size, bytes(32)), 404, "is no beginning"),  # of a size that it cosigned
        (Checkpoint(key.name, size + 1, bytes(32)), 200, "is no beginning"),
        (unseen, 404, "does not show"),
        (older.checkpoint, 410, "does not show"),
    ):
        note = SignedCheckpoint.make(other, key.verifier, key.sign).note()
        with answering(vad_town, note, tiles) as witness.address:
            if told is None:
                assert witness.look(4) == (seen, False)
                continue
            with pytest.raises(LogBrokenError, match=told):
                witness.look(4)
        evidence = witness.folder / f"contradiction-{other.size}-4"
        assert SignedCheckpoint.parse(evidence.read_text("utf-8")).checkpoint == other
        evidence.unlink()
    assert witness.seen() == seen


@pytest.mark.parametrize("status", [404, 503])
def test_tiles_that_are_withheld_are_found(vad_town: Town, keeping: LogKeeping, witness: Witness, status: int) -> None:
    """A signed checkpoint binds: whoever does not show for long what it says, after a restart too, hides something."""
    seen, _ = witness.look(1)
    ask(vad_town.database.app_url, _INSERT, (3,))
    seal(keeping)
    note = requests.get(f"{vad_town.issuer}/log/checkpoint", timeout=5).text
    newest = SignedCheckpoint.parse(note).checkpoint
    for second in range(2, 2 + witness.tries):
        restarted = Witness(witness.address, witness.keys, witness.signer, witness.folder)
        with answering(vad_town, note, status) as restarted.address:
            with pytest.raises(UnavailableError if second <= witness.tries else LogBrokenError) as raised:
                restarted.look(second)
            assert f"{newest.size} events" in str(raised.value)
    evidence = (witness.folder / f"contradiction-{newest.size}-{second}").read_text("utf-8")
    assert SignedCheckpoint.parse(evidence).checkpoint == newest
    assert witness.seen() == seen
    assert witness.look(9)[1], "shown after all"
    ask(vad_town.database.app_url, _INSERT, (3,))
    seal(keeping)
    note = requests.get(f"{vad_town.issuer}/log/checkpoint", timeout=5).text
    with answering(vad_town, note, status) as witness.address, pytest.raises(UnavailableError, match="try 1 of"):
        witness.look(10)


def _root(keeping: LogKeeping, size: int) -> bytes:
    with keeping.log.tiles() as read:
        return TiledTree(size, read).root()


def test_a_key_of_another_log_is_no_first_sight(vad_town: Town, keeping: LogKeeping, witness: Witness) -> None:
    """A checkpoint must bear the name of the key that signed it: what a key signed for another log is none of this."""
    key = checkpoint_key(vad_town.settings)
    assert key is not None
    assert keeping.turn(datetime.now(UTC)) is not None
    other = Checkpoint("elsewhere.example", 1, bytes(32))
    note = SignedCheckpoint.make(other, key.verifier, key.sign).note()
    with answering(vad_town, note) as address, pytest.raises(CheckpointError, match="of another log"):
        Witness(address, witness.keys, witness.signer, witness.folder).look(1)
    assert witness.seen() is None
    assert not list(witness.folder.iterdir())


def answering(town: Town, note: str | None, tiles: int = 200) -> AbstractContextManager[str]:
    """Serve this checkpoint, and the tiles of the town, or another status for each of them."""
    app = Flask("another history")

    @app.get("/<path:path>")
    def given(path: str) -> Response:
        if path == "checkpoint":
            return Response(note, 200 if note else 503)
        if tiles != requests.codes.ok:
            return Response(status=tiles)
        answer = requests.get(f"{town.issuer}/log/{path}", timeout=5)
        return Response(answer.content, answer.status_code)

    return serve(app)


NOTHING_THERE = ((404, "application/json"), (405, "application/json"))


def test_what_is_asked_for_wrongly_is_not_there(vad_town: Town, keeping: LogKeeping) -> None:
    """A tile that the signed tree does not have, or by another name; what is there may be kept for good."""
    ask(vad_town.database.app_url, _INSERT, (300,))
    seal(keeping)
    answer = requests.get(f"{vad_town.issuer}/log/tile/0/000", timeout=5)
    assert (len(answer.content), answer.headers["Content-Type"]) == (8192, "application/octet-stream")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    wrong = ["0/x000/000", "0/00", "0/0000", "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/", "0/999", "63/000"]
    for name in [*wrong, "64/000", "-1/000", "0/x999/999", "0/%2e%2e/000", "0/" + "x999/" * 40 + "999"]:
        answer = requests.get(f"{vad_town.issuer}/log/tile/{name}", timeout=5)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json"), name
    for name in ("%0A", "//evil.example", "/0/000"):
        for answer in (
            requests.request(method, f"{vad_town.issuer}/log/tile/{name}", timeout=5) for method in ("GET", "POST")
        ):
            assert (answer.status_code, answer.headers["Content-Type"]) in NOTHING_THERE, name


def test_the_command(vad_town: Town, keeping: LogKeeping, tmp_path: Path) -> None:
    """`vad audit witness` with a key of its own, and no settings: it says what it cosigned, once."""
    key = checkpoint_key(vad_town.settings)
    assert key is not None
    signer, run = str(tmp_path / "witness.key"), CliRunner().invoke
    assert "--name" in run(audit, ["key", signer, "--witness"]).output
    assert run(audit, ["key", signer, "--witness", "--name", "witness.example"]).exit_code == 0
    (tmp_path / "state").mkdir()
    command = ["witness", f"{vad_town.issuer}/log", "--key", str(key.verifier), "--signer", signer]
    command += ["--state", str(tmp_path / "state")]
    assert run(audit, command).output.splitlines()[-1].startswith("cosigned: ")
    again = run(audit, command)
    assert again.exit_code == 0
    assert "cosigned" not in again.output
    wrong = [str(vad_town.keys.checkpoint_key_file) if each == signer else each for each in command]
    assert "not the key of a witness" in run(audit, wrong).output
