"""The Merkle tree of the log (RFC 9162 section 2.1), by known answers, by its law, and beside another library."""

import functools
from collections.abc import Sequence

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vad.domain.log_tiles import GrowingTree, LogTreeError, Tile, TiledTree, right_edge, split, width_at
from vad.domain.merkle import (
    EMPTY,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    proves_consistency,
    proves_inclusion,
    root,
)

ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The entries that the authors of RFC 6962 publish known answers for."""
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
_A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
_B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
_C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
_D = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
_E = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
_F = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"


def tiled(leaves: Sequence[bytes]) -> TiledTree:
    """Grow a tree leaf by leaf, keep its tiles as a log does, and read it from these alone."""
    tree, kept = GrowingTree(), {}
    for leaf in leaves:
        tree.add(leaf)
    kept = dict(tree.finished)

    def read(tile: Tile) -> Sequence[bytes]:
        return split(kept[tile]) if tile in kept else tree.edge(tile.level)

    return TiledTree(len(leaves), read)


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size: int) -> None:
    """Section 2.1.1: the empty tree included; and however a tree is made, its root is the same."""
    grown = GrowingTree()
    for leaf in LEAVES[:size]:
        grown.add(leaf)
    expected = bytes.fromhex(ROOTS[size])
    assert root(LEAVES[:size]) == grown.root() == tiled(LEAVES[:size]).root() == expected


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        (inclusion_proof(0, 1), []),
        (inclusion_proof(0, 8), [_A, _B, _C]),
        (inclusion_proof(5, 8), [_F, _D, ROOTS[4]]),
        (inclusion_proof(2, 3), [ROOTS[2]]),
        (consistency_proof(1, 1), []),
        (consistency_proof(1, 8), [_A, _B, _C]),
        (consistency_proof(6, 8), [_E, _D, ROOTS[4]]),
        (consistency_proof(2, 5), [_B, _F]),
    ],
)
def test_known_proofs(ranges: list[tuple[int, int]], expected: list[str]) -> None:
    """Sections 2.1.3 and 2.1.4, by the answers that others published."""
    assert [each.hex() for each in tiled(LEAVES).hashes(ranges)] == expected


@given(st.integers(1, 70_000), st.data())
def test_what_is_proved_is_true(size: int, data: st.DataObject) -> None:
    """Every leaf and every older tree has a proof that holds, and that holds for nothing else."""
    index = data.draw(st.integers(0, size - 1))
    older = data.draw(st.integers(0, size))
    tree = _big(size)
    proof = tree.hashes(inclusion_proof(index, size))
    leaf = leaf_hash(index.to_bytes(4, "big"))
    assert proves_inclusion(leaf, index, size, proof, tree.root())
    assert not proves_inclusion(leaf_hash(b"else"), index, size, proof, tree.root())
    assert not proves_inclusion(leaf, (index + 1) % size, size, proof, tree.root()) or size == 1
    assert not proves_inclusion(leaf, index, size, [*proof, leaf], tree.root())
    assert not proves_inclusion(leaf, size, size, proof, tree.root())

    grown = tree.hashes(consistency_proof(older, size))
    before = (older, _big(older).root())
    assert proves_consistency(before, (size, tree.root()), grown)
    assert not proves_consistency((older, leaf_hash(b"else")), (size, tree.root()), grown)
    assert not proves_consistency(before, (size, leaf_hash(b"else")), grown) or older == 0
    assert not proves_consistency(before, (size, tree.root()), [*grown, leaf])
    assert not proves_consistency((size + 1, tree.root()), (size, tree.root()), grown)


@functools.cache
def _all() -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]


@functools.cache
def _grown() -> tuple[GrowingTree, dict[Tile, bytes]]:
    """The big tree, grown once, and its finished tiles."""
    tree = GrowingTree()
    for leaf in _all():
        tree.add(leaf)
    return tree, dict(tree.finished)


def _read(tile: Tile) -> Sequence[bytes]:
    """A tile of the big tree, or the beginning of it."""
    tree, kept = _grown()
    whole = kept.get(Tile(tile.level, tile.number))
    return (split(whole) if whole else tree.edge(tile.level))[: tile.width]


def _big(size: int) -> TiledTree:
    return TiledTree(size, _read)


@given(st.integers(0, 70_000), st.integers(1, 700))
def test_a_tree_goes_on_from_its_tiles(size: int, more: int) -> None:
    """Whoever has the right edge alone adds leaves as if they had all of it, and finishes the same tiles."""
    resumed = GrowingTree.resume(size, _read)
    assert resumed.root() == _big(size).root()
    end = min(size + more, len(_all()))
    for leaf in _all()[size:end]:
        resumed.add(leaf)
    assert resumed.size == end
    assert resumed.root() == _big(end).root()
    assert all(_grown()[1][tile] == hashes for tile, hashes in resumed.finished)
    assert all(list(resumed.edge(tile.level)) == list(_read(tile)) for tile in right_edge(end))


def test_a_tile_that_is_not_whole_is_refused() -> None:
    """Nobody goes on, or proves, from less than a tree has."""
    with pytest.raises(LogTreeError, match="tile/0/000"):
        GrowingTree.resume(3, lambda _: LEAVES[:2])
    with pytest.raises(LogTreeError, match="tile/0/000"):
        TiledTree(3, lambda _: LEAVES[:2]).root()
    with pytest.raises(LogTreeError, match="whole"):
        split(b"\0" * 33)


def test_tiles_are_named_as_c2sp_names_them() -> None:
    """By the examples of tlog-tiles: 1,234,067 in groups of three, and the six kinds of a tree of 70,000."""
    assert Tile(0, 1_234_067).path == "tile/0/x001/x234/067"
    assert Tile(3, 7, 12).path == "tile/3/007.p/12"
    assert right_edge(70_000) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert [width_at(0, at, 70_000) for at in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert right_edge(256) == [Tile(1, 0, 1)]
    assert right_edge(0) == []


@given(st.lists(st.binary(max_size=40), max_size=40), st.data())
def test_another_library_agrees(entries: list[bytes], data: st.DataObject) -> None:
    """Roots and proofs are those of `pymerkle`, and each takes what the other made."""
    theirs = pymerkle.InmemoryTree.init_from_entries(entries, algorithm="sha256") if entries else None
    leaves = [leaf_hash(entry) for entry in entries]
    ours = tiled(leaves)
    if theirs is None:
        assert ours.root() == EMPTY == pymerkle.InmemoryTree(algorithm="sha256").get_root()
        return
    size = len(entries)
    assert ours.root() == theirs.get_root(size)
    index, older = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    their_proof = theirs.prove_inclusion(index + 1, size)
    pymerkle.verify_inclusion(leaves[index], ours.root(), their_proof)
    their_growth = theirs.prove_consistency(older, size)
    pymerkle.verify_consistency(tiled(leaves[:older]).root(), ours.root(), their_growth)
    mine = ours.hashes(inclusion_proof(index, size))
    assert set(mine) <= {*their_proof.path, leaves[index]}
