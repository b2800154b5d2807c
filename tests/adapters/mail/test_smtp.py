"""Mail over SMTP: protected, bounded, and clear about what is worth another attempt. Against a real mail server."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from aiosmtpd.smtp import AuthResult

from tests.adapters.http.self_signed import self_signed
from tests.adapters.http.wild_server import Answer, dripping, fixed, silent, wild_server
from vad.adapters.mail.message import Sender
from vad.adapters.mail.smtp import MailUnavailableError, Server, SmtpMailer
from vad.domain.contact import EmailAddress
from vad.domain.notice import Text
from vad.sandbox.mail_server import mail_server
from vad.sandbox.ports import free_port
from vad.services.deliveries import UndeliverableError
from vad.services.ports.mail import Mail

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SENDER = Sender("Zorg & Co, afdeling é", "berichten@vad.example", "hulp@vad.example")
TO = "jan@post.example"

Inbox = list[tuple[str, EmailMessage]]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give a certificate for `localhost` and its key."""
    return self_signed(tmp_path_factory.mktemp("certificate"))


@contextmanager
def serving(**more: Any) -> Iterator[tuple[int, Inbox]]:
    """Serve mail; gives the port and what comes in."""
    inbox: Inbox = []
    with mail_server(free_port(), lambda to, message: inbox.append((to, message)), **more) as port:
        yield port, inbox


def tls_of(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """Give the server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def mailer(port: int, security: Any = "none", *, total: float = 5.0, **more: Any) -> SmtpMailer:
    """Give a mailer for a server on this machine."""
    return SmtpMailer(Server("localhost", port, security, "vad.example", **more), SENDER, connect=2.0, total=total)


def a_mail(to: str = TO, text: Text = Text.EMAIL_CHECK, language: str = "nl", code: str | None = "123456") -> Mail:
    """Give a mail with an id of its own."""
    return Mail(uuid4(), EmailAddress(to), text, language, code)


def test_a_mail_arrives_as_it_was_meant() -> None:
    """Text alone, in the person's language, with a name that stays the same, and nothing that answers by itself."""
    mail = a_mail()
    with serving() as (port, inbox):
        for at in (AT, AT + timedelta(hours=1)):
            mailer(port).send(mail, at)
        mailer(port).send(a_mail(language="en", text=Text.CHILD_TURNS_12, code=None), AT)
    (to, message), (_, again), (_, english) = inbox
    assert to == TO
    assert message["To"] == TO
    assert message["From"].addresses[0].display_name == SENDER.name
    assert message["Subject"] == "Uw code voor berichten van VAD"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == again["Message-ID"] == f"<{mail.message_id}@vad.example>"
    assert (message["Content-Language"], english["Content-Language"]) == ("nl", "en")
    assert message.get_content_type() == "text/plain"
    assert "\n\n123456\n\n" in message.get_content().replace("\r\n", "\n")
    assert SENDER.questions in message.get_content()
    assert english["Subject"] == "Your child turns 12"
    assert "http" not in message.get_content() + english.get_content()


def test_what_the_server_says_decides_whether_to_try_again() -> None:
    """4xx waits, 5xx about this address is the end; what is logged names neither address nor the server's words."""
    with serving() as (port, inbox), structlog.testing.capture_logs() as logs:
        with pytest.raises(UndeliverableError) as never:
            mailer(port).send(a_mail("onbekend@post.example"), AT)
        with pytest.raises(MailUnavailableError) as later:
            mailer(port).send(a_mail("later@post.example"), AT)
        mailer(port).send(a_mail("later@post.example"), AT)
    assert [to for to, _ in inbox] == ["later@post.example"]
    assert [entry["fault"] for entry in logs] == ["RCPT 550", "SMTPResponseException 451"]
    assert "post.example" not in f"{logs} {never.value!r} {later.value!r}"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_connection_is_protected_and_the_certificate_checked(certificate: tuple[Path, Path], security: str) -> None:
    """By STARTTLS or from the first byte; a certificate that nobody vouches for gets neither mail nor password."""
    asked: list[bytes] = []

    def authenticate(_server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> AuthResult:
        asked.append(data.password)
        return AuthResult(success=data.password == b"geheim", handled=False)

    tls = tls_of(certificate)
    named = (
        {"tls_context": tls, "require_starttls": True, "auth_required": True}
        if security == "starttls"
        else {"ssl_context": tls, "auth_require_tls": False}
    )
    known: dict[str, Any] = {"username": "vad", "ca_file": certificate[0]}
    with serving(authenticator=authenticate, **named) as (port, inbox):
        with pytest.raises(MailUnavailableError, match="CertVerif"):
            mailer(port, security, username="vad", password="geheim").send(a_mail(), AT)
        assert asked == []
        with pytest.raises(MailUnavailableError, match="SMTPAuthenticationError 535"):
            mailer(port, security, password="fout", **known).send(a_mail(), AT)
        assert inbox == []
        mailer(port, security, password="geheim", **known).check()
        mailer(port, security, password="geheim", **known).send(a_mail(), AT)
    assert [to for to, _ in inbox] == [TO]


def test_a_server_without_tls_gets_nothing() -> None:
    """Who strips STARTTLS from the answer learns no address."""
    with serving() as (port, inbox), pytest.raises(MailUnavailableError, match="SMTPNotSupportedError"):
        mailer(port, "starttls").send(a_mail(), AT)
    assert inbox == []


@pytest.mark.parametrize(
    "answer",
    [silent, dripping(b"220-", b"x"), dripping(b"", b"220-on and on\r\n"), fixed(b"\xff\xfe\r\n"), fixed(b"")],
    ids=["silent", "one line", "many lines", "garbage", "closed"],
)
def test_a_server_that_misbehaves_costs_so_much_and_no_more(answer: Answer) -> None:
    """However it holds us up: the transaction of the outbox is open meanwhile."""
    with wild_server(answer) as address:
        began = time.monotonic()
        with pytest.raises(MailUnavailableError):
            mailer(int(address.rpartition(":")[2]), total=1.0).send(a_mail(), AT)
        assert time.monotonic() - began < 3


def test_a_server_that_is_not_there() -> None:
    """It may come back."""
    with pytest.raises(MailUnavailableError, match="ConnectionRefusedError"):
        mailer(free_port()).check()
