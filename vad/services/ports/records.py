"""PostgreSQL: what must never be lost, in one unit of work per use case."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vad.domain.access import Facts
from vad.domain.assent import Assent
from vad.domain.audit import AuditEvent
from vad.domain.block import Block
from vad.domain.client import Client, DataService, ResourceServer
from vad.domain.consent import Consent
from vad.domain.grant import Grant
from vad.domain.identifiers import Bsn, ClientId, ConsentId, GrantId, MandateId, PersonId, Sid
from vad.domain.mandate import Mandate
from vad.domain.person import Evidence
from vad.services.ports.activity import ActivityLog
from vad.services.ports.blocks import Blocks
from vad.services.ports.cases import Cases
from vad.services.ports.client_registration import ClientRegistrations
from vad.services.ports.conditions import Condition
from vad.services.ports.log_search import LogQuestions, LogSearch
from vad.services.ports.mandate_legal import LegalMandates
from vad.services.ports.mandate_letters import MandateLetters
from vad.services.ports.mandates import Mandates
from vad.services.ports.notices import Birthdays, Contacts, Notices
from vad.services.ports.outbox import Outbox
from vad.services.ports.own_data import OwnDataStore
from vad.services.ports.registering import RegistrationChanges
from vad.services.ports.staff import BreakGlassRecords, HandledSignals, StaffAccounts
from vad.services.ports.staff_requests import StaffRequests


@dataclass(frozen=True, slots=True)
class Person:
    """A person as stored: opened, never with a name."""

    person_id: PersonId
    bsn: Bsn
    evidence: Evidence | None


class Persons(Protocol):
    """Persons, found by keyed hash of their BSN; the BSN itself and the evidence are sealed."""

    def find_or_add(self, bsn: Bsn, at: datetime) -> Person:
        """The person with this BSN, added when new. Two at once make one person."""

    def find(self, bsn: Bsn) -> Person | None:
        """The person with this BSN, if anybody is known by it."""

    def get(self, person_id: PersonId) -> Person | None: ...

    def keep_evidence(self, person_id: PersonId, evidence: Evidence) -> None:
        """Replace what the register said of this person."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that a decision about one actor rests on, as it is now."""

    person: Person
    """The actor."""
    consents: tuple[Consent, ...]
    """Those that may carry it, ended ones included."""
    blocks: tuple[Block, ...]
    """Those about the subject, lifted ones left out."""
    assents: tuple[Assent, ...]
    """Those of the subject that the actor sees their data, withdrawn ones left out."""
    mandates: tuple[Mandate, ...]
    """Those between subject and actor that may carry it; of a grant, the one that it rests on."""

    @property
    def facts(self) -> Facts:
        """The same, for `decide`."""
        return Facts(self.person.evidence, self.consents, self.blocks, assents=self.assents, mandates=self.mandates)


@dataclass(frozen=True, slots=True)
class GrantStanding(Standing):
    """Everything that what comes from a grant rests on; the consents are its own."""

    grant: Grant


class Standings(Protocol):
    """The one loader of facts: whatever is decided is decided on this."""

    def of(self, grant_id: GrantId) -> GrantStanding | None:
        """None where there is no such grant."""

    def of_unwritten(self, grant: Grant) -> GrantStanding | None:
        """For a grant that is not written yet. None where its actor is not known."""

    def of_request(
        self, person_id: PersonId, subject: PersonId, client_id: ClientId, given_now: Collection[ConsentId]
    ) -> Standing | None:
        """Who asks, and what may carry it: consents "until I stop" for this app, and those given for this request.

        Consents are about the subject's data. None where nobody is known by this id.
        """


class Consents(Protocol):
    """Consents, live and past."""

    def add(self, consents: Sequence[Consent]) -> None: ...

    def live(self, person_id: PersonId, at: datetime) -> tuple[Consent, ...]:
        """Every consent of this person that holds at `at`, the oldest first."""

    def withdraw(
        self, person_id: PersonId, subject: PersonId, client_id: ClientId, at: datetime
    ) -> tuple[Consent, ...]:
        """End every live consent of this person for this app about this subject, of either duration; returns them."""

    def withdraw_acting(self, person_id: PersonId, subject: PersonId, at: datetime) -> tuple[Consent, ...]:
        """End every live consent that this person gave, for whatever app, to act for this subject; returns them."""

    def acting_about(self, subject: PersonId, at: datetime) -> tuple[PersonId, ...]:
        """Who else gave a consent about this subject that holds at `at`: where they act, a token may be out."""

    def withdraw_covered(self, block: Block, at: datetime) -> tuple[Consent, ...]:
        """End every live consent about this block's subject for its app, or at its data source; returns them."""

    def extend(self, consent_ids: Sequence[ConsentId], until: datetime) -> None:
        """Move the end of these "until I stop" consents on, because they were used."""

    def lapsed_unrecorded(self, at: datetime, limit: int) -> tuple[Consent, ...]:
        """Consents "until I stop" that ended by themselves and have no event yet; marks them as recorded."""


