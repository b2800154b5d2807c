"""Check proofs of an audit log, with nothing but Python 3.10 or newer: no VAD, no network, no other package.

    python verify.py KEY inclusion PROOF [CHECKPOINT]   that an event is in the log; shows the event
    python verify.py KEY consistency PROOF OLD          that the log grew from an OLD checkpoint, and changed nothing
    python verify.py KEY checkpoint FILE                that the log signed this

KEY is the public key of the log (name+id+base64), or several with spaces between. Files hold what `vad audit prove` and
`vad audit consistency` write. Read this file before you trust it: it is short so that you can.

Formats: c2sp.org signed-note, tlog-checkpoint, tlog-proof. Tree: RFC 9162 section 2.1. Signatures: RFC 8032 (Ed25519).
"""

import base64
import hashlib
import sys

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = 0x52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3  # -121665/121666
_ROOT_OF_MINUS_ONE = 0x2B8324804FC1DF0B2B4D00993DFBD7A72F431806AD2FE478C4EE1B274A0EA0B0
_BASE_Y = 0x6666666666666666666666666666666666666666666666666666666666666658  # 4/5
_NEUTRAL = (0, 1, 1, 0)
_LOG = 1
"""The kind of key that signs for a log."""

Point = tuple[int, int, int, int]
Known = dict[tuple[str, bytes], bytes]
Tree = tuple[int, bytes]


class NotProvedError(Exception):
    """It is not proved; the text says what is wrong."""


# Ed25519: points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.


def _point(encoded: bytes) -> Point | None:
    y = int.from_bytes(encoded, "little")
    negative, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if x * x % _P != square or (x == 0 and negative):
        return None
    if x & 1 != negative:
        x = _P - x
    return (x, y, 1, x * y % _P)


