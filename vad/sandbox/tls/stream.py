"""One connection over TLS. Unlike those of asyncio, it tells why it ends a handshake (RFC 8446 section 6.2)."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

_Made = TypeVar("_Made")
_PIECE = 64 * 1024
_TO_READ = 2.0
"""Seconds in which the other end may read why."""


class TlsStream:
    """What comes and what goes, as plain text. One task may read while another one writes."""

    def __init__(self, context: ssl.SSLContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._goes, server_side=True)
        self._reader, self._writer = reader, writer
        self._ahead = b""

    @property
    def peer(self) -> str:
        """The address that this came from."""
        return str(self._writer.get_extra_info("peername")[0])

    @property
    def certificate(self) -> bytes | None:
        """What the other end showed, in DER."""
        return self._tls.getpeercert(binary_form=True)

    async def shake_hands(self) -> None:
        """Agree on how to go on. Raises `ssl.SSLError` once the other end was told why not."""
        try:
            await self._done(self._tls.do_handshake)
        except ssl.SSLError:
            await self._heard()
            raise

    async def read_head(self, most: int) -> bytes:
        """Read as far as the first empty line. Raises `EOFError`, and `LimitOverrunError` for more than this."""
        end = b"\r\n\r\n"
        while end not in self._ahead:
            if len(self._ahead) > most:
                raise asyncio.LimitOverrunError("a head without an end", most)
            piece = await self._done(lambda: self._tls.read(_PIECE))
            if not piece:
                raise EOFError
            self._ahead += piece
        head, _, self._ahead = self._ahead.partition(end)
        return head + end

    async def read(self, most: int) -> bytes:
        """Read what there is, and nothing at the end."""
        if self._ahead:
            piece, self._ahead = self._ahead[:most], self._ahead[most:]
            return piece
        return await self._done(lambda: self._tls.read(most))

    def write(self, piece: bytes) -> None:
        """Send this."""
        self._tls.write(piece)
        self._flush()

    async def drain(self) -> None:
        """Wait until there is room for more."""
        await self._writer.drain()

    async def refuse(self, answer: bytes) -> None:
        """Send this, as the last there is, to somebody who may still be sending."""
        self.write(answer)
        self._end()
        await self._heard()

    def close(self) -> None:
        """Say that nothing follows, and wait for no answer."""
        self._end()
        self._writer.close()

    def _end(self) -> None:
        with suppress(ssl.SSLError):
            self._tls.unwrap()
        self._flush()

    async def _heard(self) -> None:
        """To close while the other end still sends would take away what it was told (RFC 9112 section 9.6)."""
        with suppress(OSError, TimeoutError):
            self._writer.write_eof()
            async with asyncio.timeout(_TO_READ):
                while await self._reader.read(_PIECE):
                    pass

    async def _done(self, step: Callable[[], _Made]) -> _Made:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                pass
            finally:
                self._flush()  # where it failed too: that is the alert
            piece = await self._reader.read(_PIECE)
            if piece:
                self._came.write(piece)
            else:
                self._came.write_eof()

    def _flush(self) -> None:
        if self._goes.pending:
            self._writer.write(self._goes.read())
