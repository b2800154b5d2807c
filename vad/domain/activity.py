"""What a person sees of the log: kinds of events, by which they can be looked for (rule 42)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from vad.domain import audit
from vad.domain import mandate_events as mandates
from vad.domain.audit import AuditEvent
from vad.domain.case_events import CaseOpened


class ActivityKind(StrEnum):
    """What an event is about."""

    LOGIN = "login"
    ACCESS = "access"
    """What apps got, and what they were refused."""
    CONSENT = "consent"
    MANDATE = "mandate"
    PARENTS = "parents"
    SHARING = "sharing"
    """What was switched off, and on again."""
    ACCOUNT = "account"
    """Where the person is told, and what they took away of the log."""
    STAFF = "staff"
    """Everything that staff of VAD did, of whatever type."""


_OF_KIND: Final[Mapping[ActivityKind, tuple[type[AuditEvent], ...]]] = {
    ActivityKind.LOGIN: (audit.LoginSucceeded, audit.LoginReused, audit.LoginFailed, audit.SessionEnded),
    ActivityKind.ACCESS: (
        audit.AuthorizationRefused,
        audit.TokenIssued,
        audit.TokenRefused,
        audit.GrantRevoked,
        audit.GrantGivenBack,
    ),
    ActivityKind.CONSENT: (
        audit.ConsentGiven,
        audit.ConsentRefused,
        audit.ConsentLapsed,
        audit.ConsentWithdrawn,
    ),
    ActivityKind.MANDATE: (
        mandates.MandatesRead,
        mandates.MandatePrepared,
        mandates.MandateOffered,
        mandates.MandateRequested,
        mandates.MandateCodeRenewed,
        mandates.MandateReached,
        mandates.MandateCodeRefused,
        mandates.MandateAccepted,
        mandates.MandateApproved,
        mandates.MandateLetterAsked,
        mandates.MandateDeclined,
        mandates.MandateLapsed,
        mandates.MandateChanged,
        mandates.MandateStopped,
        mandates.MandateExpired,
        mandates.MandateEnded,
        mandates.MandateProofMade,
        mandates.MandateProofChecked,
    ),
    ActivityKind.PARENTS: (audit.AssentGiven, audit.AssentWithdrawn),
    ActivityKind.SHARING: (audit.BlockPlaced, audit.BlockLifted),
    ActivityKind.ACCOUNT: (
        audit.ContactSet,
        audit.ContactChanged,
        audit.ContactRemoved,
        audit.ContactNotProved,
        audit.ActivityDownloaded,
        audit.DataExported,
        CaseOpened,
    ),
    ActivityKind.STAFF: (),
}

REPEATED: Final = frozenset({audit.TokenIssued.type, audit.TokenRefused.type})
"""What an app does by itself, time and again: the same on one day is one line (NEN 7513)."""


def types_of(kind: ActivityKind | None) -> frozenset[str]:
    """The types of this kind, or (None) of all of them."""
    kinds = _OF_KIND.values() if kind is None else (_OF_KIND[kind],)
    return frozenset(event.type for events in kinds for event in events)
