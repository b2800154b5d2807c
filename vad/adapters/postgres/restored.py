"""After a copy was put back: nothing in it may be believed to hold still, for what was stopped since is not in it."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, literal_column, update

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.mandate_reading import ACTIVE, IS_OPEN, MANDATES
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.rows import AssentRow, ConsentRow, GrantRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.audit import StoreRestored
from vad.domain.grant import GrantState

_GRANTS, _CONSENTS = table(GrantRow), table(ConsentRow)
_ASSENTS = table(AssentRow)
_G, _C, _M = _GRANTS.c, _CONSENTS.c, MANDATES.c

_END_GRANTS = Query(
    update(_GRANTS)
    .where(_G.state == literal_column(f"'{GrantState.ACTIVE.value}'"))
    .values(state=GrantState.ENDED.value)
)
# A consent ends after it begins, says the table; one that began in what is the future by now ends at once all the same.
_END_CONSENTS = Query(
    update(_CONSENTS)
    .where(_C.withdrawn_at.is_(None), _C.until > bindparam("at"))
    .values(until=func.greatest(bindparam("at"), _C.given_at + literal_column("interval '1 microsecond'")))
)
# By the moves that there are: what was in force is over, and what waited for an answer waits no longer.
_END_MANDATES = Query(
    update(MANDATES)
    .where(ACTIVE)
    .values(state=literal_column("'ended'"), version=_M.version + literal_column("1"), changed_at=bindparam("at"))
)
_LAPSE_OFFERS = Query(
    update(MANDATES)
    .where(IS_OPEN)
    .values(state=literal_column("'lapsed'"), version=_M.version + literal_column("1"), changed_at=bindparam("at"))
)
_END_ASSENTS = Query(
    update(_ASSENTS)
    .where(_ASSENTS.c.withdrawn_at.is_(None))
    .values(withdrawn_at=func.greatest(bindparam("at"), _ASSENTS.c.given_at))
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How many ended."""

    grants: int
    consents: int
    mandates: int
    """In force, or waiting for an answer."""
    assents: int


def end_everything(owner: Database, at: datetime) -> Ended:
    """End every grant, consent, mandate and assent, all or nothing, and log it. `owner` is that of the migrating role.

    Their end is one of time, so the worker writes an event for each consent, as for any that lapses. Doing it again
    ends what began since. Raises `StoreUnavailableError`, `StoreFaultError`.
    """
    with Transaction(owner) as transaction:
        ended = Ended(
            transaction.count(_END_GRANTS),
            transaction.count(_END_CONSENTS, at=at),
            transaction.count(_END_MANDATES, at=at) + transaction.count(_LAPSE_OFFERS, at=at),
            transaction.count(_END_ASSENTS, at=at),
        )
        log = PostgresAuditLog(transaction)
        log.append(StoreRestored(evidence=asdict(ended)), at=at)
        log.commit()
    return ended
