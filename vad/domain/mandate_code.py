"""The code that brings a mandate from one person to the other (rule 24)."""

from stdnum import luhn
from stdnum.exceptions import ValidationError

from vad.domain.errors import InvalidIdentifierError

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 letters and digits without look-alikes: no 0 or O, no 1 or I."""
LENGTH = 10
"""Characters, the last of which checks the others."""
_GROUPS = (4, 4, 2)


class MandateCode:
    """A code as it is stored in nobody's memory but that of the two people. Its `repr` is masked.

    Raises `InvalidIdentifierError` for what can't be one: another length, another letter, a slip of the pen.
    """

    __slots__ = ("_characters",)

    def __init__(self, text: str) -> None:
        characters = "".join(text[: 4 * LENGTH].upper().split()).replace("-", "").replace("\N{EN DASH}", "")
        if len(characters) != LENGTH or not set(characters) <= set(ALPHABET):
            raise InvalidIdentifierError("not a code")
        try:
            luhn.validate(characters, ALPHABET)
        except ValidationError:
            raise InvalidIdentifierError("not a code") from None
        self._characters = characters

    @classmethod
    def of_random(cls, random: bytes) -> "MandateCode":
        """The code of nine random bytes: 45 bits of them count."""
        body = "".join(ALPHABET[byte % len(ALPHABET)] for byte in random[: LENGTH - 1])
        return cls(body + luhn.calc_check_digit(body, ALPHABET))

    def reveal(self) -> str:
        """The ten characters, to make a keyed hash of."""
        return self._characters

    def shown(self) -> str:
        """In groups, as a person reads it out: `K7P4-9QXM-2C`."""
        start, groups = 0, []
        for size in _GROUPS:
            groups.append(self._characters[start : start + size])
            start += size
        return "-".join(groups)

    def __repr__(self) -> str:
        return "MandateCode(**********)"

    __str__ = __repr__
