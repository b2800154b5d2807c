"""The mock BRP: `personen` of the register of persons, as Haal Centraal's BRP bevragen v2 answers it.

Only `RaadpleegMetBurgerservicenummer`, and only the fields that our test persons have. Ages are those of today in
Europe/Amsterdam. Parental authority is told about the child, and about everybody who holds it; under the names of
version 1, unless the caller asks for version 2 (`accept-gezag-version`).
"""

import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from vad.sandbox import brp_query, faults, parental_authority
from vad.sandbox.addresses import addressing
from vad.sandbox.birth_dates import BirthDate
from vad.sandbox.brp_query import Query
from vad.sandbox.fields import items, known_only, text
from vad.sandbox.persons import Person

PATH = "/haalcentraal/api/brp/personen"
_LARGEST_BODY = 64 * 1024
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)
_GENDERS = {"M": "man", "V": "vrouw", "O": "onbekend"}
_JSON = ("application/json", "application/json; charset=utf-8")
_ONLY_JSON = "Ondersteunde content type: application/json; charset=utf-8."
_RFC7231 = "https://datatracker.ietf.org/doc/html/rfc7231#section-6"
# Status: type, title, code, detail. The words are the register's own.
_PROBLEMS: Mapping[int, tuple[str, str, str, str]] = {
    401: (
        "https://datatracker.ietf.org/doc/html/rfc7235#section-3.1",
        "Niet correct geauthenticeerd.",
        "authentication",
        "",
    ),
    404: (f"{_RFC7231}.5.4", "Opgevraagde resource bestaat niet.", "notFound", ""),
    405: (f"{_RFC7231}.5.5", "Gebruikte bevragingsmethode is niet toegestaan.", "methodNotAllowed", ""),
    406: (f"{_RFC7231}.5.6", "Gevraagde content type wordt niet ondersteund.", "notAcceptable", _ONLY_JSON),
    413: (f"{_RFC7231}.5.11", "Request is te groot.", "payloadTooLarge", ""),
    415: (f"{_RFC7231}.5.13", "Media Type wordt niet ondersteund.", "unsupportedMediaType", _ONLY_JSON),
    500: (f"{_RFC7231}.6.1", "Interne server fout.", "serverError", ""),
}


@dataclass(frozen=True)
class Config:
    """The mock BRP's whole configuration: the key that callers send as `X-API-KEY`, and the persons it knows."""

    api_key: str = field(repr=False)
    persons: tuple[Person, ...] = field(repr=False)

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> "Config":
        """Read what `to_json` wrote. Raises `ConfigError` or `PersonsError` with one line."""
        known_only(raw, ("api_key", "persons"))
        return Config(text(raw, "api_key"), tuple(Person.from_json(person) for person in items(raw, "persons")))

    def to_json(self) -> dict[str, Any]:
        """Return the configuration as plain JSON values."""
        return {"api_key": self.api_key, "persons": [person.to_json() for person in self.persons]}


def create_app(config: Config, now: Callable[[], float] = time.time) -> Flask:
    """Build the mock BRP. `now` is its clock, in seconds since 1970."""
    app = Flask("vad.sandbox.brp", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=_LARGEST_BODY)
    faults.install(app)
    register = {person.bsn: person for person in config.persons}

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.post(PATH)
    def personen() -> Response:
        if not hmac.compare_digest(request.headers.get("X-API-KEY", "").encode(), config.api_key.encode()):
            return _problem(401)
        if "Accept" in request.headers and not request.accept_mimetypes.best_match(_JSON):
            return _problem(406)
        if request.mimetype != "application/json" or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
            return _problem(415)
        query = brp_query.parse(request.get_json(silent=True))
        if not isinstance(query, Query):
            return _refused(query)
        today = datetime.fromtimestamp(now(), _AMSTERDAM).date()
        found = [register[bsn] for bsn in query.bsns if bsn in register]
        version = request.headers.get("accept-gezag-version", "1")
        people = [
            _select(_person(each, today) | {"gezag": _authority(each, register, version)}, query.fields)
            for each in found
        ]
        answer = {"type": brp_query.TYPE, "personen": people}
        return _json(answer, 200, "application/json; charset=utf-8")

    @app.errorhandler(HTTPException)
    def http_problem(error: HTTPException) -> Response:
        return _problem(error.code if error.code in _PROBLEMS else 500)

    return app


