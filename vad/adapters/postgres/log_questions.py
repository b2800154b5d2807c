"""What auditors ask that is not a filter on events alone: what stood when, and what should not be."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Text, any_, bindparam, select, text, tuple_, union
from sqlalchemy.dialects.postgresql import ARRAY

from vad.adapters.postgres.blocks import PostgresBlocks
from vad.adapters.postgres.log_overdue import OverdueQuestions
from vad.adapters.postgres.mandate_reading import MANDATES, READ, mandate_of
from vad.adapters.postgres.query import Query
from vad.domain.block import Block
from vad.domain.ground import Basis
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import Mandate
from vad.services.ports.log_search import Helper, MandateFilter, ParentSeen, Turning

_M = MANDATES.c
_SIDES = ("represented", "representative")

_BEGUN = Query(
    text("""
    SELECT evidence ->> 'mandate', min(recorded_at) FROM audit_events
    WHERE evidence ->> 'mandate' = ANY(:mandates) AND type IN ('mandate.accepted', 'mandate.approved')
    GROUP BY 1
    """)
)
# The newest decision that says something about authority. That the child did not agree says that there is authority.
_PARENTS = Query(
    text("""
    SELECT actor, ground, event_id, recorded_at FROM (
        SELECT DISTINCT ON (actor) actor, event_id, recorded_at,
            CASE reason WHEN 'NO_ASSENT' THEN 'parental_authority_and_assent' ELSE basis END AS ground
        FROM audit_events
        WHERE represented = :represented AND actor <> represented AND recorded_at >= :since AND recorded_at < :until
            AND (
                outcome = 'success' AND basis IN ('parental_authority', 'parental_authority_and_assent')
                OR type IN ('token.refused', 'authorization.refused')
                AND reason IN ('NO_ASSENT', 'NO_GROUND', 'AGE_UNKNOWN', 'INDETERMINATE', 'CURATELE', 'DECEASED')
            )
        ORDER BY actor, recorded_at DESC, outcome, event_id -- a refusal before what was let through at once with it
    ) AS last
    WHERE ground IN ('parental_authority', 'parental_authority_and_assent')
    """)
)
_ASSENTED = Query(
    text("""
    SELECT DISTINCT actor FROM assents
    WHERE subject = :represented AND given_at <= :at AND until > :at AND (withdrawn_at IS NULL OR withdrawn_at > :at)
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


class PostgresLogQuestions(OverdueQuestions):
    """`vad.services.ports.log_search.LogQuestions` in one transaction."""

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
        return tuple(ParentSeen(PersonId(actor), Basis(basis), event_id, at) for actor, basis, event_id, at in rows)

    def assented(self, represented: PersonId, at: datetime) -> frozenset[PersonId]:
        rows = self._transaction.read(_ASSENTED, represented=represented, at=at)
        return frozenset(PersonId(actor) for (actor,) in rows)

    def blocks(self, represented: PersonId, at: datetime) -> tuple[Block, ...]:
        return PostgresBlocks(self._transaction).at(represented, at)

    def turning(self, since: date, until: date, limit: int) -> tuple[Turning, ...]:
        rows = self._transaction.read(_TURNING, since=since, until=until, most=limit)
        return tuple(Turning(PersonId(child), PersonId(holder), years, month) for child, holder, years, month in rows)

    def helpers(self, more_than: int, limit: int) -> tuple[Helper, ...]:
        rows = self._transaction.read(_HELPERS, more_than=more_than, most=limit)
        return tuple(Helper(PersonId(representative), people) for representative, people in rows)
