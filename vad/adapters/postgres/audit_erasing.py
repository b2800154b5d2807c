"""Erasing what events keep apart (rule 41). Only the owner of the tables can; the commitment in the event stays."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, text

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.audit_rows import AuditErasableRow
from vad.adapters.postgres.command_approvals import Consent, Step, consent
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.errors import VadError
from vad.domain.log_events import LogErased
from vad.services.agreed_commands import ERASE

_ERASABLE = table(AuditErasableRow)
_ERASE = Query(delete(_ERASABLE).where(_ERASABLE.c.event_id == bindparam("event_id")))
# The same words stand where somebody else has to read them before they decide. What was said to a request later is of
# another event.
_WAITS = Query(
    text("""
    SELECT FROM staff_requests JOIN audit_events ON staff_requests.request_id::text = evidence ->> 'request'
    WHERE event_id = :event_id AND type = 'approval.requested' AND state = 'requested'
    """)
)
_REQUESTS = Query(
    text("""
    UPDATE staff_requests SET reason = '', case_number = ''
    FROM audit_events WHERE event_id = :event_id AND type = 'approval.requested'
        AND staff_requests.request_id::text = evidence ->> 'request'
    """)
)
_BREAK_GLASS = Query(
    text("""
    UPDATE break_glass SET reason = '', case_number = ''
    FROM audit_events WHERE event_id = :event_id AND break_glass_id::text = evidence ->> 'break_glass'
    """)
)


class StillToDecideError(VadError):
    """Somebody has to read these words before they decide. The text is for the operator; nothing was changed."""


def erase(owner: Database, event_id: UUID, given: Consent, at: datetime) -> bool:
    """Erase it wherever it stands, and write that down; False where there is nothing (any more).

    The salt goes too: nobody can try out what it was. Raises `NotAgreedError` and
    `StillToDecideError`, and then nothing was changed.
    """
    alarm = {"reason": "log_erased_alone", "event_id": str(event_id)}
    with Transaction(owner) as transaction:
        said, apart = consent(transaction, given, Step(ERASE, str(event_id), alarm), at)
        if transaction.read(_WAITS, event_id=event_id):
            raise StillToDecideError("these are the words of a request that waits for a second person")
        if not transaction.count(_ERASE, event_id=event_id):
            return False
        transaction.change(_REQUESTS, event_id=event_id)
        transaction.change(_BREAK_GLASS, event_id=event_id)
        log = PostgresAuditLog(transaction)
        log.append(LogErased(evidence={"event": str(event_id), **said}, erasable=apart), at=at)
        log.commit()
    return True
