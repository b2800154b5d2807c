"""When a request is there as a whole, so that a thread can get on with it without waiting for its client."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vad.cli.gunicorn_worker import Incoming

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /token HTTP/1.1\r\nHost: x\r\ncontent-LENGTH:  5 \r\n\r\nhello"


@pytest.mark.parametrize(
    "whole",
    [
        GET,
        GET + GET[:9],
        POST,
        POST + GET,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: \r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 00000000000005\r\n\r\nhello",
        b"x" * (256 * 1024),
    ],
    ids=["get", "more behind it", "body", "next behind it", "chunks", "no length", "a word", "zeros", "endless head"],
)
def test_what_needs_no_waiting(whole: bytes) -> None:
    """Complete, or of a kind that only who understands it can go on with."""
    incoming = Incoming()
    incoming.add(whole)
    assert incoming.whole


@pytest.mark.parametrize(
    "part",
    [
        b"",
        GET[:-1],
        POST[:-1],
        b"POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 70_000,
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 0000000010\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 10000000000\r\n\r\n",
    ],
    ids=["nothing", "head", "body", "large body", "asks first", "zeros", "larger body"],
)
def test_what_is_waited_for(part: bytes) -> None:
    """A head or a body that is not complete, or whose length is beyond us."""
    incoming = Incoming()
    incoming.add(part)
    assert not incoming.whole


@given(st.sampled_from([GET, POST]), st.lists(st.integers(1, 60), max_size=8))
def test_it_does_not_matter_in_which_pieces_it_comes(request: bytes, cuts: list[int]) -> None:
    """Whole with the last byte, and not before."""
    incoming, places = Incoming(), [0, *sorted(cut for cut in cuts if cut < len(request)), len(request)]
    for start, end in pairwise(places):
        assert not incoming.whole
        incoming.add(request[start:end])
    assert incoming.whole
    assert bytes(incoming.content) == request


@pytest.mark.parametrize(
    ("head", "asks"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nEXPECT:100-Continue \r\nContent-Length: 5\r\n\r\n", True),
        (b"\r\nPOST / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n", True),
        (b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\nExpect: wonders\r\nContent-Length: 5\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\nX-Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n", False),
    ],
    ids=["asks", "empty line", "old", "something else", "another field", "head not complete"],
)
def test_who_asks_before_sending_the_body(head: bytes, *, asks: bool) -> None:
    """Told from the head, once that is there as a whole; never a client of HTTP/1.0, which would not understand."""
    incoming = Incoming()
    incoming.add(head)
    assert incoming.asks_first == asks
