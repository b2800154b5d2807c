"""The tree in tiles, as C2SP tlog-tiles lays it out: rows of 256 hashes, of every eighth height.

A full tile never changes. So a log keeps, publishes and proves with a few small pieces, however long it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from vad.domain.merkle import HASH_SIZE, Range, complete_subtrees, fold, hash_of, node_hash, root

HEIGHT = 8
WIDTH = 1 << HEIGHT
_TOP = 8
"""Levels that 64-bit sizes need."""


class Tile(NamedTuple):
    """Where a tile stands, and how many hashes of it a tree has."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its path below the prefix of the log."""
        parts = [f"{self.number:03d}"] if self.number < 1000 else []  # noqa: PLR2004 - three digits each
        if not parts:
            digits = str(self.number)
            digits = digits.zfill(-(-len(digits) // 3) * 3)
            parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        name = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        return f"tile/{self.level}/{name}" + ("" if self.width == WIDTH else f".p/{self.width}")


TileReader = Callable[[Tile], Sequence[bytes]]
"""Gives the hashes of a tile."""


class LogTreeError(ValueError):
    """What was kept of a tree can't be of one tree."""


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes of a tile the tree of this size has."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - index * WIDTH))


def right_edge(size: int) -> list[Tile]:
    """The tiles of a tree that are not full, from the leaves up. Some levels have none."""
    tiles = []
    for level in range(_TOP):
        width = (size >> HEIGHT * level) % WIDTH
        if width:
            tiles.append(Tile(level, (size >> HEIGHT * level) // WIDTH, width))
    return tiles


def split(hashes: bytes) -> list[bytes]:
    """The hashes of a tile. Raises `LogTreeError` when they are not whole."""
    if len(hashes) % HASH_SIZE:
        raise LogTreeError("a tile is not made of whole hashes")
    return [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]


@dataclass(slots=True)
class GrowingTree:
    """The right edge of a tree: all that is needed to add leaves, and to know its root at any moment."""

    size: int = 0
    finished: list[tuple[Tile, bytes]] = field(default_factory=list)
    """The tiles that became full, in the order in which they did. Whoever takes note of them empties this."""
    _peaks: list[bytes] = field(default_factory=list)
    _edge: list[list[bytes]] = field(default_factory=lambda: [[] for _ in range(_TOP)])

    @classmethod
    def resume(cls, size: int, read: TileReader) -> Self:
        """Go on from a tree whose tiles are kept. Raises `LogTreeError` when one is not as wide as it must be."""
        tree = cls(size)
        for tile in reversed(right_edge(size)):
            hashes = list(read(tile))
            if len(hashes) != tile.width:
                raise LogTreeError(f"{tile.path} has {len(hashes)} hashes")
            tree._edge[tile.level] = hashes
            ends = [(1 << height) for height, _ in complete_subtrees((0, tile.width))]
            start = 0
            for length in ends:
                tree._peaks.append(root(hashes[start : start + length]))
                start += length
        return tree

    def add(self, leaf: bytes) -> None:
        """Add the hash of a leaf."""
        self._keep(0, leaf)
        node, rest, height = leaf, self.size, 0
        while rest & 1:
            node = node_hash(self._peaks.pop(), node)
            rest >>= 1
            height += 1
            if height % HEIGHT == 0:
                self._keep(height // HEIGHT, node)
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return fold(self._peaks)

    def edge(self, level: int) -> Sequence[bytes]:
        """The hashes of the tile of this level that is not full."""
        return self._edge[level]

    def _keep(self, level: int, node: bytes) -> None:
        edge = self._edge[level]
        edge.append(node)
        if len(edge) == WIDTH:
            # The node that made it full is not in `size` yet.
            index = ((self.size + 1) >> HEIGHT * level) // WIDTH - 1
            self.finished.append((Tile(level, index), b"".join(edge)))
            self._edge[level] = []


class TiledTree:
    """A tree of a known size whose tiles can be read: makes proofs."""

    def __init__(self, size: int, read: TileReader) -> None:
        self.size = size
        self._read = read
        self._known: dict[Tile, Sequence[bytes]] = {}

    def hashes(self, ranges: Sequence[Range]) -> list[bytes]:
        """The roots of these subtrees. Raises `LogTreeError` when a tile is not as wide as it must be."""
        return [hash_of(leaves, self._node) for leaves in ranges]

    def root(self) -> bytes:
        """Its root."""
        return hash_of((0, self.size), self._node)

    def _node(self, height: int, number: int) -> bytes:
        level, above = divmod(height, HEIGHT)
        first = number << above
        index = first // WIDTH
        hashes = self._tile(Tile(level, index, width_at(level, index, self.size)))
        start = first - index * WIDTH
        return root(hashes[start : start + (1 << above)])

    def _tile(self, tile: Tile) -> Sequence[bytes]:
        if tile not in self._known:
            hashes = self._read(tile)
            if len(hashes) != tile.width:
                raise LogTreeError(f"{tile.path} has {len(hashes)} hashes")
            self._known[tile] = hashes
        return self._known[tile]
