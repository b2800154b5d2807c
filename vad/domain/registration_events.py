"""The events of what staff do to apps and data sources on their pages. The evidence names what changed; no keys."""

from vad.domain.audit import AuditEvent


class ClientRegistered(AuditEvent):
    """Two of the staff registered an app."""

    __slots__ = ()
    type = "client.registered"


class ClientChanged(AuditEvent):
    """Two of the staff changed an app; `reason` says what: its keys, where it is admitted, that it is served again."""

    __slots__ = ()
    type = "client.changed"


class ClientDisabled(AuditEvent):
    """One of the staff had an app served no more, and ended all that it had been given."""

    __slots__ = ()
    type = "client.disabled"


class ClientGrantsEnded(AuditEvent):
    """One of the staff ended all that an app had been given; it may begin anew."""

    __slots__ = ()
    type = "client.grants_ended"


class SourceKeyChanged(AuditEvent):
    """Two of the staff changed the key with which VAD encrypts for a data source."""

    __slots__ = ()
    type = "source.key_changed"
