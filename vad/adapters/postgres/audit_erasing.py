"""Erasing what events keep apart (rule 41). Only the owner of the tables can; the commitment in the event stays."""

from uuid import UUID

from sqlalchemy import bindparam, delete, text

from vad.adapters.postgres.audit_rows import AuditErasableRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction

_ERASABLE = table(AuditErasableRow)
_ERASE = Query(delete(_ERASABLE).where(_ERASABLE.c.event_id == bindparam("event_id")))
# The same words stand where somebody else has to read them before they decide.
_REQUESTS = Query(
    text("""
    UPDATE staff_requests SET reason = '', case_number = ''
    FROM audit_events WHERE event_id = :event_id AND staff_requests.request_id::text = evidence ->> 'request'
    """)
)
_BREAK_GLASS = Query(
    text("""
    UPDATE break_glass SET reason = '', case_number = ''
    FROM audit_events WHERE event_id = :event_id AND break_glass_id::text = evidence ->> 'break_glass'
    """)
)


def erase(transaction: Transaction, event_id: UUID) -> bool:
    """Erase it wherever it stands; False where there is nothing (any more).

    The salt goes too: nobody can try out what it was.
    """
    if not transaction.count(_ERASE, event_id=event_id):
        return False
    transaction.change(_REQUESTS, event_id=event_id)
    transaction.change(_BREAK_GLASS, event_id=event_id)
    return True
