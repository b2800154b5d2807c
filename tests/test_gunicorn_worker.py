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
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"x" * (256 * 1024),
    ],
    ids=["get", "more behind it", "body", "next behind it", "chunks", "asks first", "no length", "endless head"],
)
def test_what_needs_no_waiting(whole: bytes) -> None:
    """Complete, or of a kind that only who understands it can go on with."""
    incoming = Incoming()
    incoming.add(whole)
    assert incoming.whole


@pytest.mark.parametrize(
    "part", [b"", GET[:-1], POST[:-1], b"POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 70_000]
)
def test_what_is_waited_for(part: bytes) -> None:
    """A head or a body that is not complete."""
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
