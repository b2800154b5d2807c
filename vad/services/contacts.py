"""Where a person wants to be told: setting, proving, changing and removing an e-mail address (page P15)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from vad.domain.audit import AuditEvent, ContactChanged, ContactNotProved, ContactRemoved, ContactSet
from vad.domain.contact import MOST_TRIES, Contact, ContactState, EmailAddress
from vad.domain.identifiers import ContactId
from vad.domain.notice import Notice
from vad.domain.session import Session
from vad.services.notifications import tell
from vad.services.ports.mail import CheckCodes
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory
from vad.services.ports.tokens import Randomness

MOST_CODES: Final = 5
"""How often a person may have a code sent in a day: the addresses they enter may be somebody else's."""
_DAY = timedelta(days=1)


class Proof(StrEnum):
    """What came of a code that was entered."""

    RIGHT = "right"
    WRONG = "wrong"
    OVER = "over"
    """The code counts no more: too old, entered too often, or of an address that was replaced."""


@dataclass(frozen=True, slots=True)
class OwnAddresses:
    """The addresses of one person."""

    confirmed: EmailAddress | None
    pending: EmailAddress | None


@dataclass(frozen=True, slots=True)
class OwnContacts:
    """The use cases. `available`: there is a mail server at all."""

    work: UnitOfWorkFactory
    codes: CheckCodes
    random: Randomness
    available: bool

    def of(self, session: Session, at: datetime) -> OwnAddresses:
        """The addresses of the person who is logged in; one that waits, for as long as its code counts."""
        with self.work() as tx:
            confirmed, pending = tx.contacts.confirmed(session.person_id), tx.contacts.pending(session.person_id)
        waits = pending is not None and pending.can_be_confirmed(at)
        return OwnAddresses(confirmed.address if confirmed else None, pending.address if pending and waits else None)

    def ask(self, session: Session, address: EmailAddress, language: str, at: datetime) -> bool:
        """Send a code to an address. False, and nothing is sent, where that was done too often today."""
        person_id = session.person_id
        contact = Contact(ContactId(self.random.uuid()), person_id, address, language, ContactState.PENDING, at)
        with self.work() as tx:
            tx.contacts.hold(person_id)
            if tx.notices.count(person_id, Notice.EMAIL_CHECK, at - _DAY) >= MOST_CODES:
                return False
            tx.contacts.ask(contact)
            tell(tx, person_id, Notice.EMAIL_CHECK, at, about=str(contact.contact_id))
            tx.commit()
        return True

    def prove(self, session: Session, entered: str, at: datetime) -> Proof:
        """Take the code that came back. From then on notices go to its address, and the one before is told so."""
        with self.work() as tx:
            tx.contacts.hold(session.person_id)
            contact = tx.contacts.pending(session.person_id)
            if contact is None or not contact.can_be_confirmed(at):
                return Proof.OVER
            if not tx.contacts.count_try(contact.contact_id, MOST_TRIES):
                return Proof.OVER
            if self.codes.right(contact.contact_id, entered):
                self._confirm(tx, session, contact, at)
                outcome = Proof.RIGHT
            else:
                tx.audit.append(_event(ContactNotProved, session, contact.contact_id), at=at)
                outcome = Proof.WRONG
            tx.commit()
        return outcome

    def remove(self, session: Session, at: datetime) -> bool:
        """Let notices come by letter again. False where there was no address."""
        with self.work() as tx:
            tx.contacts.hold(session.person_id)
            former = tx.contacts.remove(session.person_id, at)
            if former is not None:
                tx.audit.append(_event(ContactRemoved, session, former), at=at)
                tell(tx, session.person_id, Notice.EMAIL_CHANGED, at, about=str(former))
            tx.commit()
        return former is not None

    def _confirm(self, tx: UnitOfWork, session: Session, contact: Contact, at: datetime) -> None:
        former = tx.contacts.confirm(contact, at)
        kind = ContactSet if former is None else ContactChanged
        tx.audit.append(_event(kind, session, contact.contact_id), at=at)
        if former is None:
            tell(tx, session.person_id, Notice.EMAIL_SET, at, about=str(contact.contact_id))
        else:
            tell(tx, session.person_id, Notice.EMAIL_CHANGED, at, about=str(former))


def _event(kind: type[AuditEvent], session: Session, contact_id: ContactId) -> AuditEvent:
    return kind(
        actor=session.person_id,
        represented=session.person_id,
        sid=session.sid,
        reason="wrong_code" if kind is ContactNotProved else None,
        evidence={"contact": str(contact_id)},
    )
