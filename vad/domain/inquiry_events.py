"""The events of staff finding out who somebody is (rule 40). Why they did stands apart from the event (rule 41)."""

from vad.domain.audit import AuditEvent, Outcome


class PersonSought(AuditEvent):
    """Somebody of the staff looked for a person by BSN; `represented` is whom they found."""

    __slots__ = ()
    type = "person.sought"


class PersonNotFound(AuditEvent):
    """Somebody of the staff looked for a person by BSN, and VAD knows nobody by it. What was typed is nowhere."""

    __slots__ = ()
    type = "person.not_found"
    outcome = Outcome.REFUSED


class PersonUnmasked(AuditEvent):
    """Somebody of the staff was shown who a person is: name, date of birth and BSN."""

    __slots__ = ()
    type = "person.unmasked"


class PersonExported(AuditEvent):
    """Somebody of the staff took everything that VAD holds about a person, for that person (AVG article 15)."""

    __slots__ = ()
    type = "person.exported"
