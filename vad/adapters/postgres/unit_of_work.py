"""The unit of work: all stores on one transaction. What was changed and its event commit together or not at all."""

from types import TracebackType
from typing import Any, Self

from vad.adapters.postgres import grants
from vad.adapters.postgres.activity import PostgresActivityLog
from vad.adapters.postgres.assents import PostgresAssents
from vad.adapters.postgres.audit import Counted, PostgresAuditLog, appending_if, uncounted
from vad.adapters.postgres.birthdays import PostgresBirthdays
from vad.adapters.postgres.blocks import PostgresBlocks
from vad.adapters.postgres.break_glass import PostgresBreakGlass
from vad.adapters.postgres.cases import PostgresCases
from vad.adapters.postgres.client_registrations import PostgresClientRegistrations
from vad.adapters.postgres.consents import PostgresConsents
from vad.adapters.postgres.contacts import PostgresContacts
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.grants import PostgresGrants
from vad.adapters.postgres.log_questions import PostgresLogQuestions
from vad.adapters.postgres.log_search import PostgresLogSearch
from vad.adapters.postgres.mandate_legal import PostgresLegalMandates
from vad.adapters.postgres.mandate_letters import PostgresMandateLetters
from vad.adapters.postgres.mandates import PostgresMandates
from vad.adapters.postgres.notices import PostgresNotices
from vad.adapters.postgres.outbox import PostgresOutbox
from vad.adapters.postgres.own_data import PostgresOwnData
from vad.adapters.postgres.persons import PostgresPersons
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.registration_changes import PostgresRegistrationChanges
from vad.adapters.postgres.signals import PostgresHandledSignals
from vad.adapters.postgres.staff import PostgresStaffAccounts
from vad.adapters.postgres.staff_requests import PostgresStaffRequests
from vad.adapters.postgres.standings import PostgresStandings
from vad.adapters.postgres.transaction import Notice, Transaction
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.sealing import Sealer
from vad.services.ports.conditions import Carried, Condition, GrantLive, GrantMade, RefreshRotated

_NOTHING = Carried(())
_IF_MADE = appending_if(grants.MADE, "append_if_made")
_IF_ROTATED = appending_if(grants.ROTATED, "append_if_rotated")
_IF_LIVE = appending_if(grants.LIVE, "append_if_live")


class PostgresUnitOfWork:
    """`vad.services.ports.records.UnitOfWork`. Takes a connection only when a store is used."""

    __slots__ = (
        "_transaction",
        "activity",
        "assents",
        "audit",
        "birthdays",
        "blocks",
        "break_glass",
        "cases",
        "client_registrations",
        "consents",
        "contacts",
        "grants",
        "legal_mandates",
        "log",
        "log_questions",
        "mandate_letters",
        "mandates",
        "notices",
        "outbox",
        "own_data",
        "persons",
        "registration_changes",
        "signals",
        "staff_accounts",
        "staff_requests",
        "standings",
    )

    def __init__(
        self, transaction: Transaction, sealer: Sealer, lookup: BsnLookup, counted: Counted = uncounted
    ) -> None:
        self._transaction = transaction
        self.persons = PostgresPersons(transaction, sealer, lookup)
        self.consents = PostgresConsents(transaction)
        self.blocks = PostgresBlocks(transaction)
        self.assents = PostgresAssents(transaction)
        self.mandates = PostgresMandates(transaction, sealer)
        self.legal_mandates = PostgresLegalMandates(transaction)
        self.mandate_letters = PostgresMandateLetters(transaction, sealer)
        self.standings = PostgresStandings(transaction, self.persons)
        self.grants = PostgresGrants(transaction)
        self.audit = PostgresAuditLog(transaction, counted)
        self.activity = PostgresActivityLog(transaction)
        self.log = PostgresLogSearch(transaction)
        self.log_questions = PostgresLogQuestions(transaction)
        self.outbox = PostgresOutbox(transaction)
        self.contacts = PostgresContacts(transaction, sealer)
        self.notices = PostgresNotices(transaction)
        self.birthdays = PostgresBirthdays(transaction)
        self.registration_changes = PostgresRegistrationChanges(transaction)
        self.client_registrations = PostgresClientRegistrations(transaction)
        self.staff_requests = PostgresStaffRequests(transaction)
        self.signals = PostgresHandledSignals(transaction)
        self.break_glass = PostgresBreakGlass(transaction)
        self.staff_accounts = PostgresStaffAccounts(transaction)
        self.cases = PostgresCases(transaction, sealer)
        self.own_data = PostgresOwnData(transaction, sealer)

    def commit(self) -> None:
        self.audit.commit()

    def commit_if(self, condition: Condition) -> bool:
        match condition:
            case GrantMade(grant):
                values = {**grants.values_of(grant), "nothing_issued": condition.carried is None}
                return self._commit_if(_IF_MADE, condition, values)
            case RefreshRotated(grant_id, generation):
                values = {"this_grant": grant_id, "generation": generation, "new_jkt": condition.jkt}
                return self._commit_if(_IF_ROTATED, condition, values)
            case GrantLive(grant_id):
                values = {"this_grant": grant_id, "or_revoked": condition.or_revoked}
                return self._commit_if(_IF_LIVE, condition, values)

    def _commit_if(self, appending: Query, condition: Condition, values: dict[str, Any]) -> bool:
        carried = condition.carried or _NOTHING
        return self.audit.commit_if(
            appending,
            at=condition.at,
            consent_ids=list(carried.consents),
            assent_ids=list(carried.assents),
            permission_ids=list(carried.permissions),
            **values,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transaction.close()


class PostgresWork:
    """`vad.services.ports.records.UnitOfWorkFactory` for one database.

    `notice` hears the version of the registrations whenever a person or a grant is read.
    """

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        lookup: BsnLookup,
        notice: Notice | None = None,
        counted: Counted = uncounted,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._lookup = lookup
        self._notice = notice
        self._counted = counted

    def __call__(self) -> PostgresUnitOfWork:
        return PostgresUnitOfWork(Transaction(self._database, self._notice), self._sealer, self._lookup, self._counted)
