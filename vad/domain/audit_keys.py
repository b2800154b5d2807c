"""What operators do with the keys of VAD: one event each (rule 39). None holds a key."""

from vad.domain.audit import AuditEvent


class KeysCreated(AuditEvent):
    """An operator made the keys that were missing; the evidence names them."""

    __slots__ = ()
    type = "keys.created"


class KeysRotated(AuditEvent):
    """An operator published the next key, or made it the active one; the evidence names what each key became."""

    __slots__ = ()
    type = "keys.rotated"


class KeyCertified(AuditEvent):
    """An operator gave a signing key a certificate; the evidence names the key, and the certificate by its SHA-256."""

    __slots__ = ()
    type = "key.certified"


class KeysRewrapped(AuditEvent):
    """An operator wrapped keys with another master key; the evidence names them, and that one by its id."""

    __slots__ = ()
    type = "keys.rewrapped"


class KeyRetired(AuditEvent):
    """An operator destroyed a retired key that nothing needed any more; the evidence names it."""

    __slots__ = ()
    type = "key.retired"
