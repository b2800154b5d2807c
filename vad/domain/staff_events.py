"""The events of staff: logging in, and looking (rules 40 and 44). What they change is an event of what was changed.

The one who did it is `staff`, an account; never `actor`, which is a person in their own affairs.
"""

from vad.domain.audit import AuditEvent, Outcome


class StaffLoggedIn(AuditEvent):
    """The identity provider of staff delivered somebody with a role; the evidence says which roles."""

    __slots__ = ()
    type = "staff.logged_in"


class StaffLoginFailed(AuditEvent):
    """It did not deliver somebody whom we let in; `reason` says why."""

    __slots__ = ()
    type = "staff.login_failed"
    outcome = Outcome.REFUSED


class StaffLoggedOut(AuditEvent):
    """A login of staff ended: by logging out, by a new one in the same browser, or by one that failed."""

    __slots__ = ()
    type = "staff.logged_out"


class StaffEnrolled(AuditEvent):
    """Somebody proved with their own DigiD that an account is theirs. `represented` is that person."""

    __slots__ = ()
    type = "staff.enrolled"


class StaffEnrolmentFailed(AuditEvent):
    """That did not succeed; `reason` says why."""

    __slots__ = ()
    type = "staff.enrolment_failed"
    outcome = Outcome.REFUSED


class StaffAccountEnded(AuditEvent):
    """An account was ended, by an administrator or by the operator as `reason` says; the evidence names it.

    `represented` is the person whose it was. Words of an administrator are erasable fields.
    """

    __slots__ = ()
    type = "staff.account_ended"


class StaffViewed(AuditEvent):
    """Somebody of the staff looked at something; the evidence says at what, and whether by break-glass access."""

    __slots__ = ()
    type = "staff.viewed"


class StaffRefused(AuditEvent):
    """Somebody of the staff tried what they may not do, or a case of their own; the evidence says what."""

    __slots__ = ()
    type = "staff.refused"
    outcome = Outcome.REFUSED


class BreakGlassTaken(AuditEvent):
    """One of the staff took a view outside their role; reason and case number are erasable fields."""

    __slots__ = ()
    type = "staff.break_glass_taken"


class BreakGlassReviewed(AuditEvent):
    """Another person looked into it; `reason` is what they found."""

    __slots__ = ()
    type = "staff.break_glass_reviewed"


class SignalHandled(AuditEvent):
    """One of the staff said what was done about a signal; what they wrote are erasable fields."""

    __slots__ = ()
    type = "staff.signal_handled"


class SignalRaised(AuditEvent):
    """The worker counted something that somebody should look at; the evidence says what, and about which person."""

    __slots__ = ()
    type = "staff.signal_raised"
