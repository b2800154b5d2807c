"""What the overview of the administration counts, each by an index of its own."""

from datetime import datetime

from sqlalchemy import DateTime, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL
from sqlalchemy.types import Text

from vad.adapters.postgres.audit_rows import AuditEventRow
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.mandate_rows import MandateRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.services.staff_overview import COUNTED, Change, Step

_EVENTS, _MANDATES = table(AuditEventRow).c, table(MandateRow).c
_ZONE = "Europe/Amsterdam"
_MOST_REASONS = 50
_ACTIVE = Query(select(func.count()).where(_MANDATES.state == text("'active'"), _MANDATES.ends_at > bindparam("at")))
_IN_PERIOD = (_EVENTS.recorded_at >= bindparam("since"), _EVENTS.recorded_at <= bindparam("at"))
_BEGINS = func.date_trunc(bindparam("step"), _EVENTS.recorded_at, bindparam("zone")).label("begins")
_CHANGES = Query(
    select(_BEGINS, _EVENTS.type, func.count())
    .where(_EVENTS.type == func.any(bindparam("types", type_=ARRAY(Text()))), *_IN_PERIOD)
    .group_by(text("1"), _EVENTS.type)
)
_STEPS = Query(
    select(
        func.generate_series(
            func.date_trunc(bindparam("step"), cast(bindparam("since"), DateTime(timezone=True)), bindparam("zone")),
            cast(bindparam("at"), DateTime(timezone=True)),
            cast(func.concat("1 ", bindparam("step")), INTERVAL()),
            bindparam("zone"),
        )
    )
)
_REFUSALS = Query(
    select(func.coalesce(_EVENTS.reason, text("''")), func.count())
    .where(_EVENTS.outcome == text("'refused'"), *_IN_PERIOD)
    .group_by(text("1"))
    .order_by(func.count().desc(), text("1"))
    .limit(_MOST_REASONS)
)


class PostgresCounting:
    """`vad.services.staff_overview.Counting`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def active_mandates(self, at: datetime) -> int:
        with Transaction(self._database) as transaction:
            [[number]] = transaction.read(_ACTIVE, at=at)
        return int(number)

    def steps(self, since: datetime, at: datetime, step: str) -> tuple[Step, ...]:
        with Transaction(self._database) as transaction:
            begins = transaction.read(_STEPS, since=since, at=at, step=step, zone=_ZONE)
            rows = transaction.read(_CHANGES, since=since, at=at, step=step, zone=_ZONE, types=list(COUNTED))
        counted: dict[datetime, dict[Change, int]] = {begin: {} for (begin,) in begins}
        for begin, kind, number in rows:
            changes = counted.setdefault(begin, {})
            changes[COUNTED[kind]] = changes.get(COUNTED[kind], 0) + number
        return tuple(Step(begin, changes) for begin, changes in sorted(counted.items()))

    def refusals(self, since: datetime, at: datetime) -> tuple[tuple[str, int], ...]:
        with Transaction(self._database) as transaction:
            rows = transaction.read(_REFUSALS, since=since, at=at)
        return tuple((reason, number) for reason, number in rows)
