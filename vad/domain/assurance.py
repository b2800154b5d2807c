"""Levels of assurance of a DigiD login, their order and their URIs (rule 35)."""

from collections.abc import Iterable
from enum import IntEnum

from vad.domain.errors import InvalidIdentifierError


class LevelOfAssurance(IntEnum):
    """DigiD's levels, ordered: a higher value is a stronger login."""

    BASIS = 10
    MIDDEN = 20
    SUBSTANTIEEL = 25
    HOOG = 30

    @property
    def uri(self) -> str:
        """The `acr` value. Basis has none in eIDAS; Logius' own SAML class stands for it."""
        return _URIS[self]

    @classmethod
    def from_uri(cls, uri: object) -> "LevelOfAssurance":
        """The level with this `acr` value.

        Raises `InvalidIdentifierError` for any other value: an unknown level is never taken for a known one.
        """
        for level, known in _URIS.items():
            if uri == known:
                return level
        raise InvalidIdentifierError("unknown level of assurance")


def known_levels(uris: Iterable[str]) -> tuple[LevelOfAssurance, ...]:
    """The levels among these `acr` values, in their order; what is none is passed over."""
    levels = {uri: level for level, uri in _URIS.items()}
    return tuple(levels[uri] for uri in uris if uri in levels)


_URIS = {
    LevelOfAssurance.BASIS: "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    LevelOfAssurance.MIDDEN: "http://eidas.europa.eu/LoA/low",
    LevelOfAssurance.SUBSTANTIEEL: "http://eidas.europa.eu/LoA/substantial",
    LevelOfAssurance.HOOG: "http://eidas.europa.eu/LoA/high",
}
