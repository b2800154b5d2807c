"""A month of history for the demo, and one helper whom somebody should look at.

The events are VAD's own, and go through its own log, so that the worker seals them like all others. Each says that it
was made for the demo. A demo that has them gets no second month.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from vad import settings
from vad.bootstrap.foundation import Foundation, lay_foundation
from vad.domain.audit import (
    AuditEvent,
    AuthorizationRefused,
    ConsentGiven,
    LoginFailed,
    LoginSucceeded,
    TokenIssued,
    TokenRefused,
)
from vad.domain.ground import Basis
from vad.domain.identifiers import Bsn, ClientId, PersonId, ResourceId, Sid
from vad.services.ports.activity import BEFORE_ALL, Place, Wanted

DAYS: Final = 30
SEEDED: Final = {"seeded": True}
"""The evidence of each: nobody takes it for something that happened."""
NIGHTS: Final = 3
PER_NIGHT: Final = 45
"""What the helper does in each of the last nights: more than anybody who sleeps."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, and when."""

    at: datetime
    event: AuditEvent


def main() -> None:
    """Write it down, of the persons whose numbers stand in the file that is named."""
    numbers = [Bsn(each) for each in json.loads(Path(sys.argv[1]).read_text())]
    foundation = lay_foundation(settings.load(settings.config_folders()), "web")
    try:
        seed(foundation, numbers, datetime.now(UTC))
    finally:
        foundation.database.close()


def seed(foundation: Foundation, numbers: Sequence[Bsn], at: datetime) -> int:
    """Write a month of history, in one transaction; how many events, none where there is one already."""
    with foundation.work() as tx:
        people = [tx.persons.find_or_add(bsn, at).person_id for bsn in numbers]
        if tx.activity.of(people[-1], _last_month(at), limit=1):
            return 0
        apps = [client.client_id for client in foundation.registrations.clients() if client.redirect_uris]
        sources = [source.identifier for source in foundation.registrations.resource_servers()]
        happened = sorted(history(people, apps, sources, at), key=lambda each: each.at)
        for each in happened:
            tx.audit.append(each.event, at=each.at)
        tx.commit()
    return len(happened)


def history(
    people: Sequence[PersonId], apps: Sequence[ClientId], sources: Sequence[ResourceId], at: datetime
) -> Iterator[Happened]:
    """What everybody did in the month up to `at`. The last of these people is the helper."""
    *others, helper = people
    for number, person in enumerate(others):
        for day in range(1, DAYS + 1):
            if _chance(number, day) < 0.6:  # noqa: PLR2004 - not every day
                yield from _visit(person, number, at - timedelta(days=day), apps, sources)
    for begin in nights(at):
        yield from _night(helper, others, begin, apps[0], sources)


def nights(at: datetime) -> Iterator[datetime]:
    """When the helper begins, in each of the last nights that are over."""
    last = at.replace(hour=1, minute=5, second=0, microsecond=0)
    if last + timedelta(minutes=2 * PER_NIGHT) > at:  # it has not come yet, or is not over
        last -= timedelta(days=1)
    return (last - timedelta(days=night) for night in range(NIGHTS))


def _visit(
    person: PersonId, number: int, day: datetime, apps: Sequence[ClientId], sources: Sequence[ResourceId]
) -> Iterator[Happened]:
    """One person, one day: a login, one app, some sources, and now and then a no."""
    turn = int(_chance(number, day.toordinal()) * 1000)
    app, sid = apps[turn % len(apps)], Sid(f"demo-{number}-{day:%j}")
    moment = day.replace(hour=7 + turn % 13, minute=turn % 60, second=0, microsecond=0)
    mine: dict[str, Any] = {"actor": person, "represented": person, "client_id": app, "sid": sid, "evidence": SEEDED}
    if turn % 17 == 0:
        yield Happened(moment, LoginFailed(client_id=app, reason="cancelled", evidence=SEEDED))
        return
    yield Happened(moment, LoginSucceeded(actor=person, represented=person, client_id=app, sid=sid, evidence=SEEDED))
    for step, source in enumerate(sources[: 1 + turn % len(sources)]):
        then = moment + timedelta(minutes=1 + step)
        if turn % 3 == 0:
            yield Happened(then, ConsentGiven(**mine, resource=source))
        if turn % 11 == 0:
            yield Happened(then, AuthorizationRefused(**mine, reason="NO_CONSENT"))
            return
        yield Happened(then + timedelta(seconds=2), TokenIssued(**mine, resource=source, basis=Basis.SELF))
    if turn % 7 == 0:
        yield Happened(moment + timedelta(minutes=9), TokenRefused(**mine, reason="SESSION"))


def _night(
    helper: PersonId,
    others: Sequence[PersonId],
    begin: datetime,
    app: ClientId,
    sources: Sequence[ResourceId],
) -> Iterator[Happened]:
    """The helper, who fetches data of one after another while everybody sleeps."""
    sid = Sid(f"demo-night-{begin:%j}")
    yield Happened(begin, LoginSucceeded(actor=helper, represented=helper, client_id=app, sid=sid, evidence=SEEDED))
    for number in range(PER_NIGHT):
        issued = TokenIssued(
            actor=helper,
            represented=others[number % len(others)],
            client_id=app,
            resource=sources[number % len(sources)],
            basis=Basis.MANDATE,
            sid=sid,
            evidence=SEEDED,
        )
        yield Happened(begin + timedelta(minutes=1 + 2 * number), issued)


def _chance(number: int, day: int) -> float:
    """From 0 to 1: the same in each demo of the same day."""
    return int.from_bytes(sha256(f"{number} {day}".encode()).digest()[:4]) / 2**32


def _last_month(at: datetime) -> Wanted:
    return Wanted(
        types=frozenset({TokenIssued.type}),
        since=at - timedelta(days=DAYS + NIGHTS),
        before=Place(at, BEFORE_ALL),
        staff=False,
    )


if __name__ == "__main__":
    main()
