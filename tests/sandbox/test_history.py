"""The demo's month of history: VAD's own events through its own log, once, with a helper to be found."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.conftest import CacheServer, DatabaseServer
from tests.support.database import ask, new_database
from tests.support.person import DAAN_16, FROUKE, HENDRIK, PIETER, SAMIRA
from tests.support.town import Town, town
from vad.bootstrap.foundation import lay_foundation
from vad.domain.age import AMSTERDAM, BirthDate
from vad.domain.audit import TokenIssued
from vad.domain.identifiers import Bsn, ClientId, PersonId, ResourceId
from vad.domain.mandate_letter import Addressee
from vad.domain.signal import Thresholds, last_nights
from vad.sandbox.demo.history import NIGHTS, PER_NIGHT, Cast, at_night, seed
from vad.sandbox.demo.past_mandates import by_letter

pytestmark = pytest.mark.slow

WITHOUT_DIGID = ("999993057", "999993100", "999993148", "999993197")
OLD = BirthDate(1940, 5, 1)
CAST = Cast(
    visitors=tuple(map(Bsn, (FROUKE, PIETER, SAMIRA, DAAN_16, HENDRIK))),
    helper=Bsn(HENDRIK),
    helped=tuple(Addressee(Bsn(each), OLD) for each in WITHOUT_DIGID),
)


@pytest.fixture(scope="module")
def own_town(
    postgres: DatabaseServer, migrated_template: str, redis_server: CacheServer, server_directory: Path, overlay: Path
) -> Iterator[Town]:
    """Give a town in which nothing has happened yet."""
    with (
        new_database(postgres, migrated_template) as database,
        town(server_directory / "history", database, redis_server.url, [overlay]) as built,
    ):
        yield built


def test_a_month_is_written_once(own_town: Town) -> None:
    """Within seconds, all of it in the past month, each event marked; a second time there is nothing to do."""
    at, foundation = datetime.now(UTC), lay_foundation(own_town.settings)
    url = own_town.database.superuser_url
    try:
        began = time.monotonic()
        written = seed(foundation, CAST, at)
        assert time.monotonic() - began < 3
        assert seed(foundation, CAST, at + timedelta(hours=1)) == 0
    finally:
        foundation.database.close()
    assert written > 200
    ((events, oldest, newest),) = ask(
        url,
        "SELECT count(*), min(recorded_at), max(recorded_at) FROM audit_events WHERE evidence ->> 'seeded' = 'true'",
    )
    assert events == written
    assert at - timedelta(days=32) < oldest
    assert newest < at
    (_, ends), (begins, _) = last_nights(at, 2)
    ((uses, people),) = ask(
        url,
        "SELECT count(*), count(DISTINCT represented) FROM audit_events WHERE type = 'token.issued'"
        " AND actor <> represented AND recorded_at BETWEEN %s AND %s",
        (begins, ends),
    )
    assert uses >= 45
    live = ask(url, "SELECT count(*), count(DISTINCT represented) FROM mandates WHERE state = 'active'")
    assert live == [(people, people)]
    assert people == len(CAST.helped) * 3 // 4, "one in four stopped it"
    assert ask(
        url,
        "SELECT count(*) FROM audit_events JOIN mandates ON mandate_id = (evidence ->> 'mandate')::uuid"
        " AND audit_events.represented = mandates.represented AND actor = representative AND state = 'active'"
        " WHERE type = 'token.issued'",
    ) == [(NIGHTS * PER_NIGHT,)]
    ((hours,),) = ask(
        url,
        "SELECT array_agg(DISTINCT extract(hour FROM recorded_at AT TIME ZONE %s)::int) FROM audit_events"
        " WHERE actor <> represented AND type = 'token.issued'",
        (AMSTERDAM.key,),
    )
    assert set(hours) <= {2, 3, 4, 5}


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("month", [1, 7])
def test_the_helper_is_found_whenever_the_demo_starts(hour: int, month: int) -> None:
    """A6: at any time of the day, and still the day after; once for each night."""
    at, limits = datetime(2027, month, 15, hour, 30, tzinfo=UTC), Thresholds()
    helper, *people = (PersonId(UUID(int=each)) for each in range(5))
    mandates = [each.now for each in by_letter(helper, people, ["48"], at)]
    live = [each for each in mandates if each.live(at)]
    assert len(live) == 3
    made = at_night(helper, live, at, ClientId("app"), [ResourceId("https://source.example")])
    uses = [each.at for each in made if isinstance(each.event, TokenIssued)]
    for then in (at, at + timedelta(days=1)):
        nights = [sum(begins <= use < ends for use in uses) for begins, ends in last_nights(then, limits.days)]
        assert sorted(filter(None, nights)) == [PER_NIGHT] * NIGHTS
    assert limits.night_uses <= PER_NIGHT
