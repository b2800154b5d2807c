"""What auditors wait for: `python -m tests.benchmarks.run --log [EVENTS]`, ten million where nothing else is said.

Three years of events over a hundred thousand persons and the mandates between them, written by PostgreSQL itself, month
by month. Each question of rule 43 is asked about somebody else each time, through VAD's own use case; what counts is
how long the slowest twentieth took, statement, trip and reading together, on a page of fifty or the whole answer.
The yearly review of access has no budget: it is asked for once a year.
"""

import argparse
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID, uuid4

import structlog

from tests.benchmarks.neighbourhood import built
from tests.benchmarks.report import table
from tests.support.database import ask
from tests.support.plans import Said, overheard
from vad.adapters.postgres.access_review import PostgresStaffRecords
from vad.adapters.postgres.database import Database
from vad.bootstrap.foundation import lay_foundation
from vad.domain.identifiers import MandateId, PersonId, StaffId
from vad.domain.review_period import ReviewPeriod
from vad.domain.staff import StaffMember, StaffRole
from vad.sandbox.load.loader import Wanted
from vad.services.access_review import review
from vad.services.log_inquiry import USES, LogInquiry, life
from vad.services.ports.log_search import LogFilter

MOST_EVENTS = 20_000_000
MOST_SECONDS = 1.0
"""The budget of a question, for all but the slowest twentieth."""
_MONTHS = 36
_PERSONS, _MANDATES = 100_000, 50_000
_TIMES = 40
_REVIEWS = 5
# Of twenty events: eleven tokens for oneself, two on a mandate, one of a parent, three logins, a consent, a refusal,
# and one of the life of a mandate or, as often, something that staff did.
_FILL = """
INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, staff, represented, client_id, resource, basis,
    reason, sid, request_id, correlation_id, origin, evidence)
SELECT gen_random_uuid(), %(begin)s::timestamptz + random() * (%(end)s::timestamptz - %(begin)s::timestamptz),
    CASE WHEN k <= 14 THEN 'token.issued' WHEN k <= 17 THEN 'login.succeeded' WHEN k = 18 THEN 'consent.given'
        WHEN k = 19 THEN 'token.refused' WHEN done = 0 THEN 'staff.logged_in' WHEN done = 1 THEN 'approval.requested'
        WHEN done = 2 THEN 'approval.granted' WHEN by_staff THEN 'staff.viewed'
        WHEN i %% 4000 = 39 THEN 'mandate.ended' ELSE 'mandate.accepted' END,
    CASE k WHEN 19 THEN 'refused' ELSE 'success' END,
    CASE WHEN by_staff THEN NULL WHEN k IN (12, 13, 19) THEN m.representative ELSE p.person_id END,
    CASE WHEN by_staff THEN a.account_id END,
    CASE WHEN k IN (12, 13, 19, 20) THEN m.represented WHEN k = 14 THEN p.other ELSE p.person_id END,
    'app-' || i %% 40, 'https://source-' || i %% 25 || '.example',
    CASE WHEN k <= 11 THEN 'self' WHEN k <= 13 THEN 'mandate' WHEN k = 14 THEN 'parental_authority' END,
    CASE WHEN k = 19 THEN (ARRAY['NO_CONSENT', 'BLOCKED', 'NO_GROUND', 'LOA', 'CURATELE'])[1 + (i / 20) %% 5]
        WHEN i %% 4000 = 39 THEN 'deceased' END,
    md5(i::text), md5(i::text), md5((i / 3)::text), '192.0.2.0/24',
    jsonb_build_object('acr', 'midden', 'consents', '[]'::jsonb, 'until', %(end)s, 'jti', md5(i::text))
        || CASE WHEN k IN (12, 13, 19, 20) THEN jsonb_build_object('mandate', m.mandate_id) ELSE '{}' END
        || CASE WHEN done IN (1, 2) THEN jsonb_build_object('request', md5((i / 4000)::text)) ELSE '{}' END
        || CASE WHEN by_staff THEN jsonb_build_object('action', 'view_' || i / 40 %% 12, 'roles', '[]'::jsonb)
            ELSE '{}' END
FROM (
        SELECT i, 1 + i %% 20 AS k, i %% 40 = 19 AS by_staff, CASE WHEN i %% 40 = 19 THEN i / 40 %% 100 END AS done
        FROM generate_series(%(first)s, %(last)s) AS i
    ) AS numbers
    LEFT JOIN accounts AS a ON by_staff AND a.n = i / 40 %% %(accounts)s
    JOIN crowd AS p ON p.n = i %% %(persons)s
    JOIN pairs AS m ON m.n = i %% %(mandates)s
"""
_SAMPLES = """
CREATE TABLE crowd AS SELECT person_id, lead(person_id, 1, person_id) OVER () AS other, row_number() OVER () - 1 AS n
    FROM persons;
CREATE UNIQUE INDEX ON crowd (n);
CREATE TABLE pairs AS SELECT mandate_id, represented, representative, row_number() OVER () - 1 AS n
    FROM mandates WHERE state = 'active';
CREATE UNIQUE INDEX ON pairs (n);
INSERT INTO birthdays SELECT person_id, other, 12, date_trunc('month', now())::date - 31 * (n % 120)::int, 0, NULL
    FROM crowd WHERE n % 20 = 0 AND person_id <> other;
INSERT INTO staff_accounts SELECT gen_random_uuid(), 'https://staff.example', n::text, person_id,
    now() - interval '3 years', NULL FROM crowd WHERE n < 60;
CREATE TABLE accounts AS SELECT account_id, row_number() OVER () - 1 AS n FROM staff_accounts
    WHERE issuer = 'https://staff.example';
ANALYZE crowd; ANALYZE pairs; ANALYZE birthdays; ANALYZE staff_accounts
"""


