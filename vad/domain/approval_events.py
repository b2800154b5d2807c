"""The events of what takes two people (rule 44). The evidence names the request and its kind.

Reason and case number are erasable fields of the event that tells of the request. What was done in the end has an event
of its own, in the same transaction as the approval.
"""

from vad.domain.audit import AuditEvent, Outcome


class ApprovalRequested(AuditEvent):
    """One of the staff asked for something that takes another person to agree."""

    __slots__ = ()
    type = "approval.requested"


class ApprovalGranted(AuditEvent):
    """Another person of the staff agreed: it was done."""

    __slots__ = ()
    type = "approval.granted"


class ApprovalRefused(AuditEvent):
    """Another person of the staff said no; or, as `reason` says, it could not be done any more as it was asked."""

    __slots__ = ()
    type = "approval.refused"
    outcome = Outcome.REFUSED


class ApprovalWithdrawn(AuditEvent):
    """Whoever asked for it took it back."""

    __slots__ = ()
    type = "approval.withdrawn"


class ApprovalExpired(AuditEvent):
    """Nobody decided it in time."""

    __slots__ = ()
    type = "approval.expired"