def _json(body: Mapping[str, Any], status: int, content_type: str) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["Content-Type"] = content_type
    return response


def _problem(status: int | None) -> Response:
    """Answer with one of the problems that have nothing to do with parameters (RFC 7807)."""
    status = status or 500
    kind, title, code, detail = _PROBLEMS[status]
    problem = {"type": kind, "title": title, "status": status, "code": code, "instance": request.path}
    return _json(problem | ({"detail": detail} if detail else {}), status, "application/problem+json")


def _refused(faulty: list[brp_query.InvalidParam]) -> Response:
    """Answer that parameters are wrong, in the register's words, naming them but never their values."""
    missing = all(param.code == "required" for param in faulty)
    problem = {
        "type": f"{_RFC7231}.5.1",
        "title": "Minimale combinatie van parameters moet worden opgegeven."
        if missing
        else "Een of meerdere parameters zijn niet correct.",
        "status": 400,
        "detail": f"De foutieve parameter(s) zijn: {', '.join(param.name for param in faulty)}.",
        "code": "paramsCombination" if missing else "paramsValidation",
        "instance": request.path,
        "invalidParams": [{"name": p.name, "code": p.code, "reason": p.reason} for p in faulty],
    }
    return _json(problem, 400, "application/problem+json")


def _person(person: Person, today: date) -> dict[str, Any]:
    """Everything the register tells about a person; what is unknown or does not apply is left out."""
    name = {
        "aanduidingNaamgebruik": {"code": "E", "omschrijving": "eigen geslachtsnaam"},
        **_name(person),
        "voorletters": person.initials,
        "volledigeNaam": person.full_name,
    }
    answer: dict[str, Any] = {
        "burgerservicenummer": person.bsn,
        "naam": name,
        "geboorte": {"datum": _date(person.birth)},
        "adressering": addressing(person),
        "geslacht": {"code": person.geslacht, "omschrijving": _GENDERS[person.geslacht]},
    }
    if person.curatele:
        answer["indicatieCurateleRegister"] = True
    age = person.age_on(today)
    if age is not None:
        answer["leeftijd"] = age
    if (died := person.deceased_on) is not None:
        when = _date(BirthDate(died.year, died.month, died.day))
        answer["overlijden"] = {"indicatieOverleden": True, "datum": when}
        answer["opschortingBijhouding"] = {"reden": {"code": "O", "omschrijving": "overlijden"}, "datum": when}
    return answer


def _name(person: Person) -> dict[str, str]:
    parts = {"voornamen": person.voornamen, "voorvoegsel": person.voorvoegsel, "geslachtsnaam": person.geslachtsnaam}
    return {part: value for part, value in parts.items() if value}


def _authority(person: Person, register: Mapping[str, Person], version: str) -> list[dict[str, Any]]:
    """Every element about this person, as the child or as one of those who hold authority over it."""
    people = {bsn: {"burgerservicenummer": bsn, "naam": _name(each)} for bsn, each in register.items()}
    return [
        parental_authority.answer(element, people[child.bsn], people, version)
        for child in register.values()
        for element in child.gezag
        if person.bsn == child.bsn or person.bsn in parental_authority.adults(element)
    ]


def _date(known: BirthDate) -> dict[str, Any]:
    """One of the four kinds of date of Haal Centraal (`AbstractDatum`)."""
    if (full := known.full) is not None:
        words = f"{full.day} {_MONTHS[full.month - 1]} {full.year}"
        return {"type": "Datum", "datum": full.isoformat(), "langFormaat": words}
    if known.year is None:
        return {"type": "DatumOnbekend", "onbekend": True, "langFormaat": "onbekend"}
    if known.month is None:
        return {"type": "JaarDatum", "jaar": known.year, "langFormaat": str(known.year)}
    words = f"{_MONTHS[known.month - 1]} {known.year}"
    return {"type": "JaarMaandDatum", "jaar": known.year, "maand": known.month, "langFormaat": words}


def _select(person: Mapping[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    """Keep the fields that were asked for; a suspended registration is told unasked, as the register does."""
    answer: dict[str, Any] = {}
    for path in (*paths, "opschortingBijhouding"):
        source: Any = person
        target = answer
        *parents, last = path.split(".")
        for parent in parents:
            source = source.get(parent, {})
            if source:
                target = target.setdefault(parent, {})
        if last in source:
            target[last] = source[last]
    return answer
