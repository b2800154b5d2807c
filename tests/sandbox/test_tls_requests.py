"""What ends TLS before the demo passes on no request that two programs could read in two ways (RFC 9112)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from vad.sandbox.tls.chunked import LARGEST_BODY, whole
from vad.sandbox.tls.front import passed_on
from vad.sandbox.tls.refused import BodyTooLargeError, RequestRefusedError

HEAD = b"GET / HTTP/1.1\r\nHost: vad.localhost\r\n"


@pytest.mark.parametrize(
    "more",
    [
        b"Content-Length: 1\r\nContent-Length: 2\r\n",
        b"Content-Length: 1, 1\r\n",
        b"Content-Length: -1\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Client-Cert : :AAAA:\r\n",
        b" Client-Cert: :AAAA:\r\n",
        b"A: b\nClient-Cert: :AAAA:\r\n",
        b"no header\r\n",
    ],
)
def test_a_request_that_two_could_read_in_two_ways_is_refused(more: bytes) -> None:
    """Neither a second request nor a header can be smuggled past (RFC 9112 section 11.2)."""
    with pytest.raises(RequestRefusedError):
        passed_on(HEAD + more + b"\r\n", "127.0.0.1", None)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\nClient-Cert: :AAAA:\r\nHost: vad.localhost\r\n\r\n",
        b"POST / HTTP/1.1\nTransfer-Encoding: chunked\r\nHost: vad.localhost\r\n\r\n",
        b"GET / HTTP/1.1\rClient-Cert: :AAAA:\r\n\r\n",
        b"\r\nGET http://vad.localhost/ HTTP/1.1\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"\r\n\r\n",
    ],
)
def test_a_first_line_that_two_could_end_in_two_places(head: bytes) -> None:
    """Refused: behind it would stand a header that nobody looked at."""
    with pytest.raises(RequestRefusedError):
        passed_on(head, "127.0.0.1", None)


def chunks(*pieces: bytes) -> bytes:
    """What a body of these pieces comes to, each read by itself."""
    left = iter(pieces)

    async def read(_most: int) -> bytes:
        return next(left, b"")

    with ThreadPoolExecutor() as pool:
        return pool.submit(asyncio.run, whole(read)).result()


def test_chunks_are_read_to_their_end() -> None:
    """However they arrive; what extensions and trailers say is passed over."""
    said = b"3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nClient-Cert: :AAAA:\r\n\r\n"
    assert chunks(said) == chunks(*(bytes([each]) for each in said)) == b"abc0123456789"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"3\r\nabcd\r\n0\r\n\r\n", RequestRefusedError),
        (b"-1\r\n\r\n", RequestRefusedError),
        (b"0x1\r\na\r\n0\r\n\r\n", RequestRefusedError),
        (b"3\nabc\r\n0\r\n\r\n", RequestRefusedError),
        (b"3;\n\r\nabc\r\n0\r\n\r\n", RequestRefusedError),
        (b"123456789\r\n", RequestRefusedError),
        (b"%x\r\n" % (LARGEST_BODY + 1), BodyTooLargeError),
        (b"1;" + b"x" * LARGEST_BODY, BodyTooLargeError),
        (b"0\r\n" + b"a: b\r\n" * LARGEST_BODY, BodyTooLargeError),
        (b"3\r\nab", EOFError),
        (b"3\r\nabc\r\n0\r\n", EOFError),
    ],
)
def test_chunks_that_are_none_or_too_many(said: bytes, error: type[Exception]) -> None:
    """Nothing is guessed, and nobody fills the memory."""
    with pytest.raises(error):
        chunks(said)


def test_one_request_per_connection() -> None:
    """The program behind is told to read no further."""
    head, length = passed_on(HEAD + b"Connection: keep-alive\r\nContent-Length: 7\r\n\r\n", "127.0.0.1", b"der")
    assert length == 7
    assert head == (
        HEAD
        + b"Content-Length: 7\r\nConnection: close\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
        + b"Client-Cert: :ZGVy:\r\n\r\n"
    )
