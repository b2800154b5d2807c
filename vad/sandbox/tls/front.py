"""What ends TLS before the programs of a demo, as a reverse proxy does before VAD wherever it runs.

`python -m vad.sandbox.tls.front CONFIG.json` serves until SIGTERM or SIGINT. Each listener passes requests on to one
port of this machine, one request per connection. It says who came (`X-Forwarded-For`), that they came over TLS, and,
where it asks for certificates, whose (`Client-Cert`, RFC 9440). What a caller says of that is never passed on.
"""

import asyncio
import base64
import json
import logging
import re
import signal
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from vad.sandbox import fields
from vad.sandbox.errors import SandboxError
from vad.sandbox.ports import LOOPBACK
from vad.sandbox.tls import chunked
from vad.sandbox.tls.refused import RequestRefusedError
from vad.sandbox.tls.stream import TlsStream

HEADER = "Client-Cert"
CIPHERS = "ECDHE+AESGCM"
"""With TLS 1.2, what RFC 9325 section 4.2 recommends and nothing else, as FAPI 2.0 demands."""
_OURS = {"client-cert", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port"}
_OF_THE_CONNECTION = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
_TO_COME = 15.0
"""Seconds in which a request must be there."""
_TO_GO = 60.0
_LONGEST_HEAD = 64 * 1024
_PIECE = 64 * 1024
_DIGITS = 9
_FIRST = re.compile(r"[!-~]+ [!-~]+ HTTP/1\.[01]")
"""A request line (RFC 9112 section 3)."""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t -~\x80-\xff]*")
"""A header (RFC 9110 sections 5.1 and 5.5): no character in it ends a line, to whoever reads it."""


@dataclass(frozen=True)
class Listener:
    """`port` is served with TLS, `target` without. `client_ca`: who vouches for certificates that may be shown."""

    port: int
    target: int
    client_ca: str | None = None


@dataclass(frozen=True)
class Config:
    """The server's certificate and key as PEM files, a port that says without TLS that all listen, and those."""

    certificate: str
    key: str
    health: int
    listeners: tuple[Listener, ...]

    @classmethod
    def from_json(cls, raw: Mapping[str, Any], /) -> "Config":
        """The configuration written as JSON. Raises `ConfigError`."""
        fields.known_only(raw, set(cls.__dataclass_fields__))
        listeners = tuple(Listener(**each) for each in fields.items(raw, "listeners"))
        return cls(fields.text(raw, "certificate"), fields.text(raw, "key"), int(raw["health"]), listeners)


def passed_on(head: bytes, peer: str, certificate: bytes | None) -> tuple[bytes, int | None]:
    """The head of a request as the program behind gets it, and the length of its body; None: it comes in chunks.

    Raises `RequestRefusedError`.
    """
    first, *lines = head.removesuffix(b"\r\n\r\n").decode("latin-1").split("\r\n")
    # The program behind may end a line at a bare line feed: what stood there would be a header that nobody looked at.
    if _FIRST.fullmatch(first) is None:
        raise RequestRefusedError("a first line that is none")
    kept, lengths, codings = [first], [], []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or _NAME.fullmatch(name) is None or _VALUE.fullmatch(value) is None:
            raise RequestRefusedError("a header that is none")
        known = name.lower()
        if known == "transfer-encoding":
            codings.append(value.strip().lower())
        if known == "content-length":
            lengths.append(value.strip())
        # An underscore would become the same name as a hyphen to whoever reads it as an environment variable.
        if "_" not in name and known not in _OURS | _OF_THE_CONNECTION:
            kept.append(line)
    if len(lengths) > 1 or not all(each.isascii() and each.isdigit() and len(each) <= _DIGITS for each in lengths):
        raise RequestRefusedError("a body of more than one length")
    if codings and (codings != ["chunked"] or lengths or not first.endswith(" HTTP/1.1")):
        raise RequestRefusedError("a body that ends in more than one place")
    kept += ["Connection: close", f"X-Forwarded-For: {peer}", "X-Forwarded-Proto: https"]
    if certificate is not None:
        kept.append(f"{HEADER}: :{base64.b64encode(certificate).decode()}:")
    length = int(lengths[0]) if lengths else 0
    return "\r\n".join((*kept, "", "")).encode("latin-1"), None if codings else length


async def serve(config: Config, stopping: asyncio.Event) -> None:
    """Serve until `stopping`. Raises `SandboxError` when that can't be."""
    servers = []
    try:
        for listener in config.listeners:
            handle = partial(_handle, listener.target, _context(config, listener))
            servers.append(await asyncio.start_server(handle, LOOPBACK, listener.port))
        servers.append(await asyncio.start_server(_healthy, LOOPBACK, config.health))
        await stopping.wait()
    except (OSError, ssl.SSLError) as error:
        raise SandboxError(f"TLS cannot be served: {error}") from error
    finally:
        for server in servers:
            server.close()


def _context(config: Config, listener: Listener) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.load_cert_chain(config.certificate, config.key)
    if listener.client_ca is not None:
        # Whoever shows none is passed on without one: what needs it is for the program behind to say.
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(listener.client_ca)
    return context


async def _handle(
    target: int, context: ssl.SSLContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    stream = TlsStream(context, reader, writer)
    try:
        async with asyncio.timeout(_TO_COME):
            await stream.shake_hands()
            head = await stream.read_head(_LONGEST_HEAD)
        request, length = passed_on(head, stream.peer, stream.certificate)
        async with asyncio.timeout(_TO_GO):
            if length is None:
                body = await chunked.whole(stream.read)
                request, length = request.removesuffix(b"\r\n") + _measured(body), 0
            await _exchange(target, request, length, stream)
    except RequestRefusedError as refused:
        answer = f"HTTP/1.1 {refused.status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        await stream.refuse(answer.encode())
    except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
        pass  # whoever came or whom it was for is gone, which the other end sees
    finally:
        stream.close()


def _measured(body: bytes) -> bytes:
    """The end of a head that tells the length, and the body."""
    return f"Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _exchange(target: int, request: bytes, length: int, stream: TlsStream) -> None:
    try:
        answers, asks = await asyncio.open_connection(LOOPBACK, target)
    except OSError:
        stream.write(b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        return
    asks.write(request)
    body = asyncio.ensure_future(_copy(stream, asks, length))
    try:
        await _copy(answers, stream)
    finally:
        body.cancel()
        asks.close()


async def _copy(
    source: asyncio.StreamReader | TlsStream, target: asyncio.StreamWriter | TlsStream, left: int | None = None
) -> None:
    """Copy `left` bytes, or until the end."""
    while left is None or left > 0:
        piece = await source.read(_PIECE if left is None else min(_PIECE, left))
        if not piece:
            return
        left = None if left is None else left - len(piece)
        target.write(piece)
        await target.drain()


async def _healthy(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    writer.close()


async def _run(config: Config) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await serve(config, stopping)


if __name__ == "__main__":
    # A caller who goes away is none of the demo's troubles.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        asyncio.run(_run(Config.from_json(json.loads(Path(sys.argv[1]).read_text("utf-8")))))
    except SandboxError as failure:
        sys.exit(str(failure))
