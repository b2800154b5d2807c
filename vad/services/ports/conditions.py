"""PostgreSQL: what must hold when something is issued, checked by the statement that writes it down."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vad.domain.grant import Grant
from vad.domain.identifiers import AssentId, ConsentId, GrantId


@dataclass(frozen=True, slots=True)
class Carried:
    """What carries something that is issued. It holds when that is committed, and goes on holding until then."""

    consents: tuple[ConsentId, ...]
    """At least one of these."""
    assents: tuple[AssentId, ...] = ()
    """All of these, of a child."""
    permissions: tuple[UUID, ...] = ()
    """All of these, of a mandate."""


@dataclass(frozen=True, slots=True)
class GrantMade:
    """This grant is written. Not met when its code has made one before.

    `carried` is what carries that which is issued with it. None: nothing is issued yet.
    """

    grant: Grant
    at: datetime
    carried: Carried | None


@dataclass(frozen=True, slots=True)
class RefreshRotated:
    """A live grant moves from this refresh generation to the next. Not met when somebody else was first."""

    grant_id: GrantId
    generation: int
    at: datetime
    carried: Carried
    jkt: str = ""
    """Thumbprint of the key with which it moves, which alone gets the same answer again. Empty: it stays as it was."""


@dataclass(frozen=True, slots=True)
class GrantLive:
    """This grant is live, and stays so until the commit: what would end it waits, or has ended it and is seen."""

    grant_id: GrantId
    at: datetime
    carried: Carried
    or_revoked: bool = False
    """Having been taken back does not count against it."""


Condition = GrantMade | RefreshRotated | GrantLive
