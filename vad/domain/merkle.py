"""The Merkle tree of RFC 9162 section 2.1 over SHA-256: roots, proofs, and what checks them.

A tree of `size` leaves is made of complete subtrees: one for each bit that is set in its size. So a tree grows by
knowing their roots alone, and every hash of a proof is folded from a few of them. Nothing here reads or keeps leaves.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

Range = tuple[int, int]
"""The leaves from the first number up to, and not with, the second."""
Nodes = Callable[[int, int], bytes]
"""The root of the complete subtree at this height (0: a leaf), the so-manieth of that height from the left."""

HASH_SIZE = 32
EMPTY = (
    b"\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24"
    b"\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8\x55"
)
"""The root of a tree without leaves: SHA-256 of nothing."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash what a leaf holds. The prefix keeps a leaf from passing for a node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into one."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes."""
    row = list(hashes)
    if not row:
        return EMPTY
    while len(row) > 1:
        above = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        row = above + row[len(above) * 2 :]  # the last one has no other beside it, and goes up as it is
    return row[0]


def fold(roots: Iterable[bytes]) -> bytes:
    """The root of a tree from those of its complete subtrees, from left to right."""
    folded = b""
    for left in reversed(list(roots)):
        folded = node_hash(left, folded) if folded else left
    return folded or EMPTY


def complete_subtrees(leaves: Range) -> Iterator[tuple[int, int]]:
    """Height and number of the complete subtrees that a subtree of a tree consists of, from left to right."""
    start, end = leaves
    while start < end:
        height = (end - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


def hash_of(leaves: Range, nodes: Nodes) -> bytes:
    """The root of a subtree that a proof names."""
    return fold(nodes(*subtree) for subtree in complete_subtrees(leaves))


def inclusion_proof(index: int, size: int) -> list[Range]:
    """The subtrees whose roots prove that a leaf is in the tree of this size (section 2.1.3.1), from the leaf up."""
    if not 0 <= index < size:
        raise ValueError("no leaf of that tree")
    start, end = 0, size
    path: list[Range] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency_proof(older: int, newer: int) -> list[Range]:
    """The subtrees whose roots prove that the newer tree begins with all of the older one (section 2.1.4.1)."""
    if not 0 <= older <= newer:
        raise ValueError("no older tree")
    if older == 0:
        return []
    start, end = 0, newer
    path: list[Range] = []
    while older != end:
        middle = start + _split(end - start)
        if older <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    if start:
        path.append((start, end))
    return path[::-1]


def proves_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether the proof leads from the hash of a leaf to that root (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(step, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, step)
        node, last = node >> 1, last >> 1
    return last == 0 and found == expected


def proves_consistency(older: tuple[int, bytes], newer: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the older tree is the beginning of the newer (section 2.1.4.2).

    Each is given as its size and its root.
    """
    (first, first_root), (second, second_root) = older, newer
    if first == 0:
        return not proof and first_root == EMPTY
    if first == second:
        return not proof and first_root == second_root
    if first > second or not proof:
        return False
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)  # a complete subtree of the newer tree: the proof leaves it out
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1
