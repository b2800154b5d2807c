"""Delivering notices: who gets it, where and in which words is looked up now, for it may have changed meanwhile."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vad.domain.audit import NoticeSent
from vad.domain.contact import Contact
from vad.domain.identifiers import ContactId
from vad.domain.notice import Channel, Notice
from vad.services.deliveries import UndeliverableError
from vad.services.notifications import LETTER, MAIL
from vad.services.ports.mail import CheckCodes, Mail, Mailer
from vad.services.ports.notices import ToldNotice
from vad.services.ports.outbox import OutboxMessage
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class MailDelivery:
    """`vad.services.deliveries.Deliverer` for messages of kind `mail`."""

    work: UnitOfWorkFactory
    mailer: Mailer
    codes: CheckCodes

    def __call__(self, message: OutboxMessage, at: datetime) -> None:
        """Send it. What must arrive and can't goes by letter; what has become void goes nowhere."""
        with self.work() as tx:
            told = tx.notices.get(_notice_id(message))
            contact = None if told is None else _contact(tx, told)
        if told is None:
            return
        checking = told.notice is Notice.EMAIL_CHECK
        if contact is None or (checking and not contact.can_be_confirmed(at)):
            self._by_letter_if_it_must(told, at)
            return
        code = self.codes.code(contact.contact_id) if checking else None
        mail = Mail(message.message_id, contact.address, told.notice.text, contact.language, code)
        try:
            self.mailer.send(mail, at)
        except UndeliverableError:
            if not self._by_letter_if_it_must(told, at):
                raise
            return
        with self.work() as tx:
            tx.audit.append(sent(told, MAIL), at=at)
            tx.commit()

    def _by_letter_if_it_must(self, told: ToldNotice, at: datetime) -> bool:
        if told.notice.channel is not Channel.MAIL_OR_LETTER:
            return False
        with self.work() as tx:
            tx.outbox.add(LETTER, {"notice_id": str(told.notice_id)}, at)
            tx.commit()
        return True


def sent(told: ToldNotice, by: str) -> NoticeSent:
    """The event of it."""
    evidence = {"notice": told.notice.value, "about": told.about, "by": by}
    return NoticeSent(represented=told.person_id, evidence=evidence)


def _notice_id(message: OutboxMessage) -> UUID:
    return UUID(str(message.payload["notice_id"]))


def _contact(tx: UnitOfWork, told: ToldNotice) -> Contact | None:
    if not told.notice.to_named_contact:
        return tx.contacts.confirmed(told.person_id)
    found = tx.contacts.get(ContactId(UUID(told.about)))
    return found if found is not None and found.person_id == told.person_id else None
