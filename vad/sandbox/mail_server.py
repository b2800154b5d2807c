"""A real mail server (SMTP) that keeps all mail for itself, whoever it is for.

What it does with an address is in its local part: `onbekend` is refused for good, `later` the first time.
"""

import email
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from threading import Lock
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session

from vad.sandbox.errors import PortTakenError
from vad.sandbox.ports import LOOPBACK

_TAKEN, _UNKNOWN, _LATER = "250 OK", "550 5.1.1 no such user", "451 4.7.1 try again later"
Take = Callable[[str, EmailMessage], None]


class Handler:
    """What happens to each mail. Its methods are named as aiosmtpd looks them up."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._put_off: set[str] = set()
        self._deciding = Lock()

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: object, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        local = address.partition("@")[0]
        if local == "onbekend":
            return _UNKNOWN
        with self._deciding:
            if local == "later" and address not in self._put_off:
                self._put_off.add(address)
                return _LATER
        envelope.rcpt_tos.append(address)
        return _TAKEN

    async def handle_DATA(self, _server: object, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail."""
        content = cast("bytes", envelope.content)
        message = email.message_from_bytes(content, policy=SMTP)
        for recipient in envelope.rcpt_tos:
            self._take(recipient, message)
        return _TAKEN


@contextmanager
def mail_server(port: int, take: Take, **more: Any) -> Iterator[int]:
    """Serve on 127.0.0.1 for as long as the context lasts; yields the port. `more` goes to aiosmtpd's Controller.

    Raises `PortTakenError`.
    """
    controller = Controller(Handler(take), hostname=LOOPBACK, port=port, ident="sandbox", **more)
    try:
        controller.start()
    except OSError as error:
        raise PortTakenError(f"port {port} is taken by another program") from error
    try:
        yield port
    finally:
        controller.stop()
