"""Events of taking a part of the log away (rule 40)."""

from vad.domain.audit import AuditEvent


class LogExported(AuditEvent):
    """A member of staff began to take events away; the evidence says which, and in which format."""

    __slots__ = ()
    type = "log.exported"


class LogExportFinished(AuditEvent):
    """All of it was written, and signed; the evidence counts the events. One that broke off has no such event."""

    __slots__ = ()
    type = "log.export_finished"
