"""A6: signals are seen, lead into the log, and are handled once."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import STAFF, Colleague
from tests.support.person import HENDRIK
from tests.support.town import Town
from tests.web.oidc.registering import Issue, call, issued, key, metadata, registered
from vad.adapters.postgres.signals import PostgresSignalCounting
from vad.bootstrap.upkeep import create_upkeep
from vad.domain.age import AMSTERDAM
from vad.domain.signal import USE_TYPES

__all__ = ["issued", "key"]
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
    assert re.search(r"Deze persoon vulde op \d+ \w+ \d{4} 10 verkeerde codes in", page.text)
    assert str(somebody) not in page.text
    about = f"/signalen/wrong_codes.{backroom.reference('999993069')}"
    [link] = [each for each in page.elements.values() if each.get("href", "").startswith(about)]
    anneke.log_in_as("anneke")
    assert about not in str(anneke.go("/signalen").elements), "she is not warned"
    assert backroom.reference("999993069") not in anneke.page.text
    assert anneke.request("GET", link["href"]).status_code == 403
    page = iris.go(link["href"])
    assert page.text.count("Verkeerde code ingevuld") == 10, "what was counted, without a right to search the log"
    assert "/logboek/" not in page.text.partition("<main")[2]
    looked = next(each for each in backroom.events("staff.viewed") if each["evidence"]["page"] == "signals.signal")
    assert (looked["evidence"]["person"], looked["represented"]) == (str(somebody), None), "known, and not warned"
    assert "Schrijf de reden" in iris.press("signal-handle", {**NOTE, "reason": "no"}).text
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
    today = datetime.now(UTC).astimezone(AMSTERDAM).date()
    names = {f"wrong_codes.{reference}.{day}" for day in (today, today - timedelta(days=1))}
    assert reference not in iris.go("/signalen").text
    assert 403 in {iris.request("GET", f"/signalen/{name}").status_code for name in names}
    answers = {iris.request("POST", f"/signalen/{n}", csrf_token=iris.csrf_token, **NOTE).status_code for n in names}
    assert 403 in answers
    assert answers <= {403, 400}
    assert backroom.ask("SELECT count(*) FROM handled_signals") == [(0,)]
    assert backroom.events("staff.refused")[-1]["reason"] == "own_case"


def test_what_is_counted(backroom: Backroom) -> None:
    """A6: only what was done for others counts at night; refusals by days of the Netherlands."""
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
    assert counting.refusals(night - timedelta(days=7), night) == {date(2020, 6, 1): 3, date(2020, 5, 31): 4}


def test_a_night_is_found_later_told_once_and_opens_again_when_it_grew(
    new_colleague: Callable[[], Colleague], backroom: Backroom, vad_town: Town
) -> None:
    """A6: of nine nights ago; the worker counts it and says so once; handled, twice as much is another signal."""
    iris, now = new_colleague(), datetime.now(UTC)
    busy = backroom.person_id(HENDRIK)
    night = datetime.combine((now - timedelta(days=9)).date(), time(4), AMSTERDAM)
    name = f"night_burst.{backroom.reference(HENDRIK)}.{night.date()}"
    happened(backroom, 20, "token.issued", busy, night, other=True)
    upkeep, metrics = create_upkeep(vad_town.settings)

    def told() -> tuple[float | None, list[object]]:
        while upkeep.tidy(datetime.now(UTC)):
            pass
        raised = [event["evidence"] for event in backroom.events("staff.signal_raised")]
        return (
            metrics.registry.get_sample_value("vad_signals_open", {"kind": "night_burst"}),
            [each["occasion"] for each in raised if each.get("person") == str(busy)],
        )

    before, said = told()
    assert said == [str(night.date())]
    assert told() == (before, said)
    iris.log_in_as("iris")
    assert name in str(iris.go("/signalen").elements)
    iris.go(f"/signalen/{name}")
    iris.press("signal-handle", NOTE)
    assert name not in str(iris.go("/signalen").elements)
    assert told() == ((before or 0) - 1, said)
    happened(backroom, 20, "token.issued", busy, night - timedelta(minutes=5), other=True)
    assert told() == (before, [*said, f"{night.date()}.2"])
    assert f"{name}.2" in str(iris.go("/signalen").elements)


def test_an_app_that_changes_itself_is_looked_at(
    new_colleague: Callable[[], Colleague], backroom: Backroom, vad_town: Town, issued: Issue, key: dict[str, Any]
) -> None:
    """RFC 7592: nobody of the staff agreed to it, so who manages apps sees which; it opens again."""
    made = registered(vad_town, issued, key)
    app, day = made["client_id"], datetime.now(AMSTERDAM).date()

    def change(name: str) -> None:
        body = {"client_id": app, **metadata(key, client_name=name)}
        assert call(vad_town, "PUT", made["registration_access_token"], body, app).status_code == 200

    change("Heet nu anders")
    upkeep, _ = create_upkeep(vad_town.settings)
    while upkeep.tidy(datetime.now(UTC)):
        pass
    [raised] = [each for each in backroom.events("staff.signal_raised") if each["client_id"] == app]
    name = f"app_changed.-.{day}.{app}"
    assert raised["evidence"] == {"signal": "app_changed", "occasion": f"{day}.{app}", "measured": 1}
    anneke, iris = new_colleague(), new_colleague()
    anneke.log_in_as("anneke")
    page = anneke.go("/signalen")
    assert "Een app heeft de eigen registratie gewijzigd" in page.text
    assert f'href="/apps/{app}"' in page.text
    assert f"/signalen/{name}" not in page.text, "an administrator handles it"
    assert anneke.go(f"/apps/{app}").status == 200
    iris.log_in_as("iris")
    iris.go(f"/signalen/{name}")
    iris.press("signal-handle", NOTE)
    assert name not in iris.page.text
    [handled] = [each for each in backroom.events("staff.signal_handled") if each["client_id"] == app]
    assert handled["evidence"] == raised["evidence"]
    change("En weer anders")
    assert f"/signalen/app_changed.-.{day}.2.{app}" in iris.go("/signalen").text
