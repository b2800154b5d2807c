"""Which member of staff a program comes for, with an access token of their identity provider (rule 43)."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.staff import StaffMember
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.staff import StaffTokens


@dataclass(frozen=True, slots=True)
class StaffApiAccess:
    """The use case. Whoever has not shown with their own DigiD whose account it is gets nowhere (rule 44)."""

    work: UnitOfWorkFactory
    tokens: StaffTokens

    def member(self, access_token: str, at: datetime) -> StaffMember | None:
        """Who it is; None for a token that is none, and for an account that is unknown here or ended.

        Raises `UnavailableError`.
        """
        identity = self.tokens.read(access_token, at)
        if identity is None or not identity.roles:
            return None
        with self.work() as tx:
            account = tx.staff_accounts.find(identity.issuer, identity.subject)
        if account is None or account.ended_at is not None:
            return None
        return StaffMember(account.account, account.person, identity.roles)
