"""Counting for signals, and which of them were handled."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import any_, bindparam, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.types import Text

from vad.adapters.postgres.audit_rows import AuditEventRow
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.mandate_rows import MandateRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.staff_rows import HandledSignalRow
from vad.adapters.postgres.transaction import Transaction
from vad.domain.age import AMSTERDAM
from vad.domain.identifiers import ClientId, PersonId, StaffId
from vad.domain.staff_events import SignalRaised

_MANDATES, _EVENTS = table(MandateRow).c, table(AuditEventRow).c
_HANDLED = table(HandledSignalRow)
_H = _HANDLED.c
_PEOPLE = func.count(_MANDATES.represented.distinct())
_HELPERS = Query(
    select(_MANDATES.representative, _PEOPLE)
    .where(_MANDATES.state == literal_column("'active'"))
    .group_by(_MANDATES.representative)
    .having(bindparam("least") <= _PEOPLE)
    .order_by(_PEOPLE.desc(), _MANDATES.representative)
    .limit(bindparam("most"))
)
"""No further condition: an index answers this whole, as it does question (i). The worker ends what is over."""
_DONE = (
    select(_EVENTS.actor, func.count())
    .where(
        _EVENTS.type == any_(bindparam("types", type_=ARRAY(Text()))),
        _EVENTS.recorded_at >= bindparam("since"),
        _EVENTS.recorded_at < bindparam("until"),
        _EVENTS.actor.is_not(None),
    )
    .group_by(_EVENTS.actor)
    .having(func.count() >= bindparam("least"))
    .order_by(func.count().desc(), _EVENTS.actor)
    .limit(bindparam("most"))
)
_DOERS = Query(_DONE)
_DOERS_FOR_OTHERS = Query(_DONE.where(_EVENTS.represented != _EVENTS.actor))
_DAY = func.date(func.timezone(literal_column(f"'{AMSTERDAM.key}'"), _EVENTS.recorded_at))
_REFUSALS = Query(
    select(_DAY, func.count())
    .where(
        _EVENTS.outcome == literal_column("'refused'"),
        _EVENTS.recorded_at >= bindparam("since"),
        _EVENTS.recorded_at <= bindparam("until"),
    )
    .group_by(text("1"))
)
_BY_APPS = Query(
    select(_DAY, _EVENTS.client_id, func.count())
    .where(
        _EVENTS.type == any_(bindparam("types", type_=ARRAY(Text()))),
        _EVENTS.recorded_at >= bindparam("since"),
        _EVENTS.recorded_at < bindparam("until"),
        _EVENTS.client_id.is_not(None),
    )
    .group_by(text("1"), _EVENTS.client_id)
    .having(func.count() >= bindparam("least"))
    .order_by(text("1 DESC"), func.count().desc(), _EVENTS.client_id)
    .limit(bindparam("most"))
)
_SAID = [_EVENTS.evidence[name].astext for name in ("signal", "person", "occasion")]
_RAISED = Query(select(*_SAID).where(_EVENTS.type == literal_column(f"'{SignalRaised.type}'")))
_KNOWN = Query(
    select(_H.kind, _H.person, _H.occasion).where(
        *(
            column == any_(bindparam(name, type_=ARRAY(Text())))
            for column, name in ((_H.kind, "kinds"), (_H.person, "persons"), (_H.occasion, "occasions"))
        )
    )
)
"""Some of them may be of others: what fits in each part alone."""
_HANDLE = Query(
    insert(_HANDLED)
    .values({column.name: bindparam(column.name) for column in _H})
    .on_conflict_do_nothing()
    .returning(_H.kind)
)


class PostgresSignalCounting:
    """`vad.services.signals.SignalCounting`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def helpers(self, least: int, most: int) -> tuple[tuple[PersonId, int], ...]:
        with Transaction(self._database) as transaction:
            rows = transaction.read(_HELPERS, least=least, most=most)
        return tuple((PersonId(person), number) for person, number in rows)

    def doers(
        self,
        types: tuple[str, ...],
        since: datetime,
        until: datetime,
        least: int,
        most: int,
        *,
        for_others: bool = False,
    ) -> tuple[tuple[PersonId, int], ...]:
        query = _DOERS_FOR_OTHERS if for_others else _DOERS
        with Transaction(self._database) as transaction:
            rows = transaction.read(query, types=list(types), since=since, until=until, least=least, most=most)
        return tuple((PersonId(person), number) for person, number in rows)

    def refusals(self, since: datetime, until: datetime) -> Mapping[date, int]:
        with Transaction(self._database) as transaction:
            return dict(transaction.read(_REFUSALS, since=since, until=until))

    def by_apps(
        self, types: tuple[str, ...], since: datetime, until: datetime, least: int, most: int
    ) -> tuple[tuple[date, ClientId, int], ...]:
        with Transaction(self._database) as transaction:
            rows = transaction.read(_BY_APPS, types=list(types), since=since, until=until, least=least, most=most)
        return tuple((day, ClientId(client_id), number) for day, client_id, number in rows)


class PostgresHandledSignals:
    """`vad.services.ports.staff.HandledSignals` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def handled(self, keys: Sequence[tuple[str, str, str]]) -> frozenset[tuple[str, str, str]]:
        if not keys:
            return frozenset()
        kinds, persons, occasions = (list(set(part)) for part in zip(*keys, strict=True))
        rows = self._transaction.read(_KNOWN, kinds=kinds, persons=persons, occasions=occasions)
        return frozenset((kind, person, occasion) for kind, person, occasion in rows)

    def raised(self) -> frozenset[tuple[str, str, str]]:
        rows = self._transaction.read(_RAISED)
        return frozenset((kind, person or "", occasion) for kind, person, occasion in rows)

    def handle(self, key: tuple[str, str, str], by: StaffId, at: datetime) -> bool:
        kind, person, occasion = key
        values = {"kind": kind, "person": person, "occasion": occasion}
        return bool(self._transaction.change(_HANDLE, **values, account_id=by, handled_at=at))
