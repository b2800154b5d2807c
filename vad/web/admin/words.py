"""What pages for staff call the views that somebody may take outside their role."""

from collections.abc import Mapping
from typing import Final

from vad.domain.staff import StaffAction
from vad.web.support.i18n import msgid

VIEWS: Final[Mapping[StaffAction, str]] = {
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
}
"""Every one that `vad.domain.break_glass.TAKEABLE` has, and those that could be taken once: the list goes back."""
