"""After a copy was put back: nothing in it may be believed to hold still, for what was stopped since is not in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, literal_column, update

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.rows import ConsentRow, GrantRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.audit import StoreRestored
from vad.domain.grant import GrantState

_GRANTS, _CONSENTS = table(GrantRow), table(ConsentRow)
_G, _C = _GRANTS.c, _CONSENTS.c

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


@dataclass(frozen=True, slots=True)
class Ended:
    """How many ended."""

    grants: int
    consents: int


def end_everything(owner: Database, at: datetime) -> Ended:
    """End every grant and every consent, all or nothing, and log it. `owner` is that of the migrating role.

    Their end is one of time, so the worker writes an event for each consent, as for any that lapses. Doing it again
    ends what began since. Raises `StoreUnavailableError`, `StoreFaultError`.
    """
    with Transaction(owner) as transaction:
        ended = Ended(transaction.count(_END_GRANTS), transaction.count(_END_CONSENTS, at=at))
        log = PostgresAuditLog(transaction)
        log.append(StoreRestored(evidence={"grants": ended.grants, "consents": ended.consents}), at=at)
        log.commit()
    return ended
