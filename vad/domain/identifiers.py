"""The identifiers VAD speaks of, each a type of its own so that none can stand in for another."""

from dataclasses import dataclass
from typing import NewType, NoReturn
from uuid import UUID

from stdnum.nl import bsn as stdnum_bsn

from vad.domain.errors import InvalidIdentifierError

PersonId = NewType("PersonId", UUID)
"""A person inside VAD: random, without meaning outside it."""

ClientId = NewType("ClientId", str)
"""The `client_id` of a relying party (RFC 6749 section 2.2)."""

ResourceId = NewType("ResourceId", str)
"""The identifier of a resource server: its `resource` (RFC 8707) and the `aud` of its tokens."""

Sid = NewType("Sid", str)
"""An SSO session inside VAD. Never shown to a client as it is."""

GrantId = NewType("GrantId", UUID)
"""The grant row that every token of one redeemed code hangs on."""

ConsentId = NewType("ConsentId", UUID)
"""One consent of one person for one app at one data source."""

AssentId = NewType("AssentId", UUID)
"""One agreement of one child that one parent sees one kind of data."""

MandateId = NewType("MandateId", UUID)
"""One mandate, from its offer or request to its end."""

BlockId = NewType("BlockId", UUID)
"""One thing that was switched off for one person's data."""

CaseId = NewType("CaseId", UUID)
"""One case: something that one person says is not right."""

ContactId = NewType("ContactId", UUID)
"""One address where one person is, was or wants to be told."""

StaffId = NewType("StaffId", UUID)
"""One account of a member of staff. The person behind it is a `PersonId`, and may have more accounts than one."""

RequestId = NewType("RequestId", UUID)
"""One thing that a member of staff asked for and that takes another person to agree."""

BreakGlassId = NewType("BreakGlassId", UUID)
"""One time that somebody of the staff took a view outside their role."""


@dataclass(frozen=True, slots=True, repr=False)
class Bsn:
    """A burgerservicenummer: nine digits that pass the 11-proof (rule 31).

    Raises `InvalidIdentifierError` for anything else. Its `repr` and `str` are masked, so that it can't slip into a log
    by accident; `reveal()` is the one way to the digits and easy to search for.
    """

    _digits: str

    def __post_init__(self) -> None:
        digits = self._digits
        if len(digits) != 9 or not (digits.isascii() and digits.isdigit()) or not stdnum_bsn.is_valid(digits):  # noqa: PLR2004
            # The rejected text may be a mistyped real number: it is not repeated.
            raise InvalidIdentifierError("not a BSN")

    def reveal(self) -> str:
        """The nine digits. Only for a register's request body, a sealed value or a keyed hash."""
        return self._digits

    def __repr__(self) -> str:
        return "Bsn(*********)"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: that would write the digits in clear."""
        raise TypeError("a BSN is not pickled")
