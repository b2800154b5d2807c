"""The agreement of a child of 12 to 15 that a parent acts for them (rules 7 and 19).

"Assent" and not "consent": a consent lets an app fetch something, an assent lets a parent be the one who asks. It takes
nothing away from authority, which the parent needs as well.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from vad.domain.age import BirthDate, reached, since
from vad.domain.assurance import LevelOfAssurance
from vad.domain.identifiers import AssentId, PersonId

AGE_OF_SAY = 12
"""From this age in years authority alone is not enough any more (rules 7 and 8)."""
AGE_OF_OWN_DIGID = 14
"""From this age in years nobody else may manage somebody's DigiD: until then a parent may hold it (rule 19)."""
AGE_OF_SELF = 16
"""From this age in years a person uses an app alone, and decides alone who else may (rule 5)."""

LEVEL_TO_ASSENT = LevelOfAssurance.SUBSTANTIEEL
"""The level at which the child logs in to give it: a password alone is too easily known at home."""


@dataclass(frozen=True, slots=True)
class Assent:
    """One child's agreement that one parent sees one kind of data."""

    assent_id: AssentId
    subject: PersonId
    """The child, who gave it."""
    actor: PersonId
    """The parent."""
    data_service: str
    level: LevelOfAssurance
    """Of the login in which it was given."""
    given_at: datetime
    until: datetime
    """The child's sixteenth birthday at the latest."""
    withdrawn_at: datetime | None = None

    def live(self, at: datetime) -> bool:
        """Whether it holds at `at`."""
        return self.withdrawn_at is None and self.given_at <= at < self.until


@dataclass(frozen=True, slots=True)
class OpenAges:
    """At which ages this installation lets parents act for children who agree: its two switches (rule 7)."""

    from_12: bool = False
    """At 12 and 13. Closed unless somebody decides otherwise: a parent may hold the child's DigiD and agree alone."""
    from_14: bool = True
    """At 14 and 15."""

    def to(self, birth: BirthDate, at: datetime) -> bool | None:
        """Whether a child of 12 to 15 is of an age that is open; None where that is not certain (rule 11)."""
        if self.from_12 is self.from_14:
            return self.from_12
        match reached(birth, AGE_OF_OWN_DIGID, at):
            case None:
                return None
            case older:
                return self.from_14 if older else self.from_12


def carrying(
    assents: Collection[Assent], actor: PersonId, subject: PersonId, data_services: frozenset[str] | None, at: datetime
) -> tuple[Assent, ...]:
    """The live assents that let this actor see all these kinds of data of this subject; none where one is missing.

    `data_services` None is the login itself: any one will do, for a child who agreed to nothing agreed to no login.
    """
    live = [each for each in assents if each.live(at) and (each.actor, each.subject) == (actor, subject)]
    if data_services is None:
        return tuple(live[:1])
    found = {each.data_service: each for each in live if each.data_service in data_services}
    return tuple(found.values()) if found.keys() == data_services else ()


def end_of_assent(birth: BirthDate) -> datetime | None:
    """When an assent ends by itself: the first moment at which the child may be 16. None where nothing is known."""
    return since(birth, AGE_OF_SELF)