class Assents(Protocol):
    """What children let their parents see."""

    def add(self, assent: Assent) -> bool:
        """Record it. False where the same was agreed to before, and still is."""

    def live(self, subject: PersonId, at: datetime) -> tuple[Assent, ...]:
        """Everything that this child agreed to and that holds at `at`, the oldest first."""

    def withdraw(
        self, subject: PersonId, actor: PersonId, data_service: str | None, at: datetime
    ) -> tuple[Assent, ...]:
        """End what this child agreed to about this parent, for this kind of data or (None) for all; returns it."""


class Grants(Protocol):
    """Grant rows. `UnitOfWork.commit_if` makes them, with the events that tell of them."""

    def get(self, grant_id: GrantId) -> Grant | None: ...

    def hold(self, grant_id: GrantId) -> Grant | None:
        """The grant as it is now; it stays so until this unit of work is over.

        What ends a grant waits meanwhile, or has ended it already: so nothing leaves after a stop that has committed.
        """

    def by_code(self, code_hash: bytes) -> Grant | None: ...

    def revoke(self, grant_id: GrantId) -> bool:
        """Take an active grant back. False when it was not active any more."""

    def end_session(self, sid: Sid) -> int:
        """End every active grant of this session; returns how many."""

    def end_mandate(self, mandate_id: MandateId) -> int:
        """End every active grant that rests on this mandate; returns how many."""

    def end_mandate_for(self, mandate_id: MandateId, client_id: ClientId) -> int:
        """The same of one app alone."""

    def end_client(self, client_id: ClientId) -> int:
        """End every active grant of this app; returns how many."""

    def clients_of(self, sid: Sid) -> tuple[ClientId, ...]:
        """The apps that hold a grant of this session, in whatever state, each once."""


class AuditLog(Protocol):
    """The append-only log."""

    def append(self, *events: AuditEvent, at: datetime) -> None: ...

    def times(self, actor: PersonId, kind: str, *, since: datetime, limit: int) -> tuple[datetime, ...]:
        """When this person last did this, newest first."""


class UnitOfWork(Protocol):
    """One transaction. What was changed and its audit event commit together or not at all."""

    @property
    def persons(self) -> Persons: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def blocks(self) -> Blocks: ...
    @property
    def assents(self) -> Assents: ...
    @property
    def grants(self) -> Grants: ...
    @property
    def mandates(self) -> Mandates: ...
    @property
    def mandate_letters(self) -> MandateLetters: ...
    @property
    def legal_mandates(self) -> LegalMandates: ...
    @property
    def standings(self) -> Standings: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def own_data(self) -> OwnDataStore: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def activity(self) -> ActivityLog: ...
    @property
    def log(self) -> LogSearch: ...
    @property
    def log_questions(self) -> LogQuestions: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def contacts(self) -> Contacts: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def birthdays(self) -> Birthdays: ...
    @property
    def registration_changes(self) -> RegistrationChanges: ...
    @property
    def client_registrations(self) -> ClientRegistrations: ...
    @property
    def staff_requests(self) -> StaffRequests: ...
    @property
    def staff_accounts(self) -> StaffAccounts: ...
    @property
    def break_glass(self) -> BreakGlassRecords: ...
    @property
    def signals(self) -> HandledSignals: ...

    def commit(self) -> None:
        """Make it durable. Leaving the `with` block without it rolls everything back."""

    def commit_if(self, condition: Condition) -> bool:
        """Make the events durable together with this condition, in one trip; False, and nothing is written, if unmet.

        For a unit of work that changes nothing else.
        """


class UnitOfWorkFactory(Protocol):
    """Begins a unit of work: `with work() as tx: …; tx.commit()`."""

    def __call__(self) -> AbstractContextManager[UnitOfWork]: ...


class Registrations(Protocol):
    """Clients, data sources and data services; read from memory, refreshed when they change."""

    def client(self, client_id: str) -> Client | None: ...

    def clients(self) -> tuple[Client, ...]: ...

    def resource_server(self, identifier: str) -> ResourceServer | None: ...

    def resource_servers(self) -> tuple[ResourceServer, ...]: ...

    def data_service(self, data_service_id: str) -> DataService | None: ...

    def data_services(self) -> tuple[DataService, ...]: ...
