"""Who of the staff may do what (rules 40 and 44). The table of rights stands here, and nowhere else.

`docs/generate_rights.py` shows it in docs/administration.md. Use cases call `check`; pages only hide what would be
refused.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from vad.domain.errors import NotPermittedError, OwnCaseError
from vad.domain.identifiers import PersonId, StaffId


class StaffRole(StrEnum):
    """What somebody is employed for. Their identity provider says it at each login."""

    HELPDESK = "helpdesk"
    CLIENT_MANAGER = "client_manager"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class StaffAction(StrEnum):
    """Everything that staff can do; looking is doing."""

    OVERVIEW_VIEW = "overview.view"
    MANDATES_SEARCH = "mandates.search"
    MANDATES_VIEW = "mandates.view"
    MANDATES_STOP_BY_CODE = "mandates.stop_by_code"
    LEGAL_MANDATES_VIEW = "legal_mandates.view"
    LEGAL_MANDATES_CHANGE = "legal_mandates.change"
    PERSONS_UNMASK = "persons.unmask"
    PERSONS_UNMASK_IN_BULK = "persons.unmask_in_bulk"
    PERSONS_EXPORT = "persons.export"
    BLOCKS_VIEW = "blocks.view"
    BLOCKS_CHANGE = "blocks.change"
    CASES_VIEW = "cases.view"
    CASES_HANDLE = "cases.handle"
    LOG_SEARCH = "log.search"
    LOG_EXPORT = "log.export"
    LOG_VERIFY = "log.verify"
    LOG_ERASE = "log.erase"
    SIGNALS_VIEW = "signals.view"
    SIGNALS_HANDLE = "signals.handle"
    CLIENTS_VIEW = "clients.view"
    CLIENTS_CHANGE = "clients.change"
    CLIENTS_CHANGE_KEYS = "clients.change_keys"
    CLIENTS_DISABLE = "clients.disable"
    KEYS_VIEW = "keys.view"
    KEYS_CHANGE = "keys.change"
    REQUESTS_VIEW = "requests.view"
    REQUESTS_REVIEW = "requests.review"
    ACCESS_REVIEW = "access.review"
    ACCOUNTS_VIEW = "accounts.view"
    ACCOUNTS_END = "accounts.end"
    BREAK_GLASS_USE = "break_glass.use"
    BREAK_GLASS_VIEW = "break_glass.view"
    BREAK_GLASS_REVIEW = "break_glass.review"


_A = StaffAction

CHANGES: frozenset[StaffAction] = frozenset(
    {
        _A.MANDATES_STOP_BY_CODE,
        _A.LEGAL_MANDATES_CHANGE,
        _A.BLOCKS_CHANGE,
        _A.CASES_HANDLE,
        _A.LOG_ERASE,
        _A.SIGNALS_HANDLE,
        _A.CLIENTS_CHANGE,
        _A.CLIENTS_CHANGE_KEYS,
        _A.CLIENTS_DISABLE,
        _A.KEYS_CHANGE,
        _A.ACCOUNTS_END,
        _A.BREAK_GLASS_USE,
        _A.BREAK_GLASS_REVIEW,
    }
)
"""What leaves something different from how it was. All the rest only looks, which the log remembers."""

NEEDS_REASON: frozenset[StaffAction] = frozenset(
    {
        _A.PERSONS_UNMASK,
        _A.PERSONS_UNMASK_IN_BULK,
        _A.PERSONS_EXPORT,
        _A.LOG_EXPORT,
        _A.ACCOUNTS_END,
        _A.BREAK_GLASS_USE,
    }
)
"""What takes a `vad.domain.justification.Justification`."""

NEEDS_SECOND_PERSON: frozenset[StaffAction] = frozenset(
    {
        _A.LEGAL_MANDATES_CHANGE,
        _A.PERSONS_UNMASK_IN_BULK,
        _A.BLOCKS_CHANGE,
        _A.LOG_ERASE,
        _A.CLIENTS_CHANGE,
        _A.CLIENTS_CHANGE_KEYS,
        _A.KEYS_CHANGE,
    }
)
"""What happens only when another person who may do it as well agrees."""

_EVERYBODY = frozenset({_A.OVERVIEW_VIEW, _A.REQUESTS_VIEW})
_PEOPLE = frozenset({_A.MANDATES_SEARCH, _A.MANDATES_VIEW, _A.LEGAL_MANDATES_VIEW, _A.BLOCKS_VIEW, _A.CASES_VIEW})
_MACHINES = frozenset({_A.CLIENTS_VIEW, _A.KEYS_VIEW, _A.SIGNALS_VIEW})
_VETO = frozenset({_A.LEGAL_MANDATES_VIEW, _A.LEGAL_MANDATES_CHANGE, _A.BLOCKS_VIEW, _A.BLOCKS_CHANGE})
_CLIENTS = frozenset({_A.CLIENTS_VIEW, _A.CLIENTS_CHANGE, _A.CLIENTS_CHANGE_KEYS, _A.CLIENTS_DISABLE})

RIGHTS: Mapping[StaffRole, frozenset[StaffAction]] = {
    StaffRole.HELPDESK: _EVERYBODY
    | _PEOPLE
    | _VETO
    | {_A.MANDATES_STOP_BY_CODE, _A.PERSONS_UNMASK, _A.PERSONS_EXPORT, _A.CASES_HANDLE, _A.BREAK_GLASS_USE},
    StaffRole.CLIENT_MANAGER: _EVERYBODY | _CLIENTS | {_A.SIGNALS_VIEW, _A.BREAK_GLASS_USE},
    StaffRole.AUDITOR: _EVERYBODY
    | _PEOPLE
    | _MACHINES
    | {
        _A.PERSONS_UNMASK,
        _A.PERSONS_UNMASK_IN_BULK,
        _A.LOG_SEARCH,
        _A.LOG_EXPORT,
        _A.LOG_VERIFY,
        _A.REQUESTS_REVIEW,
        _A.ACCESS_REVIEW,
        _A.ACCOUNTS_VIEW,
        _A.BREAK_GLASS_VIEW,
    },
    StaffRole.ADMINISTRATOR: _EVERYBODY
    | _VETO
    | _CLIENTS
    | _MACHINES
    | {
        _A.LOG_VERIFY,
        _A.LOG_ERASE,
        _A.SIGNALS_HANDLE,
        _A.KEYS_CHANGE,
        _A.ACCESS_REVIEW,
        _A.ACCOUNTS_VIEW,
        _A.ACCOUNTS_END,
        _A.BREAK_GLASS_USE,
        _A.BREAK_GLASS_VIEW,
        _A.BREAK_GLASS_REVIEW,
    },
}


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody of the staff who is logged in: the account, the person behind it, and what they may do now."""

    account: StaffId
    person: PersonId
    roles: frozenset[StaffRole]
    taken: frozenset[StaffAction] = frozenset()
    """Views outside their roles that they took with break-glass access, and that still hold."""

    @property
    def rights(self) -> frozenset[StaffAction]:
        """All that they may do. Who is an auditor changes nothing, whatever else they are."""
        held = frozenset[StaffAction]().union(*(RIGHTS[role] for role in self.roles))
        return (held - CHANGES if StaffRole.AUDITOR in self.roles else held) | (self.taken - CHANGES)

    def may(self, action: StaffAction) -> bool:
        """Whether they may do this, as far as it is not about themselves."""
        return action in self.rights

    def by_break_glass(self, action: StaffAction) -> bool:
        """Whether they may do it only because they took it: the event of the view says so."""
        return self.may(action) and not StaffMember(self.account, self.person, self.roles).may(action)


def check(member: StaffMember, action: StaffAction, concerning: Collection[PersonId] = ()) -> None:
    """Let through what this member may do to these people.

    `concerning` names everybody whom it is about: the represented person and who acts for them alike. Raises
    `NotPermittedError`, and `OwnCaseError` when they are one of them. The right comes first, so that nobody without it
    learns whom something is about.
    """
    if not member.may(action):
        raise NotPermittedError(action)
    if member.person in concerning:
        raise OwnCaseError(action)
