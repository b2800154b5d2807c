"""What auditors ask that is not a filter on events alone: what stood when, and what should not be."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Text, any_, bindparam, select, text, tuple_, union
from sqlalchemy.dialects.postgresql import ARRAY

from vad.adapters.postgres.blocks import PostgresBlocks
from vad.adapters.postgres.mandate_reading import MANDATES, READ, mandate_of
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.domain.block import Block
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import Mandate
from vad.services.ports.log_search import Helper, MandateFilter, Overdue, ParentSeen, Turning

_M = MANDATES.c
_SIDES = ("represented", "representative")

_BEGUN = Query(
    text("""
    SELECT evidence ->> 'mandate', min(recorded_at) FROM audit_events
    WHERE evidence ->> 'mandate' = ANY(:mandates) AND type IN ('mandate.accepted', 'mandate.approved')
    GROUP BY 1
    """)
)
_PARENTS = Query(
    text("""
    SELECT DISTINCT ON (actor) actor, basis, event_id, recorded_at FROM audit_events
    WHERE represented = :represented AND recorded_at >= :since AND recorded_at < :until AND outcome = 'success'
        AND basis IN ('parental_authority', 'parental_authority_and_assent')
    ORDER BY actor, recorded_at DESC
    """)
)
# A stop that waited for a token that was being issued has the earlier time of the two: as long as a request may take.
_AFTER_END = Query(
    text("""
    SELECT mandate_id, mandates.represented, actor, ended_at, event_id FROM audit_events
        JOIN mandates ON mandate_id = (evidence ->> 'mandate')::uuid,
        LATERAL (SELECT CASE state WHEN 'active' THEN ends_at ELSE least(changed_at, ends_at) END AS ended_at) AS term
    WHERE recorded_at >= :since AND recorded_at < :until AND basis <> 'self' AND basis IN ('mandate', 'legal')
        AND type IN ('token.issued', 'authorization.granted') AND recorded_at > ended_at + interval '10 seconds'
    ORDER BY recorded_at DESC LIMIT :most
    """)
)
# Of a birthday a month is all that is in clear: the one in which sixty days are left. It is surely over 92 days after
# that month began.
_AFTER_BIRTHDAY = Query(
    text("""
    SELECT DISTINCT ON (recorded_at, event_id) represented, actor, month + 92, event_id
    FROM audit_events JOIN birthdays ON child = represented
        AND years = CASE basis WHEN 'parental_authority' THEN 12 ELSE 16 END
    WHERE recorded_at >= :since AND recorded_at < :until AND basis <> 'self'
        AND basis IN ('parental_authority', 'parental_authority_and_assent')
        AND type IN ('token.issued', 'authorization.granted') AND recorded_at >= month + 92
        AND month <= CAST(:until AS date) - 91 -- follows from the above: so few are kept that long that an index helps
    ORDER BY recorded_at DESC, event_id LIMIT :most
    """)
)
_DEATHS = Query(
    text("""
    SELECT represented, evidence ->> 'representative' FROM audit_events
    WHERE type = 'mandate.ended' AND reason = 'deceased' AND recorded_at >= :since AND recorded_at < :until
    ORDER BY recorded_at DESC LIMIT :most
    """)
)
_TURNING = Query(
    text("""
    SELECT child, holder, years, month FROM birthdays WHERE month >= :since AND month <= :until
    ORDER BY month, child, years, holder LIMIT :most
    """)
)
_HELPERS = Query(
    text("""
    SELECT representative, count(DISTINCT represented) FROM mandates WHERE state = 'active'
    GROUP BY representative HAVING count(DISTINCT represented) > :more_than ORDER BY 2 DESC, 1 LIMIT :most
    """)
)


@cache
def _mandates(named: frozenset[str], *, further: bool) -> Query:
    asked = [_M[name] == bindparam(name) for name in (*_SIDES, "route") if name in named]
    if "states" in named:
        asked.append(_M.state == any_(bindparam("states", type_=ARRAY(Text()))))
    if further:
        asked.append(tuple_(_M.changed_at, _M.mandate_id) < tuple_(bindparam("last_at"), bindparam("last_id")))
    newest = (_M.changed_at.desc(), _M.mandate_id.desc())
    ids = select(_M.mandate_id, _M.changed_at).where(*asked).order_by(*newest).limit(bindparam("most"))
    if "person" in named:
        halves = union(*(ids.where(_M[side] == bindparam("person")) for side in _SIDES)).subquery()
        ids = select(halves.c.mandate_id, halves.c.changed_at)
        ids = ids.order_by(halves.c.changed_at.desc(), halves.c.mandate_id.desc()).limit(bindparam("most"))
    page = ids.subquery()
    return Query(select(*READ).join_from(MANDATES, page, page.c.mandate_id == _M.mandate_id).order_by(*newest))


class PostgresLogQuestions:
    """`vad.services.ports.log_search.LogQuestions` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def mandates(
        self, wanted: MandateFilter, limit: int, after: tuple[datetime, UUID] | None = None
    ) -> tuple[Mandate, ...]:
        given = {name: getattr(wanted, name) for name in ("person", *_SIDES) if getattr(wanted, name)}
        given |= {"route": wanted.route.value} if wanted.route else {}
        given |= {"states": [state.value for state in wanted.states]} if wanted.states else {}
        query = _mandates(frozenset(given), further=after is not None)
        if after is not None:
            given |= {"last_at": after[0], "last_id": after[1]}
        # What its maker wrote about the other is not for staff.
        return tuple(mandate_of(whole, "") for whole, *_ in self._transaction.read(query, most=limit, **given))

    def begun(self, mandates: Collection[MandateId]) -> Mapping[MandateId, datetime]:
        rows = self._transaction.read(_BEGUN, mandates=list(map(str, mandates))) if mandates else []
        return {MandateId(UUID(name)): at for name, at in rows}

    def parents(self, represented: PersonId, since: datetime, until: datetime) -> tuple[ParentSeen, ...]:
        rows = self._transaction.read(_PARENTS, represented=represented, since=since, until=until)
        return tuple(ParentSeen(PersonId(actor), basis, event_id, at) for actor, basis, event_id, at in rows)

    def blocks(self, represented: PersonId, at: datetime) -> tuple[Block, ...]:
        return PostgresBlocks(self._transaction).at(represented, at)

    def uses_after_end(self, since: datetime, until: datetime, limit: int) -> tuple[Overdue, ...]:
        rows = self._transaction.read(_AFTER_END, since=since, until=until, most=limit)
        return tuple(
            Overdue("end", MandateId(mandate), PersonId(represented), PersonId(actor), at, event_id)
            for mandate, represented, actor, at, event_id in rows
        )

    def uses_after_birthday(self, since: datetime, until: datetime, limit: int) -> tuple[Overdue, ...]:
        rows = self._transaction.read(_AFTER_BIRTHDAY, since=since, until=until, most=limit)
        return tuple(
            Overdue("birthday", None, PersonId(represented), PersonId(actor), _midnight(day), event_id)
            for represented, actor, day, event_id in rows
        )

    def ended_by_death(self, since: datetime, until: datetime, limit: int) -> frozenset[PersonId]:
        rows = self._transaction.read(_DEATHS, since=since, until=until, most=limit)
        return frozenset(PersonId(_uuid(each)) for row in rows for each in row if each)

    def turning(self, since: date, until: date, limit: int) -> tuple[Turning, ...]:
        rows = self._transaction.read(_TURNING, since=since, until=until, most=limit)
        return tuple(Turning(PersonId(child), PersonId(holder), years, month) for child, holder, years, month in rows)

    def helpers(self, more_than: int, limit: int) -> tuple[Helper, ...]:
        rows = self._transaction.read(_HELPERS, more_than=more_than, most=limit)
        return tuple(Helper(PersonId(representative), people) for representative, people in rows)


def _uuid(told: UUID | str) -> UUID:
    return told if isinstance(told, UUID) else UUID(told)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
