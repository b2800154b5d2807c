"""How an app knows the person who logged in: by the pairwise subject of its sector, or as it did before VAD."""

from dataclasses import dataclass

from vad.domain import claims
from vad.domain.client import Client
from vad.services.ports.records import Person
from vad.services.ports.tokens import LegacySubjects, Pairwise


@dataclass(frozen=True, slots=True)
class Subjects:
    """The one place where the older kind takes the place of the pairwise one: in ID tokens and at userinfo alone."""

    pairwise: Pairwise
    legacy: LegacySubjects

    def of_client(self, client: Client, person: Person) -> str:
        """The `sub` of this person, who acts for themselves or for another, to this app."""
        return self.all_of_client(client, person)[0]

    def all_of_client(self, client: Client, person: Person) -> tuple[str, ...]:
        """Each `sub` by which this app may know this person, the one that it is given first.

        An app that was named later, or is not any more, may come back with the other one.
        """
        known = self.legacy.subject(client, person.bsn)
        keyed = self.pairwise.subject(claims.sector_of_client(client), person.person_id)
        return (keyed,) if known is None else (known, keyed)
