"""The events of what staff do to apps and data sources on their pages, and apps to themselves.

The evidence names what changed; no keys, and no token but by the beginning of its hash.
"""

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


class RegistrationTokenIssued(AuditEvent):
    """An operator made a token with which apps register themselves; the evidence says for what, and for how long."""

    __slots__ = ()
    type = "registration.token_issued"


class ClientRegisteredItself(AuditEvent):
    """An app registered itself, by a token of an operator (RFC 7591)."""

    __slots__ = ()
    type = "registration.made"


class ClientChangedItself(AuditEvent):
    """An app changed its own registration (RFC 7592); the evidence names what is another now."""

    __slots__ = ()
    type = "registration.changed"


class ClientEndedItself(AuditEvent):
    """An app ended its own registration (RFC 7592), and all that it had been given."""

    __slots__ = ()
    type = "registration.ended"


class SourceKeyChanged(AuditEvent):
    """Two of the staff changed the key with which VAD encrypts for a data source."""

    __slots__ = ()
    type = "source.key_changed"
