"""The mock BRP over HTTP: shapes and refusals of Haal Centraal's BRP bevragen v2 (rule 14)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
import requests

from vad.sandbox.birth_dates import BirthDate
from vad.sandbox.brp import PATH, Config, create_app
from vad.sandbox.persons import Person
from vad.sandbox.serving import serve

KEY = "brp-key"
NOON = datetime(2026, 11, 21, 11, tzinfo=UTC)
FROUKE, MAN, DECEASED, UNKNOWN, MONTH, YEAR = (
    *("999991772", "999990019", "999991322"),
    *("999991541", "999991978", "999992211"),
)


@pytest.fixture
def brp(persons: tuple[Person, ...]) -> Iterator[str]:
    """Give the address of `personen` of a mock BRP on 21 November 2026."""
    config = Config.from_json(Config(KEY, persons).to_json())
    with serve(create_app(config, NOON.timestamp)) as base:
        yield base + PATH


def ask(brp: str, body: Any, **headers: str) -> requests.Response:
    """Send a question with the right key."""
    return requests.post(brp, json=body, headers={"X-API-KEY": KEY} | headers, timeout=10)


def question(*bsns: str, fields: list[str] | None = None) -> dict[str, Any]:
    """Return a question about persons."""
    return {
        "type": "RaadpleegMetBurgerservicenummer",
        "burgerservicenummer": list(bsns),
        "fields": fields or ["burgerservicenummer", "naam", "geboorte", "leeftijd", "overlijden", "geslacht"],
    }


def test_person_in_full(brp: str) -> None:
    """A living adult: name, birth, age, gender; no death and nothing that was not asked for."""
    response = ask(brp, question(MAN))
    assert response.status_code == HTTPStatus.OK
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    (person,) = response.json()["personen"]
    assert response.json()["type"] == "RaadpleegMetBurgerservicenummer"
    assert person == {
        "burgerservicenummer": MAN,
        "naam": {
            "aanduidingNaamgebruik": {"code": "E", "omschrijving": "eigen geslachtsnaam"},
            "voornamen": "Pieter Willem",
            "voorvoegsel": "de",
            "geslachtsnaam": "Vries",
            "voorletters": "P.W.",
            "volledigeNaam": "Pieter Willem de Vries",
        },
        "geboorte": {"datum": {"type": "Datum", "datum": "1988-11-09", "langFormaat": "9 november 1988"}},
        "leeftijd": 38,
        "geslacht": {"code": "M", "omschrijving": "man"},
    }


def test_partial_birth_dates(brp: str) -> None:
    """Rule 11: the four kinds of date; the age is left out where it is not certain."""
    answer = ask(brp, question(UNKNOWN, MONTH, YEAR, fields=["geboorte.datum", "leeftijd"])).json()["personen"]
    dates = [person["geboorte"]["datum"] for person in answer]
    assert dates == [
        {"type": "DatumOnbekend", "onbekend": True, "langFormaat": "onbekend"},
        {"type": "JaarMaandDatum", "jaar": 1950, "maand": 3, "langFormaat": "maart 1950"},
        {"type": "JaarDatum", "jaar": 2010, "langFormaat": "2010"},
    ]
    assert "leeftijd" not in answer[0]
    assert "leeftijd" not in answer[2]


def test_deceased(brp: str) -> None:
    """A deceased person has a date of death and no age; the suspended registration is told unasked."""
    (person,) = ask(brp, question(DECEASED, fields=["leeftijd", "overlijden"])).json()["personen"]
    died = {"type": "Datum", "datum": "2026-11-01", "langFormaat": "1 november 2026"}
    assert person == {
        "overlijden": {"indicatieOverleden": True, "datum": died},
        "opschortingBijhouding": {"reden": {"code": "O", "omschrijving": "overlijden"}, "datum": died},
    }


@pytest.mark.parametrize(
    ("at", "age"),
    [
        (datetime(2026, 12, 14, 22, 59, 59, tzinfo=UTC), 15),
        (datetime(2026, 12, 14, 23, 0, 0, tzinfo=UTC), 16),
        (datetime(2026, 6, 30, 22, 0, 0, tzinfo=UTC), 15),
    ],
)
def test_age_changes_at_midnight_in_amsterdam(at: datetime, age: int) -> None:
    """Rule 10: the birthday begins at 00:00 Europe/Amsterdam, which is 23:00 UTC the day before in winter."""
    born = Person(bsn=FROUKE, voornamen="F", geslachtsnaam="J", birth=BirthDate(2010, 12, 15))
    with serve(create_app(Config(KEY, (born,)), at.timestamp)) as base:
        assert ask(base + PATH, question(FROUKE, fields=["leeftijd"])).json()["personen"] == [{"leeftijd": age}]


def test_fields_select(brp: str) -> None:
    """Only what was asked for; part of a date gives the whole date; `gezag` is an empty list for now."""
    (person,) = ask(
        brp,
        question(FROUKE, fields=["naam.volledigeNaam", "geboorte.datum.jaar", "geslacht.code", "gezag", "overlijden"]),
    ).json()["personen"]
    assert set(person) == {"naam", "geboorte", "geslacht", "gezag"}
    assert person["naam"] == {"volledigeNaam": "Frouke Jansen"}
    assert person["geboorte"]["datum"]["type"] == "Datum"
    assert person["geslacht"] == {"code": "V"}
    assert person["gezag"] == []


def test_unknown_and_repeated_persons(brp: str) -> None:
    """Somebody unknown is left out, so that the list may be empty; nobody is told twice."""
    assert ask(brp, question("999990007")).json()["personen"] == []
    several = ask(brp, question(FROUKE, "999990007", MAN, FROUKE, fields=["burgerservicenummer"])).json()["personen"]
    assert [person["burgerservicenummer"] for person in several] == [FROUKE, MAN]


@pytest.mark.parametrize("headers", [{}, {"X-API-KEY": ""}, {"X-API-KEY": "wrong"}, {"X-API-KEY": KEY + "x"}])
def test_key_is_checked_before_anything_else(brp: str, headers: dict[str, str]) -> None:
    """401 without the right key, also for a question that makes no sense."""
    response = requests.post(brp, data=b"nonsense", headers=headers, timeout=10)
    assert response.status_code == HTTPStatus.UNAUTHORIZED
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "https://datatracker.ietf.org/doc/html/rfc7235#section-3.1",
        "title": "Niet correct geauthenticeerd.",
        "status": 401,
        "code": "authentication",
        "instance": PATH,
    }


def test_other_media_types_are_refused(brp: str) -> None:
    """406 for an answer, 415 for a question in anything but JSON; 405 and 404 as problems too."""
    response = ask(brp, question(FROUKE), Accept="application/xml")
    assert (response.status_code, response.json()["code"]) == (406, "notAcceptable")
    assert ask(brp, question(FROUKE), Accept="application/json; charset=utf-8").status_code == HTTPStatus.OK
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"):
        response = ask(brp, question(FROUKE), **{"Content-Type": content_type})
        assert (response.status_code, response.json()["code"]) == (415, "unsupportedMediaType")
    response = requests.get(brp, timeout=10)
    assert (response.status_code, response.json()["code"]) == (405, "methodNotAllowed")
    response = requests.get(brp + "/else", timeout=10)
    assert (response.status_code, response.json()["code"]) == (404, "notFound")


@pytest.mark.parametrize(
    ("change", "code", "invalid"),
    [
        ({"type": None}, "paramsCombination", ("type", "required")),
        ({"type": "ZoekMetPostcodeEnHuisnummer"}, "paramsValidation", ("type", "value")),
        ({"burgerservicenummer": None}, "paramsCombination", ("burgerservicenummer", "required")),
        ({"burgerservicenummer": []}, "paramsValidation", ("burgerservicenummer", "minItems")),
        ({"burgerservicenummer": FROUKE}, "paramsValidation", ("burgerservicenummer", "array")),
        ({"burgerservicenummer": [FROUKE] * 21}, "paramsValidation", ("burgerservicenummer", "maxItems")),
        ({"burgerservicenummer": [FROUKE, "12345678"]}, "paramsValidation", ("burgerservicenummer[1]", "pattern")),
        ({"burgerservicenummer": [999991772]}, "paramsValidation", ("burgerservicenummer[0]", "pattern")),
        ({"fields": None}, "paramsCombination", ("fields", "required")),
        ({"fields": []}, "paramsValidation", ("fields", "minItems")),
        ({"fields": "naam"}, "paramsValidation", ("fields", "array")),
        ({"fields": ["naam"] * 131}, "paramsValidation", ("fields", "maxItems")),
        ({"fields": ["naam", "bestaatNiet"]}, "paramsValidation", ("fields[1]", "fields")),
        ({"fields": ["gezag.type"]}, "paramsValidation", ("fields[0]", "fields")),
        ({"fields": [["naam"]]}, "paramsValidation", ("fields[0]", "fields")),
        ({"voornamen": "Pietje"}, "paramsValidation", ("voornamen", "unknownParam")),
        ({FROUKE: 1}, "paramsValidation", ("?", "unknownParam")),
    ],
)
def test_wrong_parameters(brp: str, change: dict[str, Any], code: str, invalid: tuple[str, str]) -> None:
    """400 as problem+json with `invalidParams`; values are never repeated (rule 31)."""
    body = {name: value for name, value in (question(FROUKE) | change).items() if value is not None}
    response = ask(brp, body)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code
    assert problem["instance"] == PATH
    assert problem["detail"] == f"De foutieve parameter(s) zijn: {invalid[0]}."
    assert [(param["name"], param["code"]) for param in problem["invalidParams"]] == [invalid]
    assert FROUKE not in response.text


@pytest.mark.parametrize("body", [[], "text", 7])
def test_body_must_be_an_object(brp: str, body: Any) -> None:
    """Anything but a JSON object is refused, nonsense included."""
    assert ask(brp, body).json()["code"] == "paramsValidation"
    headers = {"X-API-KEY": KEY, "Content-Type": "application/json"}
    assert requests.post(brp, data=b"{", headers=headers, timeout=10).status_code == HTTPStatus.BAD_REQUEST


def test_where_somebody_lives(brp: str) -> None:
    """`adressering` has the lines of an envelope ready; nobody who died has one."""
    fields = ["adressering.aanschrijfwijze.naam", "adressering.adresregel1", "adressering.adresregel2"]
    living, dead = ask(brp, question(FROUKE, DECEASED, fields=fields)).json()["personen"]
    addressing = living["adressering"]
    assert addressing["aanschrijfwijze"] == {"naam": "F. Jansen"}
    assert addressing.keys() == {"aanschrijfwijze", "adresregel1", "adresregel2"}
    assert FROUKE not in f"{addressing}"
    assert "adressering" not in dead
