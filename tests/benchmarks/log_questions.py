"""What auditors wait for: `python -m tests.benchmarks.run --log [EVENTS]`, ten million where nothing else is said.

Three years of events over a hundred thousand persons and the mandates between them (`log_history`). Each question of
rule 43 is asked about somebody else each time, through VAD's own use case; what counts is how long the slowest
twentieth took, statement, trip and reading together, on a page of fifty or the whole answer.

Two have no budget: the yearly review of access, asked for once a year, and hashing the newest 50,000 events again.
"""

import argparse
import itertools
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import structlog

from tests.benchmarks.log_history import MONTHS, RARE, fill
from tests.benchmarks.neighbourhood import built
from tests.benchmarks.report import table
from tests.support.database import ask
from tests.support.plans import Said, overheard
from vad.adapters.postgres.access_review import PostgresStaffRecords
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_state import log_state
from vad.adapters.postgres.log_stream import LIMITS, PostgresLogStream
from vad.adapters.postgres.signals import PostgresSignalCounting
from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.adapters.vault.person_references import AesPersonReferences
from vad.bootstrap.foundation import lay_foundation
from vad.bootstrap.log_keeping import patient, reading
from vad.domain.identifiers import GrantId, MandateId, PersonId, ResourceId, Sid, StaffId
from vad.domain.review_period import ReviewPeriod
from vad.domain.signal import Thresholds
from vad.domain.staff import StaffMember, StaffRole
from vad.sandbox.load.loader import Wanted
from vad.services.access_review import review
from vad.services.log_inquiry import PAGE, USES, LogInquiry, life
from vad.services.log_verifying import LogVerification, Trusted
from vad.services.log_wholeness import LogWholeness
from vad.services.mandate_inquiry import MandateInquiry
from vad.services.ports.log_search import LogFilter, MandateFilter
from vad.services.signals import Signals

MOST_EVENTS = 20_000_000
MOST_SECONDS = 1.0
"""The budget of a question, for all but the slowest twentieth."""
_PERSONS, _MANDATES = 100_000, 50_000
_TIMES = 40
_REVIEWS = 5

Question = tuple[str, Callable[[], object]]


@dataclass
class Crowd:
    """Whom and what to ask about: each in turn."""

    rows: dict[str, Sequence[Any]]
    turns: dict[str, Iterator[Any]] = field(default_factory=dict)

    def next(self, of: str) -> Any:
        """The next person, mandate with who acts on it, event, or source."""
        return next(self.turns.setdefault(of, itertools.cycle(self.rows[of])))

    def person(self) -> PersonId:
        """The next one."""
        return PersonId(self.next("person"))

    def mandate(self) -> tuple[MandateId, PersonId]:
        """The next one, and who acts on it."""
        mandate, representative = self.next("pair")
        return MandateId(mandate), PersonId(representative)


@dataclass
class Asking:
    """The use cases, and who asks: over all there is where one person or thing is meant, else over a month."""

    inquiry: LogInquiry
    member: StaffMember
    crowd: Crowd
    now: datetime

    @property
    def ever(self) -> LogFilter:
        """All of the log."""
        return LogFilter(since=self.now - timedelta(days=31 * MONTHS), until=self.now)

    @property
    def lately(self) -> LogFilter:
        """A month of it."""
        return LogFilter(since=self.now - timedelta(days=31), until=self.now)

    def of_mandate(self, *types: str) -> object:
        """(b) and (g)."""
        ever = self.ever
        return self.inquiry.search(self.member, life(self.crowd.mandate()[0], ever.since, ever.until, types))

    def page(self, wanted: LogFilter) -> object:
        """What the API gives: what is about whoever asks is left out, and told of."""
        return self.inquiry.page(self.member, wanted, None, PAGE)

    def around(self) -> object:
        """(f) An event, and what came of the same cause."""
        event = self.inquiry.event(self.member, self.crowd.next("event")[0])
        return self.inquiry.around(self.member, event) if event is not None else None

    def same(self, name: str, kind: Callable[[Any], Any], place: int) -> object:
        """What an event shares with others, over all there is."""
        return self.page(replace(self.ever, **{name: kind(self.crowd.next("event")[place])}))


