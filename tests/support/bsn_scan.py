"""Looks for BSNs in anything: as they are, in base64, in hex, and under hashes that need no key to be undone."""

import base64
import hashlib
from collections.abc import Iterable, Iterator

_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b")


def found(haystack: str | bytes, bsns: Iterable[str]) -> list[tuple[str, str]]:
    """Return what there is of these BSNs: each with the name of the form it was found in."""
    data = haystack.encode(errors="surrogatepass") if isinstance(haystack, str) else haystack
    return [(bsn, form) for bsn in bsns for form, needle in _needles(bsn) if needle in data]


def forms(bsn: str) -> dict[str, list[bytes]]:
    """Return every way in which a BSN could stand somewhere, by the name of the form."""
    written: dict[str, list[bytes]] = {}
    for form, needle in _needles(bsn):
        written.setdefault(form, []).append(needle)
    return written


def _needles(bsn: str) -> Iterator[tuple[str, bytes]]:
    clear = bsn.encode()
    yield "clear", clear
    yield "grouped", f"{bsn[:4]}.{bsn[4:6]}.{bsn[6:]}".encode()
    yield "hex", clear.hex().encode()
    for once in _base64(clear):
        yield "base64", once
        for twice in _base64(once):
            yield "base64 twice", twice
    for twice in _base64(clear.hex().encode()):
        yield "hex in base64", twice
    for name in _HASHES:
        digest = hashlib.new(name, clear, usedforsecurity=False).digest()
        yield name, digest
        yield f"{name} hex", digest.hex().encode()
        yield f"{name} hex", digest.hex().upper().encode()
        for encoded in {base64.b64encode(digest), base64.urlsafe_b64encode(digest)}:
            yield f"{name} base64", encoded.rstrip(b"=")


def _base64(data: bytes) -> Iterator[bytes]:
    """What base64 and base64url make of it, wherever it begins: the characters that depend on it alone."""
    for before in range(3):
        padded = bytes(before) + data
        first, last = -(-before * 8 // 6), len(padded) * 8 // 6
        for encoded in {base64.b64encode(padded), base64.urlsafe_b64encode(padded)}:
            yield encoded[first:last]
