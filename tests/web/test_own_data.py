"""People get everything that VAD holds about them, after a login of a moment ago (AVG article 15)."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.backroom import Backroom
from tests.support.mandate_pages import authorised
from tests.support.person import HENDRIK, SAMIRA, Person

pytestmark = pytest.mark.slow

PAGE = "/mijn/gegevens"


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave no mandate and no case behind."""
    yield
    backroom.forget_mandates()
    backroom.ask("DELETE FROM case_texts; DELETE FROM cases")


def taken(person: Person) -> tuple[dict[str, Any], str]:
    """The two files of the archive."""
    person.open(f"{person.town.issuer}{PAGE}")
    answer = person.send("POST", PAGE, person.filled_in("own-data-take"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        return json.loads(files.read("vad.json")), files.read("vad.html").decode()


def test_all_of_it(new_person: Any, backroom: Backroom) -> None:
    """Rows from every side, opened where they are sealed; others without a name or an id; logged before it is given."""
    father, helper = new_person(), new_person()
    authorised((father, HENDRIK), (helper, SAMIRA), backroom, "48", "51")
    helper.open(f"{helper.town.issuer}/mijn/melding")
    form = helper.filled_in("case-send") | {"text": ["Dit was ik niet, zeg ik."], "reach": ["letter"]}
    assert helper.send("POST", "/mijn/melding", form).status_code == 303
    told, readable = taken(helper)
    (mandate,) = told["mandates"]
    assert mandate["representative"] == "you"
    assert mandate["represented"].startswith("person ")
    assert len(told["permissions"]) == 2
    assert [text["text"] for text in told["case_texts"]] == ["Dit was ik niet, zeg ik."]
    assert {"case.opened", "data.exported", "login.succeeded"} <= {event["type"] for event in told["events"]}
    assert len(told["logins"]) >= 1
    for words in (
        "Dit was ik niet",
        "Machtiging begonnen",
        "Gegeven door de persoon zelf",
        "Geldig",
        "Per brief",
        "<dd>Persoon",
    ):
        assert words in readable
    for code in ("mandate.accepted", "<dd>success", "<dd>active", "<dd>offer", "<dd>letter", "<dd>48"):
        assert code not in readable, "codes are for programs"
    accepted = max(
        (each for each in told["events"] if each["type"] == "mandate.accepted"), key=lambda each: each["recorded_at"]
    )
    assert accepted["evidence"]["permissions"] == [["48", None, None], ["51", None, None]]
    everything = json.dumps(told) + readable
    mine, others = backroom.person_id(SAMIRA), backroom.person_id(HENDRIK)
    for secret in (SAMIRA, HENDRIK, str(mine), str(others)):
        assert secret not in everything
    (event,) = backroom.events("data.exported")
    assert event["actor"] == str(mine)


def test_who_logged_in_a_while_ago_logs_in_again(person: Person, backroom: Backroom) -> None:
    """Whoever finds a browser open gets nothing: neither the page nor the file."""
    person.open(f"{person.town.issuer}{PAGE}")
    person.log_in(SAMIRA)
    form = person.filled_in("own-data-take")
    backroom.change_session(person.cookies["vad_session"], auth_time=datetime.now(UTC) - timedelta(minutes=6))
    for answer in (person.send("GET", PAGE), person.send("POST", PAGE, form)):
        assert answer.status_code == 303
        assert "opnieuw=ja" in answer.headers["Location"]
    assert backroom.events("data.exported") == []


def test_a_forged_form_gives_nothing(person: Person, backroom: Backroom) -> None:
    """Nor does anybody without a login."""
    assert "inloggen" in person.send("GET", PAGE).headers["Location"]
    person.open(f"{person.town.issuer}{PAGE}")
    person.log_in(SAMIRA)
    assert person.send("POST", PAGE, {"csrf_token": "x" * 64}).status_code == 400
    assert backroom.events("data.exported") == []
