"""A1: figures, and no people."""

from datetime import UTC, datetime, timedelta

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from vad.adapters.postgres.overview import PostgresCounting
from vad.services.staff_overview import Change, Period

LONG_AGO = datetime(2021, 6, 15, 12, tzinfo=UTC)


def test_what_is_counted(backroom: Backroom) -> None:
    """A1: each change by the day in the Netherlands, days on which nothing happened too; refusals by reason."""
    events = [
        ("mandate.accepted", "success", None, LONG_AGO),
        ("mandate.approved", "success", None, LONG_AGO - timedelta(hours=1)),
        ("mandate.stopped", "success", None, LONG_AGO - timedelta(days=2)),
        ("mandate.stopped", "success", None, LONG_AGO.replace(day=13, hour=22)),
        ("mandate.expired", "success", None, LONG_AGO - timedelta(days=8)),
        ("token.refused", "refused", "BLOCKED", LONG_AGO),
        ("token.refused", "refused", "LOA", LONG_AGO),
        ("token.refused", "refused", "BLOCKED", LONG_AGO),
        ("token.refused", "refused", "LOA", LONG_AGO + timedelta(seconds=1)),
    ]
    for kind, outcome, reason, at in events:
        backroom.ask(
            "INSERT INTO audit_events (event_id, recorded_at, type, outcome, reason, evidence)"
            " VALUES (gen_random_uuid(), %s, %s, %s, %s, '{}')",
            at, kind, outcome, reason,
        )  # fmt: skip
    counting = PostgresCounting(backroom.foundation.database)
    steps = counting.steps(LONG_AGO - Period.WEEK.length, LONG_AGO, Period.WEEK.step)
    assert [step.begins.date().isoformat() for step in steps] == [f"2021-06-{day:02}" for day in range(7, 15)]
    assert [step.of(Change.NEW) for step in steps] == [0, 0, 0, 0, 0, 0, 0, 2]
    assert [step.of(Change.STOPPED) for step in steps] == [0, 0, 0, 0, 0, 1, 1, 0]
    assert sum(step.of(Change.EXPIRED) for step in steps) == 0
    assert counting.refusals(LONG_AGO - Period.WEEK.length, LONG_AGO) == (("BLOCKED", 2), ("LOA", 1))
    year = counting.steps(LONG_AGO - Period.YEAR.length, LONG_AGO, Period.YEAR.step)
    assert len(year) == 13
    assert sum(step.of(Change.EXPIRED) for step in year) == 1


def test_the_page(colleague: Colleague) -> None:
    """A1: whoever has a role sees it; a period that does not exist is the usual one."""
    colleague.log_in_as("anneke")
    for path in ("/", "/?periode=week", "/?periode=jaar", "/?periode=eeuw"):
        page = colleague.go(path)
        assert (page.status, page.heading) == (200, "Overzicht")
        assert "Nu actief" in page.text
