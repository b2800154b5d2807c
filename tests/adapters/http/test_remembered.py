"""What is kept for a while: when it is read again, and who waits for it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vad.adapters.http.remembered import Remembered
from vad.domain.errors import RegisterUnavailableError


class Source:
    """Something to read, with a clock; counts the readings, each of which gives another value."""

    def __init__(self) -> None:
        self.now = 0.0
        self.away = False
        self.readings = 0
        self.remembered = Remembered(self.read, lambda: self.now)

    def read(self) -> str:
        """Read it."""
        self.readings += 1
        if self.away:
            raise RegisterUnavailableError
        return f"value {self.readings}"


@pytest.fixture
def source() -> Source:
    """Give a source that nobody has read yet."""
    return Source()


def test_it_is_read_again_after_ten_minutes(source: Source) -> None:
    """Before that, what is known serves."""
    for now, value in [(0.0, "value 1"), (599.9, "value 1"), (600.0, "value 2"), (1199.0, "value 2")]:
        source.now = now
        assert source.remembered.get() == value


def test_it_serves_for_an_hour_when_it_cannot_be_read(source: Source) -> None:
    """A short outage is not noticed; after an hour what is known may have been withdrawn."""
    assert source.remembered.get() == "value 1"
    source.away = True
    source.now = 3599.0
    assert source.remembered.get() == "value 1"
    source.now = 3602.0
    with pytest.raises(RegisterUnavailableError):
        source.remembered.get()


def test_a_failure_is_not_repeated_at_once(source: Source) -> None:
    """For two seconds nobody tries again, so that those who waited don't each wait for a time-out of their own."""
    source.away = True
    for now, readings in [(0.0, 1), (1.9, 1), (2.0, 2)]:
        source.now = now
        with pytest.raises(RegisterUnavailableError):
            source.remembered.get()
        assert source.readings == readings


def test_doubt_makes_it_read_again(source: Source) -> None:
    """What was doubted still serves when it can't be read again."""
    source.remembered.doubt()
    assert source.remembered.get() == "value 1"
    source.remembered.doubt()
    assert source.remembered.get() == "value 2"
    source.remembered.doubt()
    source.away = True
    assert source.remembered.get() == "value 2"
    assert source.readings == 3


def test_a_newer_value_can_be_asked_for_once_a_minute(source: Source) -> None:
    """Whoever found the value wanting gets a newer one: read now, or by somebody else in the meantime."""
    first = source.remembered.get()
    second = source.remembered.newer_than(first)
    assert second == "value 2"
    assert source.remembered.newer_than(first) == "value 2"
    assert source.remembered.newer_than(second) is None
    source.now = 60.0
    assert source.remembered.newer_than(second) == "value 3"
    source.now = 120.0
    source.away = True
    with pytest.raises(RegisterUnavailableError):
        source.remembered.newer_than(source.remembered.get())
    with pytest.raises(RegisterUnavailableError, match="a moment ago"):
        source.remembered.newer_than(source.remembered.get())
    assert source.readings == 4


def test_one_reads_while_the_others_go_on() -> None:
    """With a value at hand nobody waits for somebody else's reading; without one, all wait for the same reading."""
    now, readings = 0.0, 0
    reading, go_on = threading.Event(), threading.Event()

    def read() -> int:
        nonlocal readings
        readings += 1
        reading.set()
        assert go_on.wait(5)
        return readings

    remembered = Remembered(read, lambda: now)
    with ThreadPoolExecutor(4) as pool:
        first = [pool.submit(remembered.get) for _ in range(4)]
        assert reading.wait(5)
        go_on.set()
        assert [each.result() for each in first] == [1, 1, 1, 1]
        now = 600.0
        reading.clear()
        go_on.clear()
        renewing = pool.submit(remembered.get)
        assert reading.wait(5)
        assert remembered.get() == 1
        go_on.set()
        assert renewing.result() == 2


def test_nobody_waits_for_long_where_that_was_said() -> None:
    """While one caller hangs on a first reading, the others are told so: it is not that nothing newer is there."""
    reading, go_on = threading.Event(), threading.Event()

    def read() -> int:
        reading.set()
        assert go_on.wait(5)
        return 1

    remembered = Remembered(read, wait=0.05)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(remembered.get)
        assert reading.wait(5)
        with pytest.raises(RegisterUnavailableError):
            remembered.get()
        with pytest.raises(RegisterUnavailableError):
            remembered.newer_than(0)
        go_on.set()
        assert first.result() == 1


def test_what_is_known_to_hang_holds_nobody_else() -> None:
    """The time to wait is counted from when the reading began, not from when one came."""
    now = 0.0
    reading, go_on = threading.Event(), threading.Event()

    def read() -> int:
        reading.set()
        assert go_on.wait(30)
        return 1

    remembered = Remembered(read, lambda: now, wait=25.0)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(remembered.get)
        assert reading.wait(5)
        now = 25.0
        later = [pool.submit(remembered.newer_than, 0) for _ in range(8)]
        assert {type(each.exception(timeout=10)) for each in later} == {RegisterUnavailableError}
        assert not first.done()
        go_on.set()
        assert first.result() == 1
