"""The port `Mailer` over SMTP (RFC 5321): one connection a mail, bounded as a whole, its certificate checked."""

import io
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import structlog

from vad.adapters.http.deadline import UntilDeadline
from vad.adapters.mail.message import Sender, message
from vad.domain.errors import UnavailableError
from vad.services.deliveries import UndeliverableError
from vad.services.ports.mail import Mail

_NOT_NOW, _NEVER = 400, 500


class MailUnavailableError(UnavailableError):
    """The mail server is away, or doesn't take this mail now. The text names no address."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over, and how."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    own_name: str
    """What we say that we are called."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def tls(self) -> ssl.SSLContext:
        """Certificate and name of the server are checked."""
        return ssl.create_default_context(cafile=None if self.ca_file is None else str(self.ca_file))


class SmtpMailer:
    """Hands mail over to one server. `connect` and `total` are seconds: to a connection, and for everything."""

    def __init__(self, server: Server, sender: Sender, *, connect: float, total: float) -> None:
        self._server = server
        self._sender = sender
        self._connect = connect
        self._total = total

    def send(self, mail: Mail, at: datetime) -> None:
        try:
            with self._connected() as smtp:
                _hand_over(smtp, self._sender.address, mail.to.reveal(), message(mail, self._sender, at).as_bytes())
        except _RefusedError as error:
            _tell(str(error))
            raise UndeliverableError("the mail server will never take this mail") from None
        except (smtplib.SMTPException, OSError) as error:
            raise _unavailable(error) from None

    def check(self) -> None:
        """Connect and log in, as for a mail, and send none. Raises `MailUnavailableError`."""
        try:
            with self._connected() as smtp:
                smtp.noop()
        except (smtplib.SMTPException, OSError) as error:
            raise _unavailable(error) from None

    @contextmanager
    def _connected(self) -> Iterator["_Bounded"]:
        server = self._server
        smtp = _Bounded(server, self._connect, self._total)
        try:
            if server.security == "starttls":
                smtp.starttls(context=server.tls())
            if server.username is not None:
                smtp.login(server.username, server.password or "")
            yield smtp
            # What was taken is taken, however the goodbye goes.
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            smtp.close()


class _RefusedError(Exception):
    """A 5xx about the recipient or about the mail itself."""


class _Bounded(smtplib.SMTP):
    """A connection on which every command and answer must be done before one moment."""

    def __init__(self, server: Server, connect: float, total: float) -> None:
        self._until = time.monotonic() + total
        self._server = server
        super().__init__(server.host, server.port, server.own_name, timeout=min(connect, total))

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        if self._server.security != "tls":
            return plain
        try:
            plain.settimeout(self._left())
            return self._server.tls().wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise

    def send(self, s: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self._left())
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            # Its time-out counts for everything that is read, not for each piece.
            self.file = io.BufferedReader(UntilDeadline(self.sock, self._left()))
        return super().getreply()

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the mail server takes too long")
        return left


def _hand_over(smtp: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
    """One mail. What the server holds against us, and not against this mail, may be mended: that is no refusal."""
    smtp.ehlo_or_helo_if_needed()
    _taken("MAIL", smtp.mail(sender)[0], final=False)
    _taken("RCPT", smtp.rcpt(recipient)[0], final=True)
    _taken("DATA", smtp.data(content)[0], final=True)


def _taken(command: str, status: int, *, final: bool) -> None:
    if status < _NOT_NOW:
        return
    if final and status >= _NEVER:
        raise _RefusedError(f"{command} {status}")
    raise smtplib.SMTPResponseException(status, command)


def _unavailable(error: Exception) -> MailUnavailableError:
    """Such exceptions hold addresses, and words of a stranger: the kind goes on, and a number."""
    status = getattr(error, "smtp_code", None)
    fault = type(error).__name__ if status is None else f"{type(error).__name__} {status}"
    _tell(fault)
    return MailUnavailableError(f"mail: {fault}")


def _tell(fault: str) -> None:
    structlog.get_logger(__name__).warning("mail_not_taken", fault=fault)
