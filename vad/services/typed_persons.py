"""What staff type where a person is meant: a reference, an id out of the log, or a BSN as somebody reads it out."""

from uuid import UUID

from vad.domain.errors import InvalidIdentifierError
from vad.domain.identifiers import Bsn, PersonId
from vad.services.ports.tokens import PersonReferences


def referred_to(references: PersonReferences, typed: str) -> PersonId | None:
    """Whose reference or id this is; None for what is neither. Nobody need be known by it."""
    named = references.person(typed)
    if named is not None:
        return named
    try:
        return PersonId(UUID(typed.strip()))
    except ValueError:
        return None


def typed_bsn(typed: str) -> Bsn | None:
    """The BSN, with or without dots and spaces; None for what is none."""
    try:
        return Bsn("".join(typed.replace(".", "").split()))
    except InvalidIdentifierError:
        return None
