"""A month of history for the demo, and one helper whom somebody should look at.

The events are VAD's own, and go through its own log, so that the worker seals them like all others. Each says that it
was made for the demo. The mandates are there as well. A demo that has them gets no second month.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from vad import settings
from vad.bootstrap.foundation import Foundation, lay_foundation
from vad.domain.age import AMSTERDAM, BirthDate
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
from vad.domain.mandate import Mandate
from vad.domain.mandate_letter import Addressee
from vad.sandbox.demo.past_mandates import by_letter
from vad.sandbox.persons import Person
from vad.services.ports.activity import BEFORE_ALL, Place, Wanted

DAYS: Final = 30
SEEDED: Final = {"seeded": True}
"""The evidence of each: nobody takes it for something that happened."""
NIGHTS: Final = 3
PER_NIGHT: Final = 45
"""What the helper does in each of the last nights: more than anybody who sleeps."""
_MOST = 14
"""Persons of each kind: a demo may have thousands."""
_GROWN_UP = 20
"""Years, with room for those whose birthday is this year."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Whom it is about."""

    visitors: tuple[Bsn, ...]
    """They look at their own data, now and then."""
    helper: Bsn | None
    """Looks at that of others, at night."""
    helped: tuple[Addressee, ...]

    @staticmethod
    def of(persons: Iterable[Person], today: date) -> "Cast":
        """The grown-ups among these. The last one with a DigiD helps those who have none, if there are any."""
        grown_up = [each for each in persons if _grown_up(each, today)]
        visitors = [Bsn(each.bsn) for each in grown_up if each.digid][:_MOST]
        helped = [Addressee(Bsn(each.bsn), _birth(each)) for each in grown_up if not each.digid][:_MOST]
        return Cast(tuple(visitors), visitors[-1] if visitors and helped else None, tuple(helped))


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, and when."""

    at: datetime
    event: AuditEvent


def main() -> None:
    """Write it down, of the persons whose file is named."""
    persons = map(Person.from_json, json.loads(Path(sys.argv[1]).read_text()))
    cast = Cast.of(persons, datetime.now(AMSTERDAM).date())
    foundation = lay_foundation(settings.load(settings.config_folders()), "web")
    try:
        seed(foundation, cast, datetime.now(UTC))
    finally:
        foundation.database.close()


def seed(foundation: Foundation, cast: Cast, at: datetime) -> int:
    """Write a month of history, in one transaction; how many events, none where there is one already."""
    with foundation.work() as tx:
        people = [tx.persons.find_or_add(bsn, at).person_id for bsn in cast.visitors]
        if not people or tx.activity.of(people[-1], _last_month(at), limit=1):
            return 0
        registered = foundation.registrations
        apps = [client.client_id for client in registered.clients() if client.redirect_uris]
        sources = [source.identifier for source in registered.resource_servers()]
        happened = [each for number, person in enumerate(people) for each in _visits(person, number, at, apps, sources)]
        if cast.helper is not None:
            helped = {tx.persons.find_or_add(asked.bsn, at).person_id: asked for asked in cast.helped}
            services = sorted({each for source in registered.resource_servers() for each in source.data_services})
            mandates = tuple(by_letter(people[-1], list(helped), services, at))
            for mandate in mandates:
                mandate.write(tx, helped[mandate.represented])
                happened += (Happened(step.at, seeded(step.event)) for step in mandate.steps)
            live = [each.now for each in mandates if each.now.live(at)]
            happened += at_night(people[-1], live, at, apps[0], sources)
            for each in live:
                tx.mandates.used(each.mandate_id, max(nights(at)))
        for then in sorted(happened, key=lambda then: then.at):
            tx.audit.append(then.event, at=then.at)
        tx.commit()
    return len(happened)


def nights(at: datetime) -> Iterator[datetime]:
    """When the helper begins, in each of the last nights that are over."""
    last = at.replace(hour=1, minute=5, second=0, microsecond=0)
    if last + timedelta(minutes=2 * PER_NIGHT) > at:  # it has not come yet, or is not over
        last -= timedelta(days=1)
    return (last - timedelta(days=night) for night in range(NIGHTS))


def _visits(
    person: PersonId, number: int, at: datetime, apps: Sequence[ClientId], sources: Sequence[ResourceId]
) -> Iterator[Happened]:
    for day in range(1, DAYS + 1):
        if _chance(number, day) < 0.6:  # noqa: PLR2004 - not every day
            yield from _visit(person, number, at - timedelta(days=day), apps, sources)


def at_night(
    helper: PersonId, mandates: Sequence[Mandate], at: datetime, app: ClientId, sources: Sequence[ResourceId]
) -> Iterator[Happened]:
    """What the helper did on these mandates, in the last nights before `at`."""
    for begin in nights(at):
        yield from _night(helper, mandates, begin, app, sources)


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
    helper: PersonId, mandates: Sequence[Mandate], begin: datetime, app: ClientId, sources: Sequence[ResourceId]
) -> Iterator[Happened]:
    """The helper, who fetches data of one after another while everybody sleeps."""
    sid = Sid(f"demo-night-{begin:%j}")
    yield Happened(begin, LoginSucceeded(actor=helper, represented=helper, client_id=app, sid=sid, evidence=SEEDED))
    for number in range(PER_NIGHT):
        mandate = mandates[number % len(mandates)]
        issued = TokenIssued(
            actor=helper,
            represented=mandate.represented,
            client_id=app,
            resource=sources[number % len(sources)],
            basis=Basis.MANDATE,
            sid=sid,
            evidence={**mandate.as_record(), **SEEDED},
        )
        yield Happened(begin + timedelta(minutes=1 + 2 * number), issued)


def seeded(event: AuditEvent) -> AuditEvent:
    """The same, marked."""
    return replace(event, evidence={**event.evidence, **SEEDED})


def _grown_up(person: Person, today: date) -> bool:
    born = person.birth.full
    return born is not None and today.year - born.year >= _GROWN_UP and person.deceased_on is None


def _birth(person: Person) -> BirthDate:
    known = person.birth
    return BirthDate(known.year, known.month, known.day)


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
