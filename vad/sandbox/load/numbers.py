"""BSNs to count people by: 9,0 million of them, none of which a person of the demo has."""

FIRST, LAST = 9_000_000, 9_989_999
"""The first seven digits. What begins with 999 is of the demo."""
_EACH = 9
"""How many of each seven are used: some have ten that pass the 11-proof, all have nine."""
MOST = (LAST - FIRST + 1) * _EACH


def nth(number: int) -> str:
    """The BSN of person `number`, counted from 0. Raises `ValueError` beyond `MOST`."""
    if not 0 <= number < MOST:
        raise ValueError("there are no such numbers")
    seven, one = divmod(number, _EACH)
    digits = str(FIRST + seven)
    passing = (f"{digits}{eighth}{check}" for eighth in range(10) if (check := _check(f"{digits}{eighth}")) is not None)
    return next(bsn for place, bsn in enumerate(passing) if place == one)


def _check(eight: str) -> int | None:
    """The ninth digit by the 11-proof; None where there is none."""
    remainder = sum(weight * int(digit) for weight, digit in zip(range(9, 1, -1), eight, strict=True)) % 11
    return remainder if remainder < 10 else None  # noqa: PLR2004 - a digit
