"""The citizen's own view of the log (rule 42, page P13)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid5

from vad.domain.activity import ActivityKind, types_of
from vad.domain.audit import ActivityDownloaded, ActivityViewed, Outcome
from vad.domain.identifiers import PersonId
from vad.domain.session import Session
from vad.services.activity_entries import ActivityEntry, ActivityLine, Teller, lines
from vad.services.names import Names
from vad.services.ports.activity import BEFORE_ALL, Involved, OwnEvent, Place, Wanted
from vad.services.ports.records import Registrations, UnitOfWorkFactory

SHOWN: Final = timedelta(days=90)
"""How far back the page goes by itself. Whoever asks for more gets all that the log still has."""
PAGE: Final = 100
"""Events on one page. Some share a line."""
_AT_ONCE = 500
"""Events of a download that are in memory at once."""
_LOOKED_AT = 20_000
"""Events, in either role, among which is looked for who and what can be chosen."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody or something to look for, under a name that says nothing to anybody else."""

    handle: str
    name: str | None
    """None: the person's own, or a name that can't be had now."""
    oneself: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be looked for in this period."""

    persons: tuple[Choice, ...] = ()
    apps: tuple[Choice, ...] = ()
    sources: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """What the person wants to see. Handles are those of `Choices`; empty or unknown ones leave nothing out."""

    since: datetime | None = None
    until: datetime | None = None
    """The first moment that is too late."""
    kind: ActivityKind | None = None
    outcome: Outcome | None = None
    person: str = ""
    app: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """A page of it."""

    lines: tuple[ActivityLine, ...]
    choices: Choices
    since: datetime
    following: Place | None
    """Where the next page begins; None: there is no more."""


@dataclass(frozen=True, slots=True)
class Activity:
    """The use case."""

    work: UnitOfWorkFactory
    registrations: Registrations
    names: Names

    def of(self, session: Session, at: datetime, chosen: Filter, after: Place | None = None) -> ActivityPage:
        """What was done by or about this person, newest first. Looking is itself logged, before anything is shown."""
        person = session.person_id
        with self.work() as tx:
            # What another process, whose clock is ahead, wrote down just now is there too.
            everything = _everything(chosen, at + timedelta(seconds=1))
            involved = tx.activity.involved(person, everything, limit=_LOOKED_AT)
            wanted = _narrowed(everything, chosen, involved, person)
            events = tx.activity.of(person, replace(wanted, before=after or wanted.before), limit=PAGE + 1)
            tx.audit.append(ActivityViewed(actor=person, represented=person, sid=session.sid), at=at)
            tx.commit()
        shown, more = events[:PAGE], len(events) > PAGE
        teller = Teller(self.registrations, self.names, person, at)
        return ActivityPage(
            lines=lines(shown, teller),
            choices=self._choices(involved, teller, person),
            since=everything.since,
            following=shown[-1].place if more else None,
        )

    def download(self, session: Session, at: datetime, chosen: Filter, media: str) -> Iterator[ActivityEntry]:
        """All of it, newest first, in no more memory than a page takes. Logged before the first of it is given."""
        person = session.person_id
        with self.work() as tx:
            everything = _everything(chosen, at)
            involved = tx.activity.involved(person, everything, limit=_LOOKED_AT)
            downloaded = ActivityDownloaded(
                actor=person, represented=person, sid=session.sid, evidence={"format": media}
            )
            tx.audit.append(downloaded, at=at)
            tx.commit()
        return self._pieces(person, _narrowed(everything, chosen, involved, person), at)

    def _pieces(self, person: PersonId, wanted: Wanted, at: datetime) -> Iterator[ActivityEntry]:
        teller = Teller(self.registrations, self.names, person, at)
        events: tuple[OwnEvent, ...] = ()
        while True:
            before = events[-1].place if events else wanted.before
            with self.work() as tx:
                events = tx.activity.of(person, replace(wanted, before=before), limit=_AT_ONCE)
            yield from map(teller.entry, events)
            if len(events) < _AT_ONCE:
                return

    def _choices(self, involved: Involved, teller: Teller, person: PersonId) -> Choices:
        handle = _handles(person)
        return Choices(
            persons=_sorted(
                Choice(handle(str(each)), teller.party(each).name, oneself=each == person)
                for each in involved.persons | {person}
            ),
            apps=_sorted(Choice(handle(each), teller.app(each)) for each in involved.clients),
            # The issuer itself is no source: consent to log in names it.
            sources=_sorted(Choice(handle(each), name) for each in involved.resources if (name := teller.source(each))),
        )


def _everything(chosen: Filter, at: datetime) -> Wanted:
    """The period alone."""
    before = chosen.until or at
    return Wanted(
        types=types_of(None), since=chosen.since or before - SHOWN, before=Place(before, BEFORE_ALL), staff=True
    )


def _narrowed(wanted: Wanted, chosen: Filter, involved: Involved, person: PersonId) -> Wanted:
    handle = _handles(person)
    somebody = next((each for each in involved.persons | {person} if handle(str(each)) == chosen.person), None)
    return replace(
        wanted,
        types=types_of(chosen.kind),
        staff=chosen.kind in {None, ActivityKind.STAFF},
        outcome=chosen.outcome.value if chosen.outcome else None,
        by=somebody if somebody == person else None,
        between=somebody if somebody != person else None,
        client_id=next((each for each in involved.clients if handle(each) == chosen.app), None),
        resource=next((each for each in involved.resources if handle(each) == chosen.source), None),
    )


def _handles(person: PersonId) -> Callable[[str], str]:
    """Names for an address: nobody who does not know the person's id can tell what they stand for."""
    return lambda value: str(uuid5(person, value))


def _sorted(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    named: Mapping[str, Choice] = {each.handle: each for each in choices}
    return tuple(sorted(named.values(), key=lambda each: (not each.oneself, (each.name or "").casefold(), each.handle)))
