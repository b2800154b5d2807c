"""Events of the log about itself: a part of it was taken away (rule 40), or it was verified (rule 43)."""

from vad.domain.audit import AuditEvent, Outcome


class LogExported(AuditEvent):
    """A member of staff began to take events away; the evidence says which, and in which format."""

    __slots__ = ()
    type = "log.exported"


class LogExportFinished(AuditEvent):
    """All of it was written, and signed; the evidence counts the events. One that broke off has no such event."""

    __slots__ = ()
    type = "log.export_finished"


class LogVerified(AuditEvent):
    """Somebody verified it and found it whole; the evidence says how much of it there was."""

    __slots__ = ()
    type = "log.verified"


class LogNotWhole(AuditEvent):
    """Something in it is wrong: the evidence says what is the first, and `reason` of which kind it is."""

    __slots__ = ()
    type = "log.not_whole"
    outcome = Outcome.REFUSED


class LogErased(AuditEvent):
    """An operator erased what an event kept apart; the evidence names that event."""

    __slots__ = ()
    type = "log.erased"


class LogKeyUsed(AuditEvent):
    """The log is signed with another key from here on; the evidence has its public half, and the id of the former."""

    __slots__ = ()
    type = "log.key_used"


class LogThinned(AuditEvent):
    """The database dropped checkpoints that a later one of their hour covers, and names those that stay."""

    __slots__ = ()
    type = "log.thinned"
