"""The tiles of the tree, from full ones and from leaves: never more of them than are asked for."""

from collections.abc import Iterator, Sequence

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
    text("""
    SELECT number, hashes FROM log_tiles WHERE level = :level AND number >= :first AND number < :end ORDER BY number
    """)
)


_MOST_ROOTS = 8 * WIDTH
"""The right edge needs so many at most: of eight levels, a tile each."""

Roots = dict[tuple[int, int], bytes]
"""The roots of full tiles by level and number: a full tile never changes."""


class PostgresTiles:
    """`vad.domain.log_tiles.TileReader` in one transaction.

    A tile that is not full is made of the roots of those below it, and to hash 256 of these costs more than all else.
    Whoever reads the edge again and again gives `roots` that were made before; what it reads for the first time, or to
    find out whether anything was changed, it reads without.
    """

    def __init__(self, transaction: Transaction, roots: Roots | None = None) -> None:
        self._transaction = transaction
        self._roots = roots if roots is not None else {}

    def __call__(self, tile: Tile) -> Sequence[bytes]:
        """Its hashes, or fewer where the tree has no more."""
        for (hashes,) in self._transaction.read(_FULL, level=tile.level, number=tile.number):
            return split(bytes(hashes))[: tile.width]
        first = tile.number * WIDTH
        if tile.level == 0:
            rows = self._transaction.read(_LEAVES, first=first, end=first + tile.width)
            return [bytes(leaf) for (leaf,) in rows]
        return list(self._roots_of(tile.level - 1, first, first + tile.width))

    def _roots_of(self, level: int, first: int, end: int) -> Iterator[bytes]:
        while first < end and (known := self._roots.get((level, first))) is not None:
            yield known
            first += 1
        if first == end:
            return
        if len(self._roots) > _MOST_ROOTS:
            self._roots.clear()
        for number, hashes in self._transaction.read(_BELOW, level=level, first=first, end=end):
            made = self._roots[level, number] = root(split(bytes(hashes)))
            yield made
