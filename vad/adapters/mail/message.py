"""A notice as a message (RFC 5322): text alone, nothing that is fetched, nothing that tells who reads it."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from vad.domain.notice_words import CODE, words
from vad.services.ports.mail import Mail


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name mail goes out."""

    name: str
    address: str
    questions: str
    """Where people can ask: an e-mail address, and a telephone number if there is one."""

    @property
    def domain(self) -> str:
        """What comes after the at sign."""
        return self.address.rpartition("@")[2]


def message(mail: Mail, sender: Sender, at: datetime) -> EmailMessage:
    """The whole message, the same for the same mail however often it is sent."""
    said = words(mail.text, mail.language)
    # Everything in ASCII on the wire: not every server on the way takes eight bits (RFC 6152).
    made = EmailMessage(SMTP.clone(cte_type="7bit"))
    made["From"] = Address(sender.name, addr_spec=sender.address)
    made["To"] = mail.to.reveal()
    made["Subject"] = said.subject
    made["Date"] = at
    made["Message-ID"] = f"<{mail.message_id}@{sender.domain}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is told to us
    made["X-Auto-Response-Suppress"] = "All"  # the same, where that is what a server knows
    paragraphs = (mail.code or "" if each == CODE else each for each in said.paragraphs)
    made.set_content("\n\n".join((*paragraphs, _signed(sender, mail.language))) + "\n", charset="utf-8")
    made["Content-Language"] = mail.language  # now: setting the content takes such headers away
    return made


def _signed(sender: Sender, language: str) -> str:
    ask = "Vragen?" if language == "nl" else "Questions?"
    return f"{sender.name}\n{ask} {sender.questions}"
