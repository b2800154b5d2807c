"""The port `PersonRegister` over the BRP's HTTP interface."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vad.adapters.brp import answer, authority
from vad.adapters.http.caller import HttpCaller
from vad.domain.identifiers import Bsn
from vad.domain.parental_authority import ParentalAuthority
from vad.domain.person import Evidence
from vad.services.ports.outside import RegisteredPerson, RegisteredSubject

REGISTER = "brp/v2"
FIELDS = (
    "burgerservicenummer",
    "naam.volledigeNaam",
    "naam.voornamen",
    "naam.voorletters",
    "naam.voorvoegsel",
    "naam.geslachtsnaam",
    "geboorte.datum",
    "overlijden.datum",
    "indicatieCurateleRegister",
)
"""No more than the rules use: the age follows from the date of birth, at the moment of each decision."""
_AUTHORITY = "gezag"
"""As a whole: the register refuses to give parts of it."""


class BrpPersons:
    """Asks one person at a time. `base` is the address before `/personen`; the key proves who we are."""

    def __init__(self, base: str, api_key: str, caller: HttpCaller) -> None:
        self._url = f"{base.rstrip('/')}/personen"
        self._headers = {"X-API-KEY": api_key, "accept-gezag-version": "2"}
        self._caller = caller

    def look_up(self, bsn: Bsn, at: datetime) -> RegisteredPerson | None:
        person = self._asked(bsn, FIELDS)
        return None if person is None else _registered(person, at)

    def look_up_subject(self, bsn: Bsn, at: datetime) -> RegisteredSubject | None:
        person = self._asked(bsn, (*FIELDS, _AUTHORITY))
        if person is None:
            return None
        said = ParentalAuthority(bsn, authority.relations(person), REGISTER, at)
        return RegisteredSubject(_registered(person, at), said)

    def minors_of(self, bsn: Bsn) -> tuple[Bsn, ...]:
        person = self._asked(bsn, ("burgerservicenummer", _AUTHORITY))
        found = () if person is None else authority.minors(person)
        return tuple(minor for minor in found if minor != bsn)

    def _asked(self, bsn: Bsn, fields: tuple[str, ...]) -> Mapping[str, Any] | None:
        # The BSN travels in the body alone, never in the address (rule 14).
        query = {"type": answer.QUERY, "burgerservicenummer": [bsn.reveal()], "fields": list(fields)}
        return answer.the_person(self._caller.post_json(self._url, query, headers=self._headers).json, bsn)


def _registered(person: Mapping[str, Any], at: datetime) -> RegisteredPerson:
    return RegisteredPerson(
        name=answer.name(person),
        evidence=Evidence(
            birth=answer.birth(person),
            deceased=answer.deceased(person),
            register=REGISTER,
            answered_at=at,
            doubtful=answer.doubtful(person),
            curatele=answer.curatele(person),
        ),
    )
