"""The mail server, as the settings name it."""

from urllib.parse import urlsplit

from vad.adapters.mail.message import Sender
from vad.adapters.mail.smtp import Server, SmtpMailer
from vad.settings import Settings

LONGEST = 5.0
"""Seconds: PostgreSQL ends a transaction that has said nothing for ten."""


def mail_server(settings: Settings) -> SmtpMailer | None:
    """The mail server; None where no mail is sent."""
    known, operator = settings.mail, settings.operator
    if known.host is None or known.sender is None:
        return None
    server = Server(
        host=known.host,
        port=known.port,
        security=known.security,
        own_name=urlsplit(settings.service.issuer).hostname or "vad",
        username=known.username,
        password=known.password.get_secret_value() if known.password else None,
        ca_file=known.ca_file,
    )
    questions = ", ".join(filter(None, (operator.email, operator.phone)))
    sender = Sender(operator.name, known.sender, questions)
    return SmtpMailer(
        server, sender, connect=settings.outgoing.connect_timeout, total=min(settings.outgoing.total_timeout, LONGEST)
    )
