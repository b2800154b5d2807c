"""Numbers of people who do not exist, as many as a test needs."""

from collections.abc import Iterator
from itertools import count

from vad.domain.identifiers import Bsn


def bsns() -> Iterator[Bsn]:
    """Give one valid test number after the other."""
    for number in count(99_990_000):
        digits = str(number)
        check = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 1, -1), strict=True)) % 11
        if check < 10:
            yield Bsn(f"{digits}{check}")
