"""The port `AddressRegister` over the BRP's HTTP interface: name and address as they are written on an envelope.

Source: BRP-API/Haal-Centraal-BRP-bevragen, `features`: `adressering` has the lines ready, in the register's own order.
"""

from collections.abc import Mapping
from typing import Any

from vad.adapters.brp import answer
from vad.adapters.http.caller import HttpCaller
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import Bsn
from vad.services.ports.letters import PostalAddress

FIELDS = (
    "burgerservicenummer",
    "naam.volledigeNaam",
    "overlijden.datum",
    "adressering.aanschrijfwijze.naam",
    "adressering.adresregel1",
    "adressering.adresregel2",
    "adressering.adresregel3",
    "adressering.land.omschrijving",
)
_LINES = ("adresregel1", "adresregel2", "adresregel3")
_NOT_THERE = "indicatieVastgesteldVerblijftNietOpAdres"
_LONGEST = 200


class BrpAddresses:
    """Asks for one address at a time. `base` is the address before `/personen`; the key proves who we are."""

    def __init__(self, base: str, api_key: str, caller: HttpCaller) -> None:
        self._url = f"{base.rstrip('/')}/personen"
        self._headers = {"X-API-KEY": api_key}
        self._caller = caller

    def postal_address(self, bsn: Bsn) -> PostalAddress | None:
        query = {"type": answer.QUERY, "burgerservicenummer": [bsn.reveal()], "fields": list(FIELDS)}
        person = answer.the_person(self._caller.post_json(self._url, query, headers=self._headers).json, bsn)
        if person is None or answer.deceased(person):
            return None
        known = _group(person, "adressering")
        written = _group(known, "aanschrijfwijze")
        name = _text(written["naam"]) if "naam" in written else answer.full_name(person)
        if known.get(_NOT_THERE, False) is not False:
            return PostalAddress(name, ())
        lines = [_text(known[line]) for line in _LINES if line in known]
        country = _group(known, "land")
        if lines and "omschrijving" in country:
            lines.append(_text(country["omschrijving"]))
        return PostalAddress(name, tuple(lines))


def _group(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = of.get(name, {})
    if not isinstance(value, dict):
        raise _unreadable()
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST or not value.isprintable():
        raise _unreadable()
    return value.strip()


def _unreadable() -> RegisterUnavailableError:
    """Says nothing of what was there: that is about a person."""
    return RegisterUnavailableError("brp: an address of another shape")
