"""Inclusion proofs of a great many events: each tile is hashed once, and few are kept."""

from collections.abc import Sequence
from functools import lru_cache

from vad.domain.checkpoint import InclusionProof, SignedCheckpoint
from vad.domain.log_tiles import HEIGHT, WIDTH, LogTreeError, Tile, TileReader, width_at
from vad.domain.merkle import hash_of, inclusion_proof, node_hash

_KEPT = 64
"""Tiles that are kept with all that was hashed of them, some 45 kB each: events come about in the order of the tree."""


class InclusionProofs:
    """Proofs against one checkpoint. `vad.domain.log_tiles.TiledTree` makes a single one."""

    def __init__(self, checkpoint: SignedCheckpoint, read: TileReader) -> None:
        self._checkpoint = checkpoint
        self._size = checkpoint.checkpoint.size
        self._read = read
        self._rows = lru_cache(maxsize=_KEPT)(self._hashed)

    def covers(self, index: int) -> bool:
        """Whether this leaf is in the tree of the checkpoint."""
        return index < self._size

    def of(self, index: int, entry: bytes) -> InclusionProof:
        """The proof of one leaf. Raises `LogTreeError` when a tile is not as wide as it must be."""
        ranges = inclusion_proof(index, self._size)
        return InclusionProof(index, tuple(hash_of(each, self._node) for each in ranges), self._checkpoint, entry)

    def _node(self, height: int, number: int) -> bytes:
        level, above = divmod(height, HEIGHT)
        tile, place = divmod(number << above, WIDTH)
        return self._rows(level, tile)[above][place >> above]

    def _hashed(self, level: int, number: int) -> Sequence[Sequence[bytes]]:
        """The hashes of a tile, and above them those of all complete subtrees within it."""
        tile = Tile(level, number, width_at(level, number, self._size))
        row = list(self._read(tile))
        if len(row) != tile.width:
            raise LogTreeError(f"{tile.path} has {len(row)} hashes")
        rows = [row]
        while len(row) > 1:
            row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
            rows.append(row)
        return rows
