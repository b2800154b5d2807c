"""Rich authorization requests (RFC 9396): the one type that VAD knows, as it is asked for and as it was granted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vad.domain import strict_json
from vad.domain.errors import ProtocolError
from vad.domain.ground import Basis

REPRESENTATION = "nl.vad.representation"
"""For whom somebody asks: `basis` is the ground, `locations` are the data sources."""
TYPES = (REPRESENTATION,)
BASES: Mapping[Basis, str] = {
    Basis.SELF: "self",
    Basis.PARENTAL_AUTHORITY: "urn:nl-eid-gdi:1.1:RT:Zorg_Volledig_Gezag_Kind",
    Basis.PARENTAL_AUTHORITY_AND_ASSENT: "urn:nl-vad:1.0:RT:Gezag_En_Instemming_Kind",
    Basis.MANDATE: "urn:nl-vad:1.0:RT:Vrijwillige_Machtiging",
    Basis.LEGAL: "urn:nl-vad:1.0:RT:Wettelijke_Vertegenwoordiging",
}
"""How `basis` names the ground. DigiD's own name is for children under 12 and nothing else."""
_MOST_LOCATIONS = 16
_LONGEST = 2048


@dataclass(frozen=True, slots=True)
class RequestedDetails:
    """What an app asks for."""

    locations: tuple[str, ...] = ()
    """The sources that it is about. Empty: those of `resource`."""
    basis: Basis | None = None
    """The one ground on which it takes an answer. None: whichever it is."""


def read(text: str) -> RequestedDetails:
    """What this value of the parameter asks.

    Raises `ProtocolError` `invalid_authorization_details` for other types, unknown members and values that are none
    (section 5): what is not understood is never half granted.
    """
    if not text:
        return RequestedDetails()
    try:
        value = strict_json.parse(text.encode())
    except ValueError:
        raise _malformed() from None
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        raise _malformed()
    asked = value[0]
    if asked.get("type") not in TYPES or not asked.keys() <= {"type", "locations", "basis"}:
        raise _malformed()
    return RequestedDetails(_locations(asked), _basis(asked))


def granted(basis: Basis, locations: Sequence[str]) -> list[dict[str, object]]:
    """How tokens, and the answers that bring them, say what was granted."""
    return [{"type": REPRESENTATION, "basis": BASES[basis], "locations": list(locations)}]


def _locations(asked: Mapping[str, object]) -> tuple[str, ...]:
    locations = asked.get("locations", [])
    if not isinstance(locations, list) or len(locations) > _MOST_LOCATIONS:
        raise _malformed()
    texts = [each for each in locations if isinstance(each, str) and 0 < len(each) <= _LONGEST]
    if len({*texts}) != len(locations) or ("locations" in asked and not texts):
        raise _malformed()
    return tuple(texts)


def _basis(asked: Mapping[str, object]) -> Basis | None:
    if "basis" not in asked:
        return None
    for basis, name in BASES.items():
        if asked["basis"] == name:
            return basis
    raise _malformed()


def _malformed() -> ProtocolError:
    return ProtocolError("invalid_authorization_details", f"authorization_details holds one object of type {TYPES[0]}")
