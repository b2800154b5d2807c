"""Whom an event is about beside who did it and whose data it is: the evidence names them, by these keys and no other.

A representative, a parent, somebody against whom a block is, somebody whom a signal counted. They are no `represented`:
it is not their data, nobody is their representative, and what they see of the log begins with what is theirs. But it is
about them, so nobody reads it of themself as staff, and it is found by whoever asks what the log has of a person.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from uuid import UUID

from vad.domain.identifiers import PersonId

CONCERNING: Final = "concerning"
"""The key of a list of them; the others name one each."""
TOLD: Final = ("representative", "parent")
"""These know of it themselves: VAD's pages and notices tell them."""
WEIGHED: Final = ("against", "person", CONCERNING)
"""To tell these may warn somebody, or put another at risk: staff weigh it first."""
NAMED: Final = (*TOLD, *WEIGHED)


def named(evidence: Mapping[str, object]) -> Iterator[tuple[str, PersonId]]:
    """Who is named there, and by which key."""
    for key in NAMED:
        told = evidence.get(key)
        for each in told if isinstance(told, list | tuple) else (told,):
            person = _person(each)
            if person is not None:
                yield key, person


def concerning(people: Iterable[PersonId]) -> dict[str, object]:
    """The evidence that names all of these; nothing where there is nobody."""
    listed = sorted(map(str, people))
    return {CONCERNING: listed} if listed else {}


def _person(told: object) -> PersonId | None:
    try:
        return PersonId(UUID(told)) if isinstance(told, str) else None
    except ValueError:
        return None
