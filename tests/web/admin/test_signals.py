"""A6: signals are seen, lead into the log, and are handled once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import STAFF, Colleague
from vad.adapters.postgres.signals import PostgresSignalCounting
from vad.domain.signal import USE_TYPES

NOTE = {"reason": "Called the person, who mistyped", "case_number": "ZK-7"}


@pytest.fixture(autouse=True)
def nothing_handled(backroom: Backroom) -> Iterator[None]:
    """Let nobody have handled anything."""
    backroom.ask("DELETE FROM handled_signals")
    yield
    backroom.ask("DELETE FROM handled_signals")


def happened(backroom: Backroom, times: int, kind: str, actor: UUID, at: datetime, *, other: bool = False) -> None:
    """Let this person have done something so often, by way of the log."""
    backroom.ask(
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, represented, evidence)"
        " SELECT gen_random_uuid(), %s - n * interval '1 second', %s, 'success', %s, %s, '{}'"
        " FROM generate_series(1, %s) AS n",
        at, kind, str(actor), str(UUID(int=1) if other else actor), times,
    )  # fmt: skip


def test_wrong_codes(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """A6: who got ten codes wrong is seen by their reference; handled once with a note; seen again on another day."""
    iris, anneke = new_colleague(), new_colleague()
    somebody = backroom.person_id("999993069")  # Anneke herself
    happened(backroom, 10, "mandate.code_refused", somebody, datetime.now(UTC))
    iris.log_in_as("iris")
    page = iris.go("/signalen")
    assert "Deze persoon vulde 10 verkeerde codes in" in page.text
    assert str(somebody) not in page.text
    about = f"/signalen/wrong_codes.{backroom.reference('999993069')}"
    [link] = [each for each in page.elements.values() if each.get("href", "").startswith(about)]
    anneke.log_in_as("anneke")
    assert "Dit gaat over uzelf." in anneke.go("/signalen").text
    assert anneke.request("GET", link["href"]).status_code == 403
    iris.go(link["href"])
    assert "Schrijf waarom" in iris.press("signal-handle", {**NOTE, "reason": "no"}).text
    assert "Wat u deed, staat in het logboek." in iris.press("signal-handle", NOTE).text
    assert "10 verkeerde codes" not in iris.page.text
    [event] = backroom.events("staff.signal_handled")
    assert event["evidence"]["signal"] == "wrong_codes"
    assert NOTE["reason"] not in str(event)
    assert iris.request("POST", link["href"], csrf_token=iris.csrf_token, **NOTE).status_code == 400


def test_nobody_handles_a_signal_about_themselves(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Rule 44: an administrator who got codes wrong leaves it to another."""
    iris = new_colleague()
    happened(backroom, 12, "contact.not_proved", backroom.person_id(STAFF["iris"]["bsn"]), datetime.now(UTC))
    iris.log_in_as("iris")
    reference = backroom.reference(STAFF["iris"]["bsn"])
    day = datetime.now(UTC).astimezone().date()
    names = {f"wrong_codes.{reference}.{each}" for each in (day, day + timedelta(days=1), day - timedelta(days=1))}
    iris.go("/signalen")
    answers = {iris.request("POST", f"/signalen/{n}", csrf_token=iris.csrf_token, **NOTE).status_code for n in names}
    assert 403 in answers
    assert answers <= {403, 400}
    assert backroom.ask("SELECT count(*) FROM handled_signals") == [(0,)]
    assert backroom.events("staff.refused")[-1]["reason"] == "own_case"


def test_what_is_counted(backroom: Backroom) -> None:
    """A6: only what was done for others counts at night; refusals by days of 24 hours."""
    counting = PostgresSignalCounting(backroom.foundation.database)
    night = datetime(2020, 6, 1, 2, tzinfo=UTC)
    busy, quiet, own = (UUID(int=each) for each in (91, 92, 93))
    happened(backroom, 20, "token.issued", busy, night, other=True)
    happened(backroom, 19, "token.issued", quiet, night, other=True)
    happened(backroom, 50, "token.issued", own, night)
    found = counting.doers(USE_TYPES, night - timedelta(hours=1), night, 20, 9, for_others=True)
    assert found == ((busy, 20),)
    for hours, times in ((1, 3), (25, 2), (26, 2)):
        for _ in range(times):
            backroom.ask(
                "INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)"
                " VALUES (gen_random_uuid(), %s, 'token.refused', 'refused', '{}')",
                night - timedelta(hours=hours),
            )
    assert counting.refusals(night, 8) == (3, 4, 0, 0, 0, 0, 0, 0)
