"""Proofs of a great many events beside the proof of one."""

import functools

from hypothesis import given
from hypothesis import strategies as st

from vad.domain.checkpoint import Checkpoint, SignedCheckpoint
from vad.domain.log_proofs import InclusionProofs
from vad.domain.log_tiles import WIDTH, GrowingTree, Tile, TiledTree
from vad.domain.merkle import inclusion_proof, leaf_hash, proves_inclusion

MOST = 66_000
"""Three levels of tiles."""
ENTRIES = [number.to_bytes(4, "big") for number in range(MOST)]


@functools.cache
def grown() -> tuple[GrowingTree, dict[Tile, bytes]]:
    """Grow the tree of them all, once; its finished tiles beside it."""
    tree = GrowingTree()
    for entry in ENTRIES:
        tree.add(leaf_hash(entry))
    return tree, dict(tree.finished)


def read(tile: Tile) -> list[bytes]:
    """Give a tile of the tree, or of the smaller one that it grew from."""
    tree, full = grown()
    hashes = full.get(Tile(tile.level, tile.number)) or b"".join(tree.edge(tile.level))
    return [hashes[at : at + 32] for at in range(0, 32 * tile.width, 32)]


@given(st.integers(1, MOST).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_the_same_proof(of: tuple[int, int]) -> None:
    """RFC 9162 section 2.1.3: whatever the size, each proof is the one that `TiledTree` makes, and it proves."""
    size, index = of
    tree = TiledTree(size, read)
    made = InclusionProofs(SignedCheckpoint(Checkpoint("log", size, tree.root()), "", ()), read)
    assert made.covers(index)
    assert not made.covers(size)
    proof = made.of(index, ENTRIES[index])
    assert list(proof.hashes) == tree.hashes(inclusion_proof(index, size))
    assert proves_inclusion(leaf_hash(ENTRIES[index]), index, size, proof.hashes, tree.root())


def test_each_tile_is_read_once() -> None:
    """However many proofs come in the order of the tree."""
    asked: list[Tile] = []

    def noted(tile: Tile) -> list[bytes]:
        asked.append(tile)
        return read(tile)

    made = InclusionProofs(SignedCheckpoint(Checkpoint("log", MOST, grown()[0].root()), "", ()), noted)
    for index in range(10 * WIDTH):
        made.of(index, ENTRIES[index])
    assert len(asked) == len(set(asked)) < 20
