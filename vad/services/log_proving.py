"""Proofs of the log for somebody who holds a checkpoint alone."""

from collections.abc import Callable
from dataclasses import dataclass

from vad.domain.checkpoint import InclusionProof, SignedCheckpoint, consistency_text
from vad.domain.errors import LogBrokenError, VadError
from vad.domain.log_tiles import LogTreeError, TiledTree
from vad.domain.merkle import consistency_proof, inclusion_proof, leaf_hash, proves_consistency, proves_inclusion
from vad.services.ports.log_reading import LogReading


class NoProofError(VadError):
    """There is nothing to prove; the text says why."""


@dataclass(frozen=True, slots=True)
class LogProving:
    """Makes proofs, and sees that each holds before it is given."""

    log: LogReading
    archived: Callable[[int], bytes | None] = lambda _index: None
    """What an archive holds of the event at this place. It is believed only as far as it is what was sealed."""

    def inclusion(self, event_id: str, checkpoint: SignedCheckpoint | None = None) -> str:
        """Prove that an event is in the log, against this checkpoint or the newest. Raises `NoProofError`."""
        checkpoint = checkpoint or self._newest()
        size, root = checkpoint.checkpoint.size, checkpoint.checkpoint.root
        index = self.log.place(event_id)
        if index is None:
            raise NoProofError("no such event was sealed (yet)")
        if index >= size:
            raise NoProofError(f"the checkpoint is older than the event: it has {size} events, and this is {index}")
        leaf = next(self.log.leaves(index, index + 1))
        entry = leaf.entry if leaf.entry is not None else self.archived(index)
        if entry is None:
            if leaf.month in self.log.purged():
                raise NoProofError(f"the event itself is in the archive of {leaf.month}: give that file (--archive)")
            raise NoProofError("the event itself is gone, and its month was not purged: run `vad audit verify`")
        if leaf.entry is None and leaf_hash(entry) != leaf.leaf_hash:
            raise NoProofError("the archive holds another event in its place")
        hashes = self._hashes(size, inclusion_proof(index, size))
        if not proves_inclusion(leaf_hash(entry), index, size, hashes, root):
            raise LogBrokenError("the log is not what this checkpoint says: run `vad audit verify`")
        return InclusionProof(index, tuple(hashes), checkpoint, entry).text()

    def consistency(self, older: SignedCheckpoint, newer: SignedCheckpoint | None = None) -> str:
        """Prove that the log only grew since the older checkpoint. Raises `NoProofError`."""
        newer = newer or self._newest()
        old, new = older.checkpoint, newer.checkpoint
        if old.size > new.size:
            raise NoProofError(f"the older checkpoint has {old.size} events, and the newer {new.size}")
        hashes = self._hashes(new.size, consistency_proof(old.size, new.size))
        if not proves_consistency((old.size, old.root), (new.size, new.root), hashes):
            raise LogBrokenError("the log is not what these checkpoints say: run `vad audit verify`")
        return consistency_text(old.size, newer, hashes)

    def growth(self, size: int) -> str:
        """Prove that the log only grew since it had `size` events, to whoever holds the checkpoint of that.

        Ours of that size may be gone: what they hold is what the proof is checked against. Raises `NoProofError`.
        """
        newer = self._newest()
        new = newer.checkpoint
        if size > new.size:
            raise NoProofError(f"the log has {new.size} events")
        *hashes, root = self._hashes(new.size, [*consistency_proof(size, new.size), (0, size)])
        if not proves_consistency((size, root), (new.size, new.root), hashes):
            raise LogBrokenError("the log is not what its checkpoint says: run `vad audit verify`")
        return consistency_text(size, newer, hashes)

    def _newest(self) -> SignedCheckpoint:
        newest = self.log.newest()
        if newest is None:
            raise NoProofError("nothing was sealed yet")
        return SignedCheckpoint.parse(newest.note)

    def _hashes(self, size: int, ranges: list[tuple[int, int]]) -> list[bytes]:
        try:
            return TiledTree(size, self.log.tiles).hashes(ranges)
        except LogTreeError as error:
            raise LogBrokenError(str(error)) from None
