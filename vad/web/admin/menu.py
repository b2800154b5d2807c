"""The menu of the pages for staff: by kind of work, each page with the right that it takes."""

from dataclasses import dataclass

from vad.domain.staff import StaffAction
from vad.web.support.i18n import msgid


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the menu."""

    action: StaffAction
    endpoint: str
    title: str
    """To be translated."""


@dataclass(frozen=True, slots=True)
class Group:
    """Pages for one kind of work, below each other's in the menu."""

    title: str
    """To be translated."""
    entries: tuple[Entry, ...]


MENU = (
    Group(
        msgid("Start"),
        (
            Entry(StaffAction.OVERVIEW_VIEW, "overview.overview", msgid("Overview")),
            Entry(StaffAction.REQUESTS_VIEW, "requests.listed", msgid("Requests for two people")),
            Entry(StaffAction.BREAK_GLASS_USE, "break_glass.use", msgid("Emergency access")),
        ),
    ),
    Group(
        msgid("Help people"),
        (
            Entry(StaffAction.MANDATES_SEARCH, "persons.persons", msgid("Find a person")),
            Entry(StaffAction.MANDATES_SEARCH, "staff_mandates.mandates", msgid("Authorisations")),
            Entry(StaffAction.LEGAL_MANDATES_VIEW, "legal_mandates.listed", msgid("Legal authorisations")),
            Entry(StaffAction.BLOCKS_VIEW, "staff_blocks.listed", msgid("Blocks")),
            Entry(StaffAction.CASES_VIEW, "staff_cases.cases", msgid("Reports")),
            Entry(StaffAction.MANDATES_STOP_BY_CODE, "stop_by_code.ask", msgid("Stop for a caller")),
        ),
    ),
    Group(
        msgid("Keep watch"),
        (
            Entry(StaffAction.SIGNALS_VIEW, "signals.signals", msgid("Signals")),
            Entry(StaffAction.LOG_SEARCH, "log.log", msgid("Log")),
            Entry(StaffAction.LOG_SEARCH, "log_questions.questions", msgid("Questions to the log")),
            Entry(StaffAction.LOG_VERIFY, "log_whole.whole", msgid("Is the log whole?")),
            Entry(StaffAction.BREAK_GLASS_VIEW, "break_glass.reviews", msgid("Emergency access of others")),
            Entry(StaffAction.ACCESS_REVIEW, "access_review.review", msgid("What staff could do and did")),
        ),
    ),
    Group(
        msgid("Look after VAD"),
        (
            Entry(StaffAction.CLIENTS_VIEW, "clients.listed", msgid("Apps and organisations")),
            Entry(StaffAction.KEYS_VIEW, "keys.listed", msgid("Keys of VAD")),
            Entry(StaffAction.ACCOUNTS_VIEW, "accounts.listed", msgid("Accounts of staff")),
            Entry(StaffAction.LOG_ERASE, "log_erasing.asked", msgid("Erase from the log")),
        ),
    ),
)
