"""Levels of assurance."""

import itertools

import pytest

from vad.domain.assurance import LevelOfAssurance
from vad.domain.errors import InvalidIdentifierError

URIS = {
    LevelOfAssurance.BASIS: "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    LevelOfAssurance.MIDDEN: "http://eidas.europa.eu/LoA/low",
    LevelOfAssurance.SUBSTANTIEEL: "http://eidas.europa.eu/LoA/substantial",
    LevelOfAssurance.HOOG: "http://eidas.europa.eu/LoA/high",
}


def test_order() -> None:
    """Rule 35: Basis (10) < Midden (20) < Substantieel (25) < Hoog (30)."""
    ordered = ["BASIS", "MIDDEN", "SUBSTANTIEEL", "HOOG"]
    assert ordered == [level.name for level in sorted(LevelOfAssurance)]
    assert sorted(LevelOfAssurance) == [10, 20, 25, 30]
    assert all(low < high for low, high in itertools.pairwise(LevelOfAssurance))


@pytest.mark.parametrize("level", LevelOfAssurance)
def test_uri_there_and_back(level: LevelOfAssurance) -> None:
    """Rule 35: each level has the URI of the table, and the URI leads back to that level."""
    assert level.uri == URIS[level]
    assert LevelOfAssurance.from_uri(level.uri) is level


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "http://eidas.europa.eu/LoA/substantial/",
        "http://eidas.europa.eu/LoA/SUBSTANTIAL",
        "https://eidas.europa.eu/LoA/high",
        " http://eidas.europa.eu/LoA/high",
        "http://eidas.europa.eu/LoA/high http://eidas.europa.eu/LoA/low",
        "HOOG",
        30,
        LevelOfAssurance.HOOG,
        None,
        ["http://eidas.europa.eu/LoA/high"],
    ],
)
def test_unknown_level_is_never_taken_for_a_known_one(uri: object) -> None:
    """Rule 35: the level that came back is compared as it is; whatever is not one of the URIs is refused."""
    with pytest.raises(InvalidIdentifierError):
        LevelOfAssurance.from_uri(uri)
