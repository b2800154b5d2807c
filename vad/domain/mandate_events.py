"""The events of mandates (rule 25): every move has one. The evidence names the mandate and its version."""

from vad.domain.audit import AuditEvent, Outcome


class MandateOffered(AuditEvent):
    """A person offered another that they act for them, or agreed to a request for it."""

    __slots__ = ()
    type = "mandate.offered"


class MandateRequested(AuditEvent):
    """A person asked another to let them act for them."""

    __slots__ = ()
    type = "mandate.requested"


class MandateApproved(AuditEvent):
    """Two of the staff let somebody act for another on the ground of law; the evidence has the reference."""

    __slots__ = ()
    type = "mandate.approved"


class MandateLetterAsked(AuditEvent):
    """A person asked for a letter to another, that they let them act for them."""

    __slots__ = ()
    type = "mandate.letter_asked"


class MandateLetterAddressed(AuditEvent):
    """It was found out to whom such a letter goes; it goes there."""

    __slots__ = ()
    type = "mandate.letter_addressed"


class MandateLetterWithheld(AuditEvent):
    """Such a letter goes to nobody; `reason` says why."""

    __slots__ = ()
    type = "mandate.letter_withheld"
    outcome = Outcome.REFUSED


class MandateCodeRenewed(AuditEvent):
    """A person made another code for an offer or a request that nobody had answered."""

    __slots__ = ()
    type = "mandate.code_renewed"


class MandateReached(AuditEvent):
    """A person brought the code of an offer or a request: from now on it is between these two."""

    __slots__ = ()
    type = "mandate.reached"


class MandateCodeRefused(AuditEvent):
    """A person brought a code that was of no use; `reason` says why."""

    __slots__ = ()
    type = "mandate.code_refused"
    outcome = Outcome.REFUSED


class MandatesRead(AuditEvent):
    """An app read mandates of a person through the API; the evidence names them."""

    __slots__ = ()
    type = "mandate.read"


class MandatePrepared(AuditEvent):
    """An app prepared an offer, or the answer to one, which counts once the person has confirmed it on a page."""

    __slots__ = ()
    type = "mandate.prepared"


class MandateAccepted(AuditEvent):
    """A mandate came into force."""

    __slots__ = ()
    type = "mandate.accepted"


class MandateDeclined(AuditEvent):
    """A person said no to an offer or a request, or took back their own."""

    __slots__ = ()
    type = "mandate.declined"


class MandateLapsed(AuditEvent):
    """Nobody answered an offer or a request in time."""

    __slots__ = ()
    type = "mandate.lapsed"


class MandateChanged(AuditEvent):
    """The end of a mandate was moved, or one of its permissions was stopped; `reason` says which."""

    __slots__ = ()
    type = "mandate.changed"


class MandateProofMade(AuditEvent):
    """One of the two made a paper that proves a mandate."""

    __slots__ = ()
    type = "mandate.proof_made"


class MandateProofChecked(AuditEvent):
    """Somebody with the paper that proves a mandate looked whether it holds; `reason` says what they heard."""

    __slots__ = ()
    type = "mandate.proof_checked"


class MandateStopped(AuditEvent):
    """One of the two stopped a mandate."""

    __slots__ = ()
    type = "mandate.stopped"


class MandateExpired(AuditEvent):
    """The term of a mandate was over."""

    __slots__ = ()
    type = "mandate.expired"


class MandateEnded(AuditEvent):
    """Death, curatele, a block or staff ended a mandate; `reason` says which."""

    __slots__ = ()
    type = "mandate.ended"
