"""Erasing what events keep apart (rule 41). Only the owner of the tables can; the commitment in the event stays."""

from uuid import UUID

from sqlalchemy import bindparam, delete

from vad.adapters.postgres.audit_rows import AuditErasableRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction

_ERASABLE = table(AuditErasableRow)
_ERASE = Query(delete(_ERASABLE).where(_ERASABLE.c.event_id == bindparam("event_id")))


def erase(transaction: Transaction, event_id: UUID) -> bool:
    """Erase it; False where there is nothing (any more). The salt goes too: nobody can try out what it was."""
    return transaction.count(_ERASE, event_id=event_id) > 0
