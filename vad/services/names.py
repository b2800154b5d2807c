"""What somebody is called, as the BRP writes it: kept for some minutes, and asked again after that. Never stored."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import PersonId
from vad.services.ports.outside import PersonRegister
from vad.services.ports.records import Person, UnitOfWorkFactory
from vad.services.ports.volatile import NameCache, PersonName


@dataclass(frozen=True, slots=True)
class Names:
    """The use case."""

    work: UnitOfWorkFactory
    register: PersonRegister
    cache: NameCache

    def of(self, person: Person, at: datetime) -> PersonName:
        """The name. Raises `RegisterUnavailableError` when it is neither at hand nor to be had."""
        return self.cache.get(person.person_id) or self._asked(person, at)

    def shown(self, person_id: PersonId, at: datetime, *, at_hand: bool = False) -> str | None:
        """The name for a page; None when it can't be had now, for a page says what it can without it.

        `at_hand`: ask no register.
        """
        known = self.cache.get(person_id)
        if known is not None or at_hand:
            return None if known is None else known.full_name
        with self.work() as tx:
            person = tx.persons.get(person_id)
        try:
            return self._asked(person, at).full_name if person is not None else None
        except RegisterUnavailableError:
            return None

    def _asked(self, person: Person, at: datetime) -> PersonName:
        found = self.register.look_up(person.bsn, at)
        if found is None:
            raise RegisterUnavailableError("brp: it does not know somebody who logged in")
        self.cache.keep(person.person_id, found.name)
        return found.name
