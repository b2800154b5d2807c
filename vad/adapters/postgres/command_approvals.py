"""Whether two of the staff agreed to what a command does. Each approval is good for one step, and for a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from vad.adapters.postgres.outbox import PostgresOutbox
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.staff_requests import PostgresStaffRequests
from vad.adapters.postgres.transaction import Transaction
from vad.domain.approval import RequestState
from vad.domain.errors import VadError
from vad.domain.identifiers import RequestId
from vad.domain.justification import Justification
from vad.services.agreed_commands import COMMANDS, LASTS, Alone
from vad.services.tokens import SECURITY_ALERT

# Whenever the machine of the operator says that it was: its clock may have been set back.
_SPENT = Query(
    text("""
    SELECT FROM audit_events
    WHERE type IN ('keys.rotated', 'key.retired', 'log.erased', 'log.purged') AND evidence ->> 'request' = :request
    LIMIT 1
    """)
)
_NOW = Query(text("SELECT clock_timestamp()"))
Consent = RequestId | Alone | Justification | None
"""What two of the staff agreed to; or why nobody was asked, where somebody had to be and where not."""


class NotAgreedError(VadError):
    """Two of the staff did not agree to it, or not to this. The text is for the operator; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a command is about to do."""

    kind: str
    subject: str
    alarm: Mapping[str, str]
    """Of the one that is raised where somebody did not wait for the second person."""


def consent(
    transaction: Transaction, given: Consent, step: Step, at: datetime
) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """What the event of the step says of it: in its evidence, and kept apart.

    A request is used up by it, and held until the transaction is over. Raises `NotAgreedError`.
    """
    if isinstance(given, UUID):
        _spend(transaction, given, step, at)
        return {"request": str(given)}, {}
    if isinstance(given, Alone):
        PostgresOutbox(transaction).add(SECURITY_ALERT, step.alarm, at)
        return {"alone": True}, given.erasable
    return {}, {} if given is None else given.erasable


def _spend(transaction: Transaction, request_id: RequestId, step: Step, at: datetime) -> None:
    known = PostgresStaffRequests(transaction).hold(request_id)
    if known is None or known.kind != step.kind or known.payload.get(COMMANDS[step.kind].subject) != step.subject:
        raise NotAgreedError("nobody asked for this with that request")
    if known.state is not RequestState.APPROVED or known.decided_at is None:
        raise NotAgreedError("no second person has agreed to that request")
    [[clock]] = transaction.read(_NOW)
    if max(at, clock) >= known.decided_at + LASTS:
        raise NotAgreedError("that request was agreed to more than a day ago: ask for it anew")
    if transaction.read(_SPENT, request=str(request_id)):
        raise NotAgreedError("that request has been carried out")
