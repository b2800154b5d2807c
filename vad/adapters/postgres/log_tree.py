"""The tiles of the tree, from full ones and from leaves: never more of them than are asked for."""

from collections.abc import Sequence

from sqlalchemy import text

from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.domain.log_tiles import WIDTH, Tile, split
from vad.domain.merkle import root

_FULL = Query(text("SELECT hashes FROM log_tiles WHERE level = :level AND number = :number"))
_LEAVES = Query(
    text("SELECT leaf_hash FROM log_leaves WHERE leaf_index >= :first AND leaf_index < :end ORDER BY leaf_index")
)
_BELOW = Query(
    text("SELECT hashes FROM log_tiles WHERE level = :level AND number >= :first AND number < :end ORDER BY number")
)


class PostgresTiles:
    """`vad.domain.log_tiles.TileReader` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def __call__(self, tile: Tile) -> Sequence[bytes]:
        """Its hashes, or fewer where the tree has no more."""
        for (hashes,) in self._transaction.read(_FULL, level=tile.level, number=tile.number):
            return split(bytes(hashes))[: tile.width]
        first = tile.number * WIDTH
        if tile.level == 0:
            rows = self._transaction.read(_LEAVES, first=first, end=first + tile.width)
            return [bytes(leaf) for (leaf,) in rows]
        rows = self._transaction.read(_BELOW, level=tile.level - 1, first=first, end=first + tile.width)
        return [root(split(bytes(hashes))) for (hashes,) in rows]
