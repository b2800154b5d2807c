"""One frozen class per event of the audit log (rule 39).

An event says what happened, to whom, through whom and on what ground. When and in which request it happened is
added by the log. No event holds a BSN, a name or a token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from vad.domain.ground import Basis
from vad.domain.identifiers import ClientId, GrantId, PersonId, ResourceId, Sid, StaffId


class Outcome(StrEnum):
    """How what the event describes ended."""

    SUCCESS = "success"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """What all events share. None means that it does not apply or is not known."""

    type: ClassVar[str]
    outcome: ClassVar[Outcome] = Outcome.SUCCESS

    actor: PersonId | None = None
    """The person who did it; None for the system, and for staff."""
    staff: StaffId | None = None
    """The account of the member of staff who did it: what somebody does in a profession is not their private doing."""
    represented: PersonId | None = None
    """Whose data it is about."""
    client_id: ClientId | None = None
    resource: ResourceId | None = None
    sid: Sid | None = None
    grant_id: GrantId | None = None
    basis: Basis | None = None
    reason: str | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)
    """What the decision rested on: JSON values only."""
    erasable: Mapping[str, str] = field(default_factory=dict)
    """What may have to be erased, such as the words of a reason: kept apart, the event commits to it (rule 41)."""


class LoginSucceeded(AuditEvent):
    """DigiD delivered a person and a session began."""

    __slots__ = ()
    type = "login.succeeded"


class LoginReused(AuditEvent):
    """A person went on to another app in a session that was there already (rule 37)."""

    __slots__ = ()
    type = "login.reused"


class LoginFailed(AuditEvent):
    """DigiD did not deliver a person whom we let in; `reason` says why."""

    __slots__ = ()
    type = "login.failed"
    outcome = Outcome.REFUSED


class SessionEnded(AuditEvent):
    """A session ended by logging out or by a new login in the same browser."""

    __slots__ = ()
    type = "session.ended"


class ConsentGiven(AuditEvent):
    """A person agreed that an app fetches data from one source."""

    __slots__ = ()
    type = "consent.given"


class ConsentRefused(AuditEvent):
    """A person did not agree."""

    __slots__ = ()
    type = "consent.refused"
    outcome = Outcome.REFUSED


class ConsentWithdrawn(AuditEvent):
    """A person took a consent back."""

    __slots__ = ()
    type = "consent.withdrawn"


class ConsentLapsed(AuditEvent):
    """A consent ended by itself: nobody used it for six months."""

    __slots__ = ()
    type = "consent.lapsed"


class BlockPlaced(AuditEvent):
    """Something was switched off for a person's data; the evidence says what (rules 18 and 45)."""

    __slots__ = ()
    type = "block.placed"


class BlockLifted(AuditEvent):
    """What had been switched off for a person's data was switched on again."""

    __slots__ = ()
    type = "block.lifted"


class AssentGiven(AuditEvent):
    """A child of 12 to 15 agreed that one parent sees one kind of data; the evidence names both (rule 19)."""

    __slots__ = ()
    type = "assent.given"


class AssentWithdrawn(AuditEvent):
    """A child took such an agreement back."""

    __slots__ = ()
    type = "assent.withdrawn"


class NoticeSent(AuditEvent):
    """A person was told something outside VAD's pages; the evidence says what, and by which way (rule 28)."""

    __slots__ = ()
    type = "notice.sent"


class ContactSet(AuditEvent):
    """A person proved an e-mail address: notices go there from now on."""

    __slots__ = ()
    type = "contact.set"


class ContactChanged(AuditEvent):
    """A person proved another e-mail address than the one before."""

    __slots__ = ()
    type = "contact.changed"


class ContactRemoved(AuditEvent):
    """A person removed their e-mail address: notices come by post from now on."""

    __slots__ = ()
    type = "contact.removed"


class ContactNotProved(AuditEvent):
    """A person entered a wrong code for an e-mail address, or one that was too old."""

    __slots__ = ()
    type = "contact.not_proved"
    outcome = Outcome.REFUSED


class AuthorizationGranted(AuditEvent):
    """An app got an authorization code for one source, or for the login itself."""

    __slots__ = ()
    type = "authorization.granted"


class AuthorizationRefused(AuditEvent):
    """An app was sent back without a code."""

    __slots__ = ()
    type = "authorization.refused"
    outcome = Outcome.REFUSED


class GrantCreated(AuditEvent):
    """An app redeemed a code. Its first token is an event of its own."""

    __slots__ = ()
    type = "grant.created"


class TokenIssued(AuditEvent):
    """An app got a token."""

    __slots__ = ()
    type = "token.issued"


class TokenRefused(AuditEvent):
    """An app asked for a token and got none."""

    __slots__ = ()
    type = "token.refused"
    outcome = Outcome.REFUSED


class GrantRevoked(AuditEvent):
    """Everything that one code gave was taken back: a value was used twice, or there was no first token to give."""

    __slots__ = ()
    type = "grant.revoked"
    outcome = Outcome.REFUSED


class GrantGivenBack(AuditEvent):
    """An app gave back all that one code had given it (RFC 7009)."""

    __slots__ = ()
    type = "grant.given_back"


class ActivityViewed(AuditEvent):
    """A person looked at their own activity log (rule 40)."""

    __slots__ = ()
    type = "activity.viewed"


class ActivityDownloaded(AuditEvent):
    """A person took their own activity log away as a file; the evidence says in which format."""

    __slots__ = ()
    type = "activity.downloaded"


class DataExported(AuditEvent):
    """A person took everything away that VAD holds about them (AVG article 15)."""

    __slots__ = ()
    type = "data.exported"


class PersonDeceased(AuditEvent):
    """A register said for the first time that a person has died (rule 4); the evidence says which register."""

    __slots__ = ()
    type = "person.deceased"


class RegistrationsApplied(AuditEvent):
    """An operator applied registrations of clients and data sources; the evidence names what changed."""

    __slots__ = ()
    type = "registrations.applied"


class StoreRestored(AuditEvent):
    """An operator put a copy of the database back; the evidence counts what ended with that."""

    __slots__ = ()
    type = "store.restored"


class LogPurged(AuditEvent):
    """An operator took a month of the log out of the database; the evidence names it and its archive (rule 41)."""

    __slots__ = ()
    type = "log.purged"