def questions(asking: Asking) -> Iterator[Question]:
    """Those of events, and of what stands in the other tables."""
    inquiry, member, crowd, now = asking.inquiry, asking.member, asking.crowd, asking.now
    ever, lately, month = asking.ever, asking.lately, asking.lately.since
    yield "(a) who could act for somebody on a day", lambda: inquiry.could_act(member, crowd.person(), month)
    yield "(b) every use of a mandate", lambda: asking.of_mandate(*USES)
    yield (
        "(c) everything a representative did",
        lambda: inquiry.search(member, replace(ever, actor=crowd.mandate()[1])),
    )
    yield (
        "(c) what they did for others, as the API tells it",
        lambda: asking.page(replace(ever, actor=crowd.mandate()[1], for_another=True)),
    )
    yield "(d) access beyond end, death, birthday", lambda: inquiry.overdue(member, month, now)
    yield "(e) refusals by reason", lambda: inquiry.refusals(member, month, now)
    yield "(f) the evidence behind a decision", lambda: inquiry.event(member, crowd.next("event")[0])
    yield "(f) and what is around it", asking.around
    yield "(g) who made, changed, viewed a mandate", asking.of_mandate
    yield (
        "(g) the mandates of a person",
        lambda: MandateInquiry(inquiry.work).search(member, MandateFilter(person=crowd.person())),
    )
    yield "(h) children who turn 12 or 16", lambda: inquiry.turning(member, now)
    yield "(i) who acts for many", lambda: inquiry.helpers(member, 3)
    yield "anything about somebody", lambda: inquiry.search(member, replace(ever, person=crowd.person()))
    yield "the newest of all", lambda: inquiry.search(member, lately)
    yield "the newest of all, one's own events left out", lambda: asking.page(lately)
    yield (
        "of a source, of many events or few, own left out",
        lambda: asking.page(replace(ever, resource=ResourceId(crowd.next("source")))),
    )
    yield "by correlation_id", lambda: asking.same("correlation_id", str, 1)
    yield "by grant_id", lambda: asking.same("grant_id", GrantId, 2)
    yield "by sid", lambda: asking.same("sid", Sid, 3)
    yield (
        "all of one account of the staff",
        lambda: inquiry.search(member, replace(ever, staff=member.account)),
    )


def beside(asking: Asking, url: str, key: CheckpointKey, signals: Signals) -> Iterator[Question]:
    """Those of the log as a whole, (j) and (k), and what somebody should look at."""
    stream, database, member = PostgresLogStream(Database(url, LIMITS)), patient(url, "vad-log"), asking.member
    wholeness = LogWholeness(asking.inquiry.work, partial(reading, database), [key.verifier], verify)

    def thinnings() -> object:
        with reading(database) as log:
            return log.thinnings()

    def taken(wanted: LogFilter) -> object:
        with stream() as moment:
            return moment.checkpoint(), next(moment.events(replace(wanted, without=member.person)), None)

    yield "signals", lambda: signals.open(member, asking.now)
    yield "(j) when the log was seen to be whole", lambda: wholeness.known(member, asking.now)
    yield "(j) how far it is sealed, for figures and alerts", lambda: log_state(database)
    yield "(j) every hour that was thinned, by the rule", thinnings
    yield "(k) an export begins: of a month", lambda: taken(asking.lately)
    yield "(k) of all there is", lambda: taken(asking.ever)
    yield "(k) of somebody", lambda: taken(replace(asking.ever, person=asking.crowd.person()))
    yield "(k) of a source", lambda: taken(replace(asking.ever, resource=ResourceId(asking.crowd.next("source"))))


