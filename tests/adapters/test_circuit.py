"""The circuit breaker: a failing server is left alone, then probed by one call at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vad.adapters.circuit import Circuit
from vad.domain.errors import OutOfTimeError


class Refused(Exception):  # noqa: N818 - what this caller chose
    """A call that is not made."""


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands at 0."""
    return Clock()


def fail(circuit: Circuit) -> None:
    """Make one call that fails."""
    with pytest.raises(KeyError), circuit.attempt():
        raise KeyError


def is_open(circuit: Circuit) -> bool:
    """Tell whether a call, which would succeed, is not even made."""
    try:
        with circuit.attempt():
            return False
    except Refused:
        return True


def test_it_opens_after_five_failures_in_a_row(clock: Clock) -> None:
    """A success in between starts the count again."""
    circuit = Circuit(Refused, monotonic=clock)
    for _ in range(4):
        fail(circuit)
    assert not is_open(circuit)
    for _ in range(5):
        fail(circuit)
    assert is_open(circuit)


def test_it_lets_a_probe_through_after_ten_seconds(clock: Clock) -> None:
    """A probe that succeeds closes it; one that fails opens it for ten seconds more."""
    circuit = Circuit(Refused, monotonic=clock)
    for _ in range(5):
        fail(circuit)
    clock.now = 9.9
    assert is_open(circuit)
    clock.now = 10.0
    fail(circuit)
    clock.now = 19.9
    assert is_open(circuit)
    clock.now = 20.0
    assert not is_open(circuit)
    for _ in range(4):
        fail(circuit)
    assert not is_open(circuit)


def test_one_probe_at_a_time(clock: Clock) -> None:
    """While one call probes, all others are refused."""
    circuit = Circuit(Refused, monotonic=clock)
    for _ in range(5):
        fail(circuit)
    clock.now = 10.0
    with circuit.attempt():
        assert is_open(circuit)
    assert not is_open(circuit)


def test_calls_from_before_say_nothing_new(clock: Clock) -> None:
    """A call that was under way when it opened neither closes it nor keeps it open longer."""
    circuit = Circuit(Refused, monotonic=clock)
    with circuit.attempt():
        for _ in range(5):
            fail(circuit)
    assert is_open(circuit)
    clock.now = 10.0
    assert not is_open(circuit)
    late = circuit.attempt()
    late.__enter__()
    for _ in range(5):
        fail(circuit)
    clock.now = 15.0
    assert not late.__exit__(KeyError, KeyError(), None)
    clock.now = 20.0
    assert not is_open(circuit)


def test_threads_share_it(clock: Clock) -> None:
    """Of many callers at once, exactly one probes."""
    circuit = Circuit(Refused, monotonic=clock)
    for _ in range(5):
        fail(circuit)
    clock.now = 10.0
    ready, done = threading.Barrier(8), threading.Barrier(8)

    def call() -> bool:
        ready.wait()
        try:
            with circuit.attempt():
                done.wait()
                return True
        except Refused:
            done.wait()
            return False

    with ThreadPoolExecutor(8) as pool:
        admitted = [pool.submit(call) for _ in range(8)]
    assert sum(each.result() for each in admitted) == 1


def test_while_calls_hang_no_more_begin(clock: Clock) -> None:
    """Five that are 2.5 seconds old refuse the next, before one has failed; one that is answered makes room."""
    circuit = Circuit(Refused, monotonic=clock)
    hanging = [circuit.attempt() for _ in range(5)]
    for number, call in enumerate(hanging):
        clock.now = number * 0.1
        call.__enter__()
    clock.now = 2.9
    assert not is_open(circuit), "the fifth is not that old yet"
    clock.now = 3.0
    assert is_open(circuit)
    assert not circuit.open, "nothing has failed: nobody is told so"
    hanging.pop().__exit__(None, None, None)
    assert not is_open(circuit)
    clock.now = 9.0
    assert not is_open(circuit), "four are no reason"
    assert not hanging.pop().__exit__(KeyError, KeyError(), None)
    assert not is_open(circuit), "nor are three and one that failed"
    fail(circuit)
    fail(circuit)
    assert is_open(circuit), "three that hang and two that failed are"
    for call in hanging:
        call.__exit__(None, None, None)
    assert not is_open(circuit)


def run_out(circuit: Circuit) -> None:
    """Make one call for which there was too little time."""
    with pytest.raises(OutOfTimeError), circuit.attempt():
        raise OutOfTimeError


def test_too_little_time_says_nothing(clock: Clock) -> None:
    """It neither opens a circuit nor closes one, and a probe that ends so leaves room for the next."""
    circuit = Circuit(Refused, monotonic=clock)
    for _ in range(9):
        run_out(circuit)
    for _ in range(4):
        fail(circuit)
    run_out(circuit)
    assert not circuit.open
    fail(circuit)
    assert is_open(circuit), "five in a row: what ran out of time is no success in between"
    clock.now = 10.0
    run_out(circuit)
    assert not is_open(circuit), "the next one probes at once"