@dataclass
class Crowd:
    """Whom to ask about: each in turn."""

    people: list[UUID]
    pairs: list[tuple[UUID, UUID, UUID]]
    events: list[UUID]
    staff: StaffId
    asked: int = 0

    def person(self) -> PersonId:
        """The next one."""
        self.asked += 1
        return PersonId(self.people[self.asked % len(self.people)])

    def mandate(self) -> tuple[MandateId, PersonId]:
        """The next one, and who acts on it."""
        self.asked += 1
        mandate, _, representative = self.pairs[self.asked % len(self.pairs)]
        return MandateId(mandate), PersonId(representative)

    def event(self) -> UUID:
        """The next one."""
        self.asked += 1
        return self.events[self.asked % len(self.events)]


def fill(url: str, events: int) -> None:
    """Write so many, the oldest month first."""
    ask(url, _SAMPLES)
    now = datetime.now(UTC)
    length = timedelta(days=30)
    ask(url, "SELECT keep_audit_months(%s::date, %s::date)", ((now - length * _MONTHS).date(), now.date()))
    sizes = {}
    for each, of in (("persons", "crowd"), ("mandates", "pairs"), ("accounts", "accounts")):
        [(sizes[each],)] = ask(url, f"SELECT count(*) FROM {of}")  # noqa: S608 - names of ours
    for month in range(_MONTHS):
        end = now - length * (_MONTHS - 1 - month)
        first, last = events * month // _MONTHS, events * (month + 1) // _MONTHS - 1
        given = {"begin": end - length, "end": end, "first": first, "last": last, **sizes}
        ask(url, _FILL % {name: _literal(each) for name, each in given.items()})
    ask(url, "VACUUM (ANALYZE) audit_events")


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int) else f"'{value}'"