def _sum(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(number: int, point: Point) -> Point:
    result = _NEUTRAL
    while number:
        if number & 1:
            result = _sum(result, point)
        point = _sum(point, point)
        number >>= 1
    return result


def _same(one: Point, other: Point) -> bool:
    return (one[0] * other[2] - other[0] * one[2]) % _P == 0 and (one[1] * other[2] - other[1] * one[2]) % _P == 0


def ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this key made this signature (RFC 8032 section 5.1.7)."""
    base = _point(_BASE_Y.to_bytes(32, "little"))
    key, first = _point(public), _point(signature[:32])
    second = int.from_bytes(signature[32:], "little")
    if len(public) != 32 or len(signature) != 64 or base is None or key is None or first is None or second >= _ORDER:
        return False
    challenge = hashlib.sha512(signature[:32] + public + message).digest()
    number = int.from_bytes(challenge, "little") % _ORDER
    return _same(_times(second, base), _sum(first, _times(number, key)))


# Notes and checkpoints.


def keys(text: str) -> Known:
    """The public keys by name and id."""
    found: Known = {}
    for each in text.split():
        name, _, rest = each.partition("+")
        key_id, _, encoded = rest.partition("+")
        raw = base64.b64decode(encoded, validate=True)
        expected = hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
        if len(raw) != 33 or raw[0] != _LOG or key_id != expected:
            raise NotProvedError("that is not the public key of a log")
        found[name, bytes.fromhex(key_id)] = raw[1:]
    return found


def checkpoint(note: str, known: Known) -> Tree:
    """Size and root of a checkpoint that one of these keys signed."""
    text, blank, below = note.rpartition("\n\n")
    text += "\n"
    signed = set()
    for line in below.splitlines() if blank else []:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        raw = base64.b64decode(encoded, validate=True)
        public = known.get((name, raw[:4]))
        if dash == "\u2014" and public is not None:
            if not ed25519(public, raw[4:], text.encode()):
                raise NotProvedError("the signature of the checkpoint is wrong")
            signed.add(name)
    if not signed:
        raise NotProvedError("this key did not sign the checkpoint")
    origin, size, root = text.split("\n")[:3]
    if origin not in signed:
        raise NotProvedError("the checkpoint is of another log")
    return int(size), base64.b64decode(root, validate=True)


# The tree.


def leaf(entry: bytes) -> bytes:
    """The hash of what a leaf holds."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _climb(position: int, last: int) -> tuple[bool, int, int]:
    """One step of a proof up the tree: whether its hash stands to the left, and where that leads."""
    if last == 0:
        raise NotProvedError("the proof is too long")
    from_left = bool(position & 1) or position == last
    while from_left and not position & 1 and position:
        position, last = position >> 1, last >> 1
    return from_left, position >> 1, last >> 1


def included(entry: bytes, index: int, tree: Tree, hashes: list[bytes]) -> None:
    """RFC 9162 section 2.1.3.2."""
    size, root = tree
    if not 0 <= index < size:
        raise NotProvedError("the tree has no such leaf")
    found, position, last = leaf(entry), index, size - 1
    for step in hashes:
        from_left, position, last = _climb(position, last)
        found = node(step, found) if from_left else node(found, step)
    if last or found != root:
        raise NotProvedError("the event is not in the tree that was signed")


def consistent(old: Tree, new: Tree, hashes: list[bytes]) -> None:
    """RFC 9162 section 2.1.4.2."""
    if old[0] > new[0]:
        raise NotProvedError("the older checkpoint knows of more events")
    if old[0] == new[0] or old[0] == 0:
        if hashes or old[1] != (new[1] if old[0] else hashlib.sha256().digest()):
            raise NotProvedError("two histories of one size")
        return
    path = ([old[1]] if old[0] & (old[0] - 1) == 0 else []) + hashes
    if not path:
        raise NotProvedError("the proof is empty")
    position, last = old[0] - 1, new[0] - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    before = after = path[0]
    for step in path[1:]:
        from_left, position, last = _climb(position, last)
        before = node(step, before) if from_left else before
        after = node(step, after) if from_left else node(after, step)
    if last or (before, after) != (old[1], new[1]):
        raise NotProvedError("the log was changed since the older checkpoint")


# Files.


def _read(name: str) -> str:
    with open(name, encoding="utf-8", newline="") as file:
        return file.read()


def _parts(text: str, first: str) -> tuple[dict[str, str], list[bytes], str]:
    """The named lines of a proof, its hashes, and the checkpoint below."""
    head, blank, note = text.partition("\n\n")
    title, *lines = head.split("\n")
    if title != first or not blank:
        raise NotProvedError("that is not such a proof")
    named = dict(line.split(" ", 1) for line in lines if " " in line)
    return named, [base64.b64decode(line, validate=True) for line in lines if " " not in line], note


def main(arguments: list[str]) -> str:
    """Check what was asked; show what is proved."""
    known, what = keys(arguments[0]), arguments[1]
    if what == "checkpoint":
        size, root = checkpoint(_read(arguments[2]), known)
        return f"signed: {size} events, root {root.hex()}"
    if what == "consistency":
        _, hashes, note = _parts(_read(arguments[2]), "vad/consistency-proof@v1")
        old, new = checkpoint(_read(arguments[3]), known), checkpoint(note, known)
        consistent(old, new, hashes)
        return f"proved: the first {old[0]} of {new[0]} events are as they were"
    if what != "inclusion":
        raise IndexError
    named, hashes, note = _parts(_read(arguments[2]), "c2sp.org/tlog-proof@v1")
    tree = checkpoint(note, known)
    if arguments[3:] and checkpoint(_read(arguments[3]), known) != tree:
        raise NotProvedError("the proof is for another checkpoint")
    entry = base64.b64decode(named["extra"], validate=True)
    included(entry, int(named["index"]), tree, hashes)
    return entry.decode() + f"\nproved: this is event {named['index']} of {tree[0]}"


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except IndexError:
        sys.exit(__doc__)
    except NotProvedError as error:
        sys.exit(f"NOT PROVED: {error}")
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"NOT PROVED: it can't be read ({type(error).__name__})")
