"""Whether two of the staff agreed that a key is moved. Each approval is good for one step, and for a day."""

from datetime import datetime

from sqlalchemy import text

from vad.adapters.postgres.query import Query
from vad.adapters.postgres.staff_requests import PostgresStaffRequests
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.errors import RotationRefusedError
from vad.domain.approval import RequestState
from vad.domain.identifiers import RequestId
from vad.services.key_changes import LASTS, SUBJECTS

_SPENT = Query(
    text("""
    SELECT FROM audit_events
    WHERE type IN ('keys.rotated', 'key.retired') AND recorded_at >= :since
        AND evidence ->> 'request' = :request LIMIT 1
    """)
)


def spend(transaction: Transaction, request_id: RequestId, kind: str, subject: str, at: datetime) -> None:
    """See that it was approved, is about this, and was not used; held until the transaction is over.

    Whoever uses it names it in the evidence of their event. Raises `RotationRefusedError`.
    """
    known = PostgresStaffRequests(transaction).hold(request_id)
    if known is None or known.kind != kind or known.payload.get(SUBJECTS[kind]) != subject:
        raise RotationRefusedError("nobody asked for this with that request")
    if known.state is not RequestState.APPROVED or known.decided_at is None:
        raise RotationRefusedError("no second person has agreed to that request")
    if at >= known.decided_at + LASTS:
        raise RotationRefusedError("that request was agreed to more than a day ago: ask for it anew")
    if transaction.read(_SPENT, since=known.decided_at, request=str(request_id)):
        raise RotationRefusedError("that request has been carried out")
