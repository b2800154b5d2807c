"""Checkpoints, and who signed them: C2SP signed-note, tlog-checkpoint, tlog-cosignature."""

import pytest

from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.domain.checkpoint import (
    Checkpoint,
    CheckpointError,
    NoteSignature,
    SignatureKind,
    SignedCheckpoint,
    VerifierKey,
)

LOG = CheckpointKey.from_text(CheckpointKey.generate_text("log.example/audit"))
OTHER = CheckpointKey.from_text(CheckpointKey.generate_text("log.example/audit"))
WITNESS = CheckpointKey.from_text(CheckpointKey.generate_text("witness.example", SignatureKind.WITNESS))
CHECKPOINT = Checkpoint("log.example/audit", 5, bytes(range(32)))


def signed() -> SignedCheckpoint:
    """Give the checkpoint as the log signs it."""
    return SignedCheckpoint.make(CHECKPOINT, LOG.verifier, LOG.sign)


def test_others_notes_are_understood() -> None:
    """A key and a signature that another implementation of signed-note published."""
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    below = SignedCheckpoint.parse(f"a\n1\n{'A' * 43}=\n\n\u2014 PeterNeumann {line}\n").signatures
    note = SignedCheckpoint(CHECKPOINT, text, below)
    assert str(key) == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert note.signed_by([key], verify) == key
    with pytest.raises(CheckpointError, match="wrong"):
        SignedCheckpoint(CHECKPOINT, text.upper(), below).signed_by([key], verify)


def test_a_checkpoint_comes_back_as_it_was_signed() -> None:
    """By the log and by a witness; each is found by its own key and by no other."""
    note = signed().cosigned(WITNESS.verifier, WITNESS.sign, 1_790_000_000).note()
    read = SignedCheckpoint.parse(note)
    assert (read.checkpoint, read.note()) == (CHECKPOINT, note)
    assert read.signed_by([OTHER.verifier, LOG.verifier], verify) == LOG.verifier
    assert read.signed_by([WITNESS.verifier], verify) == WITNESS.verifier
    assert len(read.cosigned(WITNESS.verifier, WITNESS.sign, 1_790_000_001).signatures) == 2
    with pytest.raises(CheckpointError, match="nobody"):
        read.signed_by([OTHER.verifier], verify)


@pytest.mark.parametrize("part", ["log.example/audit\n5", "\n5\n", "AAECAwQF"])
def test_nothing_of_it_can_be_changed(part: str) -> None:
    """Neither name, nor size, nor root; and a wrong signature spoils a note that others signed rightly."""
    note = signed().cosigned(WITNESS.verifier, WITNESS.sign, 7).note()
    changed = note.replace(part, part[:-1] + ("6" if part[-1] != "\n" else "0\n"), 1)
    assert changed != note
    with pytest.raises(CheckpointError):
        SignedCheckpoint.parse(changed).signed_by([LOG.verifier, WITNESS.verifier], verify)


def test_the_time_of_a_witness_is_signed() -> None:
    """Whoever moves it makes the cosignature wrong."""
    read = signed().cosigned(WITNESS.verifier, WITNESS.sign, 7)
    name, key_id, signature = (getattr(read.signatures[1], each) for each in ("name", "key_id", "signature"))
    moved = NoteSignature(name, key_id, (8).to_bytes(8, "big") + signature[8:])
    with pytest.raises(CheckpointError, match="of witness"):
        SignedCheckpoint(read.checkpoint, read.text, (moved,)).signed_by([WITNESS.verifier], verify)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "log\n5\n",
        signed().text,
        signed().note().replace("\n5\n", "\n05\n"),
        signed().note().replace("\n5\n", "\n-5\n"),
        signed().note().replace("\n5\n", "\n\n"),
        signed().note().replace("AAEC", "AA\tC"),
        signed().note().replace("AAECAw", "AAEC"),
        signed().note()[:-1],
        signed().note().replace("\u2014", "-"),
        signed().text + "\n" + signed().signatures[0].line() * 65,
    ],
    ids=[str(number) for number in range(11)],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    """Before anything of it is believed."""
    with pytest.raises(CheckpointError):
        SignedCheckpoint.parse(note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+AA==",
        str(LOG.verifier).replace("log.", "lag."),
        str(LOG.verifier)[:-4],
        "a b+" + str(LOG.verifier).partition("+")[2],
    ],
    ids=[str(number) for number in range(6)],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    """A key goes with its name: under another name it is another key."""
    with pytest.raises(CheckpointError):
        VerifierKey.parse(text)
    with pytest.raises(CheckpointError):
        CheckpointKey.from_text("PRIVATE+KEY+" + text)


def test_a_demo_key_says_so() -> None:
    """Whoever has the demo has it too; production refuses it by this mark."""
    assert CheckpointKey.from_text(CheckpointKey.generate_text("a", demo=True)).demo
    assert not LOG.demo
    assert "private" not in repr(LOG).lower()
