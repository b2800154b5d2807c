"""The port `PersonRegister` over the BRP's HTTP interface."""

from datetime import datetime

from vad.adapters.brp import answer
from vad.adapters.http.caller import HttpCaller
from vad.domain.identifiers import Bsn
from vad.domain.person import Evidence
from vad.services.ports.outside import RegisteredPerson
from vad.services.ports.volatile import PersonName

REGISTER = "brp/v2"
FIELDS = (
    "burgerservicenummer",
    "naam.volledigeNaam",
    "naam.voornamen",
    "naam.voorvoegsel",
    "naam.geslachtsnaam",
    "geboorte.datum",
    "overlijden.datum",
)
"""No more than the rules use: the age follows from the date of birth, at the moment of each decision."""


class BrpPersons:
    """Asks one person at a time. `base` is the address before `/personen`; the key proves who we are."""

    def __init__(self, base: str, api_key: str, caller: HttpCaller) -> None:
        self._url = f"{base.rstrip('/')}/personen"
        self._headers = {"X-API-KEY": api_key}
        self._caller = caller

    def look_up(self, bsn: Bsn, at: datetime) -> RegisteredPerson | None:
        # The BSN travels in the body alone, never in the address (rule 14).
        query = {"type": answer.QUERY, "burgerservicenummer": [bsn.reveal()], "fields": list(FIELDS)}
        person = answer.the_person(self._caller.post_json(self._url, query, headers=self._headers).json, bsn)
        if person is None:
            return None
        return RegisteredPerson(
            name=PersonName(answer.full_name(person)),
            evidence=Evidence(
                birth=answer.birth(person),
                deceased=answer.deceased(person),
                register=REGISTER,
                answered_at=at,
                doubtful=answer.doubtful(person),
            ),
        )