def measured(asked: argparse.Namespace, folder: Path, stack: ExitStack) -> tuple[list[str], bool]:
    """The table; and whether everything was within its budget."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    place = stack.enter_context(built(folder / "log", Wanted(_PERSONS, _MANDATES, 0)))
    database, begun = place.town.database, time.monotonic()
    url, key = database.superuser_url, CheckpointKey.from_text(CheckpointKey.generate_text("bench.example/log"))
    fill(url, database.worker_url, asked.log, key)
    filled = time.monotonic() - begun
    [(size,)] = ask(url, "SELECT pg_size_pretty(sum(pg_total_relation_size(inhrelid))) FROM pg_inherits")
    foundation, said = lay_foundation(place.town.settings, "admin", url), Said()
    asking = asker(url, LogInquiry(foundation.work))
    references = AesPersonReferences(foundation.keys.current)
    signals = Signals(foundation.work, PostgresSignalCounting(Database(url)), references, Thresholds())
    with overheard(said.add):
        rows = [
            _row(title, question, _TIMES, budget=True)
            for title, question in (*questions(asking), *beside(asking, url, key, signals))
        ]
    kept = not any(row[-1] for row in rows)
    rows += _reviewed(url, asking, key)
    whole = _verified(url, key)
    hours = ask(url, "SELECT count(*) FROM log_thinnings")[0][0]
    shown = (
        f"{asked.log:,} events, {hours:,} hours thinned, in {filled:.0f} s; {size} with indexes; {_TIMES} times each"
    )
    faults = said.faults(url)
    told = [f"goes through a whole table: {fault.splitlines()[0]}" for fault in faults] or [
        "no plan goes through a month"
    ]
    lines = [shown, "", *table(["question", "median ms", "p95 ms", ""], rows), "", *told, "", whole]
    return lines, kept


def asker(url: str, inquiry: LogInquiry) -> Asking:
    """Somebody of the staff, of whom there is more in the log than of anybody else; and whom they ask about."""
    [(account, own)] = ask(
        url, "SELECT account_id, c.person_id FROM crowd AS c JOIN staff_accounts USING (person_id) WHERE n = 0"
    )
    sample = """
        SELECT event_id, correlation_id, grant_id, sid FROM audit_events WHERE grant_id IS NOT NULL
            AND recorded_at > now() - interval '90 days' AND %s NOT IN (actor, represented) LIMIT 1000
    """
    others = "SELECT person_id FROM crowd WHERE n > 0 ORDER BY md5(n::text) LIMIT 1000"
    pairs = """
        SELECT mandate_id, representative FROM pairs WHERE %s NOT IN (represented, representative)
        ORDER BY md5(n::text) LIMIT 1000
    """
    crowd = Crowd(
        {
            "person": [person for (person,) in ask(url, others)],
            "pair": ask(url, pairs, (own,)),
            "event": ask(url, sample, (own,)),
            "source": [RARE, "https://source-3.example", "https://nobody.example", "https://source-9.example"],
        }
    )
    member = StaffMember(StaffId(UUID(str(account))), PersonId(own), frozenset({StaffRole.AUDITOR}))
    return Asking(inquiry, member, crowd, datetime.now(UTC))


def _row(title: str, question: Callable[[], object], times: int, *, budget: bool) -> list[str]:
    took = sorted(timed(question) for _ in range(times))
    slow = quantiles(took, n=20)[-1] if budget else took[-1]
    over = "over budget" if budget and slow > MOST_SECONDS else ""
    return [title, f"{median(took) * 1000:.1f}", f"{slow * 1000:.1f}{'' if budget else ' (at most)'}", over]


def _reviewed(url: str, asking: Asking, key: CheckpointKey) -> Iterator[list[str]]:
    """What has no budget, some times: hashing again, and the review of access over the last whole year."""
    records, now = PostgresStaffRecords(Database(url)), datetime.now(UTC)
    period = ReviewPeriod(now.year - 1)
    database = patient(url, "vad-log")
    wholeness = LogWholeness(asking.inquiry.work, partial(reading, database), [key.verifier], verify)

    def look() -> None:
        report = wholeness.look(asking.member, asking.now)
        if report is None or report.trouble:
            raise RuntimeError(f"the log is not whole: {report}")

    yield _row("(j) the newest 50,000 hashed again", look, _REVIEWS, budget=False)
    yield _row("the yearly review of access", lambda: review(records, period, now), _REVIEWS, budget=False)


def _verified(url: str, key: CheckpointKey) -> str:
    """How long it takes to hash every event again, as `vad audit verify` does."""
    begun, trusted = time.monotonic(), Trusted([key.verifier], verify)
    with reading(patient(url, "vad-log")) as log:
        report = LogVerification(log, trusted, lambda *_: None).run()
    took = time.monotonic() - begun
    each = f"{report.checked:,} events in {took:.0f} s, {report.checked / took:,.0f} a second"
    return f"verified ({report.trouble} faults): {each}"


def timed(question: Callable[[], object]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    question()
    return time.perf_counter() - begun
