"""Where test persons live: streets that do not exist, the same ones at each start."""

import hashlib
from typing import Any

from vad.sandbox.persons import Person

_STREETS = ("Lindelaan", "Molenweg", "Kerkstraat", "Beatrixplein", "Dorpsstraat", "Havenkade", "Zonnehof")
_TOWNS = ("Voorbeeldstad", "Testrecht", "Proefdam", "Schijnhoven")


def addressing(person: Person) -> dict[str, Any]:
    """What the register answers as `adressering`; nobody who died has one."""
    if person.deceased_on is not None:
        return {}
    # By the name: a number made of the BSN would tell of it.
    drawn = hashlib.sha256(person.full_name.encode()).digest()
    street, town = _STREETS[drawn[0] % len(_STREETS)], _TOWNS[drawn[1] % len(_TOWNS)]
    name = " ".join(part for part in (person.initials, person.voorvoegsel, person.geslachtsnaam) if part)
    return {
        "aanschrijfwijze": {"naam": name},
        "adresregel1": f"{street} {drawn[2] + 1}",
        "adresregel2": f"{1000 + drawn[3]} ZZ  {town}",
    }
