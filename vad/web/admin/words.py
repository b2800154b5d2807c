"""What pages for staff call what the log has as codes: events, reasons, what staff may do."""

from collections.abc import Callable, Mapping
from typing import Final

from vad.domain.justification import JustificationFault
from vad.domain.staff import StaffAction
from vad.services.unmasking_limit import TOO_MANY
from vad.web.support.event_words import EVENTS
from vad.web.support.i18n import _, msgid
from vad.web.support.reason_words import REASONS

ACTIONS: Final[Mapping[StaffAction, str]] = {
    StaffAction.OVERVIEW_VIEW: msgid("Overview"),
    StaffAction.MANDATES_SEARCH: msgid("Search authorisations and people"),
    StaffAction.MANDATES_VIEW: msgid("See one authorisation"),
    StaffAction.LEGAL_MANDATES_VIEW: msgid("See authorisations by law"),
    StaffAction.PERSONS_UNMASK: msgid("See who somebody is"),
    StaffAction.PERSONS_UNMASK_IN_BULK: msgid("Get a list that says who people are"),
    StaffAction.PERSONS_EXPORT: msgid("Get all data of one person"),
    StaffAction.BLOCKS_VIEW: msgid("See what staff switched off"),
    StaffAction.CASES_VIEW: msgid("See what people reported"),
    StaffAction.LOG_SEARCH: msgid("Search the log"),
    StaffAction.LOG_EXPORT: msgid("Download the log"),
    StaffAction.LOG_VERIFY: msgid("Check that the log is whole"),
    StaffAction.SIGNALS_VIEW: msgid("See signals"),
    StaffAction.CLIENTS_VIEW: msgid("See apps and organisations"),
    StaffAction.KEYS_VIEW: msgid("See the keys"),
    StaffAction.REQUESTS_VIEW: msgid("See requests for a second person"),
    StaffAction.ACCOUNTS_VIEW: msgid("See the accounts of staff"),
    StaffAction.ACCESS_REVIEW: msgid("See what staff did"),
    StaffAction.REQUESTS_REVIEW: msgid("See all requests for a second person"),
    StaffAction.MANDATES_STOP_BY_CODE: msgid("Stop for a caller"),
    StaffAction.LEGAL_MANDATES_CHANGE: msgid("Change authorisations by law"),
    StaffAction.BLOCKS_CHANGE: msgid("Place and lift blocks"),
    StaffAction.CASES_HANDLE: msgid("Handle what people reported"),
    StaffAction.LOG_ERASE: msgid("Erase from the log"),
    StaffAction.SIGNALS_HANDLE: msgid("Handle signals"),
    StaffAction.CLIENTS_CHANGE: msgid("Change apps"),
    StaffAction.CLIENTS_CHANGE_KEYS: msgid("Change keys of apps and organisations"),
    StaffAction.CLIENTS_DISABLE: msgid("Take apps out of service"),
    StaffAction.KEYS_CHANGE: msgid("Change the keys"),
    StaffAction.ACCOUNTS_END: msgid("End accounts of staff"),
    StaffAction.BREAK_GLASS_USE: msgid("Emergency access"),
    StaffAction.BREAK_GLASS_VIEW: msgid("See emergency access of others"),
    StaffAction.BREAK_GLASS_REVIEW: msgid("Check emergency access of others"),
}
"""Every one there is: what somebody looked at, and what they took outside their role."""

FAULTS: Final[Mapping[str, str]] = {
    JustificationFault.REASON: msgid("Write the reason in 10 to 500 characters."),
    JustificationFault.CASE_NUMBER: msgid("Enter the number of the case: letters and digits."),
    JustificationFault.BSN: msgid("Leave the BSN out of the reason and the number of the case."),
    TOO_MANY: msgid("You have seen as many people as one may see alone in 24 hours"),
}
"""What is wrong with a reason and a case number, or with showing one more person for them."""

PURPOSES: Final[Mapping[str, str]] = {
    "seal": msgid("Sealing what the database keeps"),
    "lookup": msgid("Finding a person by BSN"),
    "pairwise": msgid("Names of people for each app"),
    "handles": msgid("Names of access in tokens"),
    "binding": msgid("Cookies, forms and codes"),
    "cache": msgid("Sealing what is kept for a short time"),
    "signing": msgid("Signing tokens"),
    "digid_signing": msgid("Proving to DigiD that it is VAD"),
    "digid_encryption": msgid("Opening what DigiD sends"),
    "request_encryption": msgid("Opening what apps send"),
    "staff_idp_signing": msgid("Proving to the login of staff that it is VAD"),
}
"""What each key of VAD is for."""


def event_words(kind: str) -> str:
    """What an event of this type is called in the language of this request; the code where it has no words."""
    return _(EVENTS[kind]) if kind in EVENTS else kind


def reason_words(code: str) -> str:
    """The same of a reason. What the token endpoint says stands in capitals in the log."""
    words = REASONS.get(code) or REASONS.get(code.lower())
    return _(words) if words else code


def action_words(kind: str) -> str:
    """The same of what somebody may do, or of an event: a review of access counts both."""
    known = next((each for each in StaffAction if each == kind), None)
    return _(ACTIONS[known]) if known else event_words(kind)


def purpose_words(purpose: str) -> str:
    """What such a key is for."""
    return _(PURPOSES[purpose]) if purpose in PURPOSES else purpose


def fault_words(fault: str | None) -> str:
    """What to say of it; nothing where it is no such fault."""
    return _(FAULTS[fault]) if fault and fault in FAULTS else ""


FILTERS: Final[Mapping[str, Callable[..., str]]] = {
    "event_words": event_words,
    "reason_words": reason_words,
    "action_words": action_words,
    "fault_words": fault_words,
    "purpose_words": purpose_words,
}
"""For templates."""
