"""Asking the BRP about one person, over real HTTP, when all is well and when it is not."""

import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, jsonify, redirect, request

from vad.adapters.brp.persons import BrpPersons
from vad.adapters.http.caller import HttpCaller, Limits
from vad.domain.age import BirthDate
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import Bsn
from vad.sandbox import brp
from vad.sandbox.persons import Person, load_persons
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
BASE = "/haalcentraal/api/brp"
PERSONS = Path(__file__).parents[3] / "config" / "demo" / "persons.toml"
UNKNOWN = Bsn("999993653")
QUICK = Limits(connect=0.5, total=0.4)


@pytest.fixture(scope="module")
def persons() -> tuple[Person, ...]:
    """Give the demo's test persons as they are today."""
    return load_persons([PERSONS], date(2026, 11, 21))


@pytest.fixture(scope="module")
def register(persons: tuple[Person, ...]) -> Iterator[str]:
    """Serve the mock BRP."""
    with serve(brp.create_app(brp.Config("key", persons), AT.timestamp)) as url:
        yield url


@pytest.fixture
def fault(register: str) -> Iterator[Any]:
    """Give a function that makes the mock BRP misbehave until the test is over."""

    def control(mode: str) -> None:
        requests.post(f"{register}/control/faults", json={"mode": mode}, timeout=5).raise_for_status()

    yield control
    control("ok")


def connector(url: str, key: str = "key", limits: Limits | None = None) -> BrpPersons:
    """Give a connector to the register at `url`."""
    return BrpPersons(f"{url}{BASE}", key, HttpCaller("brp", limits=limits))


def refusal(connection: BrpPersons, bsn: Bsn) -> str:
    """Give the text of the failure, after proving that it says nothing about the person."""
    with pytest.raises(RegisterUnavailableError) as caught:
        connection.look_up(bsn, AT)
    assert bsn.reveal() not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_everybody_of_the_demo_is_found_as_they_are(register: str, persons: tuple[Person, ...]) -> None:
    """Name, birth date as far as known, and death arrive as the register has them; evidence says who answered when."""
    connection = connector(register)
    assert {str(person.birth) for person in persons} >= {"unknown", "1950-03", "2010"}
    for person in persons:
        found = connection.look_up(Bsn(person.bsn), AT)
        assert found is not None
        assert found.name.full_name == person.full_name
        assert found.evidence.birth == BirthDate(person.birth.year, person.birth.month, person.birth.day)
        assert found.evidence.deceased is (person.deceased_on is not None)
        assert (found.evidence.register, found.evidence.answered_at) == ("brp/v2", AT)


def test_somebody_unknown_is_nobody(register: str) -> None:
    """The register knowing nobody by this BSN is an answer, not a failure."""
    assert connector(register).look_up(UNKNOWN, AT) is None


def test_a_wrong_key_is_a_failure(register: str) -> None:
    """Being refused is no empty person."""
    assert refusal(connector(register, "wrong"), UNKNOWN) == "brp: status 401"


@pytest.mark.parametrize(
    ("mode", "detail"),
    [
        ("error500", "brp: status 500"),
        ("garbage", "brp: not JSON"),
        ("close", "brp: ConnectionError"),
        ("hang", "brp: ReadTimeout"),
    ],
)
def test_a_register_in_trouble_is_a_failure(
    register: str, fault: Any, caplog: pytest.LogCaptureFixture, mode: str, detail: str
) -> None:
    """Slow, broken or silent: never an empty person, and nothing about the person in any text (rule 31)."""
    fault(mode)
    with caplog.at_level(logging.DEBUG):
        assert refusal(connector(register, limits=QUICK), Bsn("999991772")) == detail
    assert "999991772" not in caplog.text


def test_a_register_that_is_down_is_a_failure() -> None:
    """Nobody listening is a failure at once."""
    assert refusal(connector(f"http://localhost:{free_port()}"), UNKNOWN) == "brp: ConnectionError"


def test_the_bsn_travels_in_the_body_alone() -> None:
    """Rule 14: neither the address nor a header holds it; only needed fields are asked for, and redirects end here."""
    app, seen = Flask("somebody"), []

    @app.post(f"{BASE}/personen")
    def note() -> Any:
        seen.append((request.url, str(request.headers), request.get_json()))
        return redirect("/elsewhere", 307)

    with serve(app) as url:
        assert refusal(connector(url), UNKNOWN) == "brp: status 307"
    [(address, headers, body)] = seen
    assert UNKNOWN.reveal() not in address + headers
    assert body["burgerservicenummer"] == [UNKNOWN.reveal()]
    assert not {"gezag", "geslacht", "leeftijd"} & set(body["fields"])


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        {"type": "RaadpleegMetBurgerservicenummer"},
        {"type": "ZoekMetGeslachtsnaamEnGeboortedatum", "personen": []},
        {"type": "RaadpleegMetBurgerservicenummer", "personen": [None]},
        {"type": "RaadpleegMetBurgerservicenummer", "personen": [{"burgerservicenummer": "999991772"}]},
        {"type": "RaadpleegMetBurgerservicenummer", "personen": [{}, {}]},
    ],
)
def test_an_answer_about_anything_else_is_a_failure(answer: object) -> None:
    """What is not the answer to the question, about the very person asked for, is not used."""
    app = Flask("somebody")
    app.post(f"{BASE}/personen")(lambda: jsonify(answer))
    with serve(app) as url:
        refusal(connector(url), UNKNOWN)
