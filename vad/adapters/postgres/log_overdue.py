"""Rule 43, (d): access on the ground of what had ended, be it a mandate, a life or childhood. There must be none."""

from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import text

from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.domain.identifiers import MandateId, PersonId
from vad.services.ports.log_search import Overdue

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
# What counts of a death is its first evidence, whenever that came.
# An answer of the register is used for a quarter of an hour (`EVIDENCE_FRESH`), also where a newer one came meanwhile.
_AFTER_DEATH = Query(
    text("""
    WITH dead AS MATERIALIZED (
        SELECT represented AS person, min(recorded_at) AS known_at FROM audit_events
        WHERE type = 'person.deceased' AND recorded_at < :until GROUP BY 1
    )
    SELECT DISTINCT ON (recorded_at, event_id) mandate, represented, actor, known_at, event_id FROM (
        SELECT recorded_at, event_id, evidence ->> 'mandate' AS mandate, represented, actor, known_at
        FROM audit_events JOIN dead ON person = represented
        WHERE recorded_at >= :since AND recorded_at < :until AND basis <> 'self'
            AND type IN ('token.issued', 'authorization.granted') AND recorded_at > known_at + interval '15 minutes'
        UNION ALL
        SELECT recorded_at, event_id, evidence ->> 'mandate', represented, actor, known_at
        FROM audit_events JOIN dead ON person = actor
        WHERE recorded_at >= :since AND recorded_at < :until AND basis <> 'self'
            AND type IN ('token.issued', 'authorization.granted') AND recorded_at > known_at + interval '15 minutes'
    ) AS used
    ORDER BY recorded_at DESC, event_id, known_at LIMIT :most
    """)
)
# `vad worker` looks at each mandate once a day; an hour more is for its turn.
_OUTLIVING = Query(
    text("""
    WITH dead AS MATERIALIZED (
        SELECT represented AS person, min(recorded_at) AS known_at FROM audit_events
        WHERE type = 'person.deceased' AND recorded_at < :until GROUP BY 1
    )
    SELECT DISTINCT ON (known_at, mandate_id) mandate_id, represented, representative, known_at
    FROM dead, LATERAL (
        SELECT mandate_id, represented, representative, ends_at FROM mandates
        WHERE represented = person AND state = 'active'
        UNION ALL
        SELECT mandate_id, represented, representative, ends_at FROM mandates
        WHERE representative = person AND state = 'active'
        OFFSET 0 -- for each of the dead by the index: they are few beside all mandates
    ) AS standing
    WHERE known_at + interval '25 hours' < least(:until, ends_at)
    ORDER BY known_at DESC, mandate_id LIMIT :most
    """)
)


class OverdueQuestions:
    """The part of `vad.services.ports.log_search.LogQuestions` that is about this."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

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

    def uses_after_death(self, since: datetime, until: datetime, limit: int) -> tuple[Overdue, ...]:
        rows = self._transaction.read(_AFTER_DEATH, since=since, until=until, most=limit)
        return tuple(
            Overdue("death", _mandate(told), PersonId(represented), PersonId(actor), known_at, event_id)
            for told, represented, actor, known_at, event_id in rows
        )

    def outliving(self, until: datetime, limit: int) -> tuple[Overdue, ...]:
        rows = self._transaction.read(_OUTLIVING, until=until, most=limit)
        return tuple(
            Overdue("death", MandateId(mandate), PersonId(represented), PersonId(representative), known_at)
            for mandate, represented, representative, known_at in rows
        )


def _mandate(told: str | None) -> MandateId | None:
    return None if told is None else MandateId(UUID(told))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
