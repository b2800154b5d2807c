"""DigiD's levels of assurance: their order and their names on the wire (rule 35; Logius)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One level: its place in the order, its value in the form, its Dutch name and its `acr` URI."""

    rank: int
    value: str
    name: str
    uri: str


# Basis cannot be chosen: it exists only as what is below Midden.
BASIS = Level(10, "basis", "Basis", "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport")
MIDDEN = Level(20, "midden", "Midden", "http://eidas.europa.eu/LoA/low")
SUBSTANTIEEL = Level(25, "substantieel", "Substantieel", "http://eidas.europa.eu/LoA/substantial")
HOOG = Level(30, "hoog", "Hoog", "http://eidas.europa.eu/LoA/high")
LEVELS = (MIDDEN, SUBSTANTIEEL, HOOG)


def by_uri(uri: str) -> Level | None:
    """Return the level with this `acr` URI, or None."""
    return next((level for level in LEVELS if level.uri == uri), None)


def by_value(value: str) -> Level | None:
    """Return the level with this value in the form, or None."""
    return next((level for level in LEVELS if level.value == value), None)


def below(level: Level) -> Level:
    """Return the highest level that is lower than `level`."""
    return max((each for each in (BASIS, *LEVELS) if each.rank < level.rank), key=lambda each: each.rank, default=BASIS)
