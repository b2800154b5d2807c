"""PostgreSQL: everything that stands there about one person (AVG article 15)."""

from collections.abc import Iterator
from typing import Protocol

from vad.domain.identifiers import PersonId


class OwnDataStore(Protocol):
    """Reads all of it, and changes nothing."""

    def sections(self, person_id: PersonId, *, to_weigh: bool = False) -> Iterator[tuple[str, list[dict[str, object]]]]:
        """Section by section: its name and its rows, each a mapping that JSON can tell.

        This person stands there as "you". Others stand there under names that hold for this reading alone of them.
        `to_weigh`: with what may warn somebody or put another at risk.
        """