def questions(inquiry: LogInquiry, member: StaffMember, crowd: Crowd) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each as a page or the API asks it: over all there is where one person or mandate is meant, else over a month."""
    now = datetime.now(UTC)
    long_ago, month = now - timedelta(days=31 * _MONTHS), now - timedelta(days=31)

    def of_mandate(*types: str) -> object:
        return inquiry.search(member, life(crowd.mandate()[0], long_ago, now, types))

    yield "(a) who could act for somebody on a day", lambda: inquiry.could_act(member, crowd.person(), month)
    yield "(b) every use of a mandate", lambda: of_mandate(*USES)
    yield (
        "(c) everything a representative did",
        lambda: inquiry.search(member, LogFilter(since=long_ago, until=now, actor=crowd.mandate()[1])),
    )
    yield "(d) access beyond end, death, birthday", lambda: inquiry.overdue(member, month, now)
    yield "(e) refusals by reason", lambda: inquiry.refusals(member, month, now)
    yield "(f) the evidence behind a decision", lambda: inquiry.event(member, crowd.event())
    yield "(g) who made, changed, viewed a mandate", of_mandate
    yield "(h) children who turn 12 or 16", lambda: inquiry.turning(member, now)
    yield "(i) who acts for many", lambda: inquiry.helpers(member, 3)
    yield (
        "anything about somebody",
        lambda: inquiry.search(member, LogFilter(since=long_ago, until=now, person=crowd.person())),
    )
    yield "the newest of all", lambda: inquiry.search(member, LogFilter(since=month, until=now))
    yield (
        "all of one account of the staff",
        lambda: inquiry.search(member, LogFilter(since=long_ago, until=now, staff=crowd.staff)),
    )


def measured(asked: argparse.Namespace, folder: Path, stack: ExitStack) -> list[str]:
    """The table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    place = stack.enter_context(built(folder / "log", Wanted(_PERSONS, _MANDATES, 0)))
    url, begun = place.town.database.superuser_url, time.monotonic()
    fill(url, asked.log)
    filled = time.monotonic() - begun
    [(size,)] = ask(url, "SELECT pg_size_pretty(sum(pg_total_relation_size(inhrelid))) FROM pg_inherits")
    sample = "SELECT event_id FROM audit_events WHERE recorded_at > now() - interval '90 days' LIMIT 1000"
    [(account,)] = ask(url, "SELECT account_id FROM accounts LIMIT 1")
    staff = StaffId(UUID(str(account)))
    crowd = Crowd(
        [person for (person,) in ask(url, "SELECT person_id FROM crowd ORDER BY md5(n::text) LIMIT 1000")],
        ask(url, "SELECT mandate_id, represented, representative FROM pairs ORDER BY md5(n::text) LIMIT 1000"),
        [event for (event,) in ask(url, sample)],
        staff,
    )
    member = StaffMember(staff, PersonId(uuid4()), frozenset({StaffRole.AUDITOR}))
    inquiry, said = LogInquiry(lay_foundation(place.town.settings).work), Said()
    rows = []
    with overheard(said.add):
        for title, question in questions(inquiry, member, crowd):
            took = sorted(timed(question) for _ in range(_TIMES))
            slow = quantiles(took, n=20)[-1]
            over = "over budget" if slow > MOST_SECONDS else ""
            rows.append([title, f"{median(took) * 1000:.1f}", f"{slow * 1000:.1f}", over])
    rows.append(_reviewed(url))
    shown = f"{asked.log:,} events in {filled:.0f} s, {size} with indexes; {_TIMES} times each"
    faults = said.faults(url)
    told = [f"goes through a whole table: {fault.splitlines()[0]}" for fault in faults] or [
        "no plan goes through a month"
    ]
    return [shown, "", *table(["question", "median ms", "p95 ms", ""], rows), "", *told]


def _reviewed(url: str) -> list[str]:
    """The line of the review of access over the last whole year, some times."""
    records, now = PostgresStaffRecords(Database(url)), datetime.now(UTC)
    period = ReviewPeriod(now.year - 1)
    took = sorted(timed(lambda: review(records, period, now)) for _ in range(_REVIEWS))
    return ["the yearly review of access", f"{median(took) * 1000:.1f}", f"{took[-1] * 1000:.1f} (at most)", ""]


def timed(question: Callable[[], object]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    question()
    return time.perf_counter() - begun
