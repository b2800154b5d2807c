"""The events of cases. The evidence names the case by its reference; what was written stands in none of them."""

from vad.domain.audit import AuditEvent


class CaseOpened(AuditEvent):
    """A person said that something is not right."""

    __slots__ = ()
    type = "case.opened"


class CasesListed(AuditEvent):
    """Staff looked at the list of cases."""

    __slots__ = ()
    type = "case.listed"


class CaseViewed(AuditEvent):
    """Staff read a case, and the event that it is about."""

    __slots__ = ()
    type = "case.viewed"


class CaseTaken(AuditEvent):
    """Staff took a case upon themself."""

    __slots__ = ()
    type = "case.taken"


class CaseNoted(AuditEvent):
    """Staff wrote a note in a case."""

    __slots__ = ()
    type = "case.noted"


class CaseClosed(AuditEvent):
    """Staff answered the person; `reason` is the outcome."""

    __slots__ = ()
    type = "case.closed"
