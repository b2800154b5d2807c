"""The codes that AuditEvent resources of FHIR R4 take: from which list, and for which of our events."""

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from vad.domain.ground import Basis

DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem"
_ACT_REASON: Final = f"{_TERMINOLOGY}/v3-ActReason"
_ROLE: Final = f"{_TERMINOLOGY}/object-role"
_ENTITY: Final = f"{_TERMINOLOGY}/audit-entity-type"

SUCCEEDED, FAILED = "0", "4"
"""AuditEventOutcome: success, and a failure that was meant to be one."""


class Code(NamedTuple):
    """A code of some list, with the words of that list."""

    system: str
    code: str
    display: str


class Kind(NamedTuple):
    """What an event is to DICOM (PS3.16, CID 400), and which AuditEventAction."""

    code: str
    display: str
    action: str


SOURCE: Final = Code(f"{_TERMINOLOGY}/security-source-type", "6", "Security Server")
CODED: Final[Mapping[str, Code]] = {
    "human": Code(f"{_TERMINOLOGY}/extra-security-role-type", "humanuser", "human user"),
    "app": Code(DICOM, "110150", "Application"),
    "person": Code(_ENTITY, "1", "Person"),
    "system": Code(_ENTITY, "2", "System Object"),
    "other": Code(_ENTITY, "4", "Other"),
    "patient": Code(_ROLE, "1", "Patient"),
    "user": Code(_ROLE, "6", "User"),
    "security": Code(_ROLE, "13", "Security Resource"),
    "repository": Code(_ROLE, "17", "Data Repository"),
}
PURPOSES: Final[Mapping[Basis, Code]] = {
    Basis.SELF: Code(_ACT_REASON, "PATRQT", "patient requested"),
    Basis.PARENTAL_AUTHORITY: Code(_ACT_REASON, "FAMRQT", "family requested"),
    Basis.PARENTAL_AUTHORITY_AND_ASSENT: Code(_ACT_REASON, "FAMRQT", "family requested"),
    Basis.MANDATE: Code(_ACT_REASON, "PWATRNY", "power of attorney"),
    Basis.LEGAL: Code(_ACT_REASON, "PWATRNY", "power of attorney"),
}
STAFF_PURPOSE: Final = Code(_ACT_REASON, "HSYSADMIN", "health system administration")

_LOGIN = Kind("110114", "User Authentication", "E")
_RECORD_READ = Kind("110110", "Patient Record", "R")
_LOG_READ = Kind("110101", "Audit Log Used", "R")
_LOG_DROPPED = Kind("110101", "Audit Log Used", "D")
_EXPORT = Kind("110106", "Export", "R")
_RIGHT_MADE = Kind("110137", "User Security Attributes Changed", "C")
_RIGHT_CHANGED = Kind("110137", "User Security Attributes Changed", "U")
_RIGHT_ENDED = Kind("110137", "User Security Attributes Changed", "D")
_CONFIGURED = Kind("110129", "Security Configuration", "C")
_RECONFIGURED = Kind("110129", "Security Configuration", "U")
_TAKEN_OUT = Kind("110129", "Security Configuration", "D")
_EMERGENCY = Kind("110127", "Emergency Override Started", "E")
_ALERT = Kind("110113", "Security Alert", "E")
_LOOKED = Kind("110100", "Application Activity", "R")
_DONE = Kind("110100", "Application Activity", "E")

_TYPES: Final[Mapping[Kind, str]] = {
    _LOGIN: "login.failed login.reused login.succeeded session.ended"
    " staff.enrolled staff.enrolment_failed staff.logged_in staff.logged_out staff.login_failed",
    _RECORD_READ: "person.sought person.unmasked",
    _LOG_READ: "activity.viewed log.verified",
    _LOG_DROPPED: "log.erased log.purged log.thinned",
    _EXPORT: "activity.downloaded data.exported log.export_finished log.exported person.exported",
    _RIGHT_MADE: "assent.given block.placed consent.given grant.created mandate.approved"
    " mandate.offered mandate.requested",
    _RIGHT_CHANGED: "mandate.accepted mandate.changed mandate.code_renewed mandate.reached",
    _RIGHT_ENDED: "assent.withdrawn block.lifted client.grants_ended consent.lapsed consent.withdrawn"
    " grant.given_back grant.revoked mandate.declined mandate.ended mandate.expired mandate.lapsed mandate.stopped"
    " staff.account_ended",
    _CONFIGURED: "client.registered keys.created registration.made registration.token_issued",
    _RECONFIGURED: "client.changed client.disabled key.certified keys.rewrapped keys.rotated log.key_used"
    " registration.changed registrations.applied source.key_changed store.restored",
    _TAKEN_OUT: "key.retired registration.ended",
    _EMERGENCY: "staff.break_glass_taken",
    _ALERT: "log.not_whole staff.refused staff.signal_raised",
    _LOOKED: "case.listed case.viewed mandate.proof_checked mandate.read person.not_found"
    " staff.break_glass_reviewed staff.viewed",
    _DONE: "approval.expired approval.granted approval.refused approval.requested approval.withdrawn"
    " authorization.granted authorization.refused case.closed case.noted case.opened case.taken consent.refused"
    " contact.changed contact.not_proved contact.removed contact.set mandate.code_refused mandate.letter_addressed"
    " mandate.letter_asked mandate.letter_withheld mandate.prepared mandate.proof_made notice.sent person.deceased"
    " staff.signal_handled token.issued token.refused",
}
"""Every type of event, by what it is to others. What an approval leads to is an event of its own."""


@cache
def kinds() -> Mapping[str, Kind]:
    """What each type of event is."""
    return {each: kind for kind, types in _TYPES.items() for each in types.split()}


def of_type(event_type: str) -> Kind:
    """What an event of this type is; what nobody knows any more (an older release wrote it), the application did."""
    return kinds().get(event_type, _DONE)


def coded(code: Code) -> dict[str, str]:
    """A Coding."""
    return code._asdict()
