"""A body in chunks (RFC 9112 section 7.1), read to its end: the program behind is told its length instead."""

import re
from collections.abc import Awaitable, Callable

from vad.sandbox.tls.refused import BodyTooLargeError, RequestRefusedError

LARGEST_BODY = 1024 * 1024
"""Octets. The programs behind take less."""
_PIECE = 64 * 1024
_END = b"\r\n"
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?")
"""What extensions say is passed over, as section 7.1.1 has it."""


async def whole(read: Callable[[int], Awaitable[bytes]]) -> bytes:
    """The body. `read` gives what there is, up to so many octets, and nothing at the end.

    Raises `RequestRefusedError`, and `EOFError` where it breaks off.
    """
    chunks, body = _Chunks(read), bytearray()
    while size := _size(await chunks.line()):
        if len(body) + size > LARGEST_BODY:
            raise BodyTooLargeError("a body that is too large")
        body += await chunks.octets(size)
        if await chunks.line():
            raise RequestRefusedError("a chunk of another size than it says")
    while await chunks.line():
        pass  # trailers: nobody behind asks for any
    return bytes(body)


def _size(line: bytes) -> int:
    found = _SIZE.fullmatch(line)
    if found is None:
        raise RequestRefusedError("a chunk of no size")
    return int(found[1], 16)


class _Chunks:
    """What came and was not read yet. What stands around chunks is bounded as their content is."""

    def __init__(self, read: Callable[[int], Awaitable[bytes]]) -> None:
        self._read = read
        self._ahead = bytearray()
        self._left = LARGEST_BODY

    async def line(self) -> bytes:
        """Read as far as the end of a line, and leave that out."""
        while (end := self._ahead.find(_END)) < 0:
            if len(self._ahead) > self._left:
                raise BodyTooLargeError("a line without an end")
            await self._more()
        line = await self.octets(end + len(_END))
        self._left -= len(line)
        if self._left < 0:
            raise BodyTooLargeError("more around the chunks than in them")
        if b"\r" in line[:end] or b"\n" in line[:end]:
            raise RequestRefusedError("a line that two could end in two places")
        return line[:end]

    async def octets(self, count: int) -> bytes:
        """Read so many."""
        while len(self._ahead) < count:
            await self._more()
        taken = bytes(self._ahead[:count])
        del self._ahead[:count]
        return taken

    async def _more(self) -> None:
        piece = await self._read(_PIECE)
        if not piece:
            raise EOFError
        self._ahead += piece
