"""The codes that AuditEvent resources of FHIR R4 take: from which list, and for which of our events."""

from collections.abc import Mapping
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
_USED_LOG = Kind("110101", "Audit Log Used", "R")
_EXPORT = Kind("110106", "Export", "R")
_RIGHTS = Kind("110137", "User Security Attributes Changed", "U")
_MADE_RIGHT = Kind("110137", "User Security Attributes Changed", "C")
_CONFIGURED = Kind("110129", "Security Configuration", "U")
_LOOKED = Kind("110100", "Application Activity", "R")
_OTHER = Kind("110100", "Application Activity", "E")

_BY_TYPE: Final[Mapping[str, Kind]] = {
    "activity.viewed": _USED_LOG,
    "activity.downloaded": _EXPORT,
    "mandate.read": _LOOKED,
    "mandate.proof_checked": _LOOKED,
    "consent.given": _MADE_RIGHT,
    "assent.given": _MADE_RIGHT,
    "block.placed": _MADE_RIGHT,
    "mandate.offered": _MADE_RIGHT,
    "mandate.requested": _MADE_RIGHT,
    "staff.viewed": _LOOKED,
    "data.exported": _EXPORT,
    "person.exported": _EXPORT,
    "log.exported": _EXPORT,
    "log.export_finished": _EXPORT,
    "store.restored": _CONFIGURED,
}
_BY_SUBJECT: Final[Mapping[str, Kind]] = {
    "login": _LOGIN,
    "session": _LOGIN,
    "staff_login": _LOGIN,
    "log": _USED_LOG,
    "consent": _RIGHTS,
    "assent": _RIGHTS,
    "block": _RIGHTS,
    "mandate": _RIGHTS,
    "approval": _RIGHTS,
    "key": _CONFIGURED,
    "keys": _CONFIGURED,
    "registrations": _CONFIGURED,
    "client": _CONFIGURED,
    "break_glass": Kind("110127", "Emergency Override Started", "E"),
}


def of_type(event_type: str) -> Kind:
    """What an event of this type is. Those that are in no list are something that the application did."""
    subject = event_type.partition(".")[0]
    return _BY_TYPE.get(event_type) or _BY_SUBJECT.get(subject) or _OTHER


def coded(code: Code) -> dict[str, str]:
    """A Coding."""
    return code._asdict()
