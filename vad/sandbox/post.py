"""The post box of the demo: a mail server and a post service that keep everything, and a page to read it on.

`POST /letters` takes a letter as PDF from whoever has the token. One whose `Idempotency-Key` is known is not posted
again. `GET /items` gives everything as JSON, for tests and for `vad demo --check`.
"""

import hmac
import io
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import count
from threading import Lock
from typing import Any

from flask import Flask, Response, abort, jsonify, render_template, request
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from vad.sandbox import faults, fields
from vad.sandbox.mail_server import mail_server
from vad.sandbox.serving import BESIDE

_KEPT = 500
"""Mails and letters; of more the oldest are gone."""
_LARGEST_LETTER = 2 * 1024 * 1024


@dataclass(frozen=True)
class Config:
    """Where mail comes in, and the token of whoever may post letters."""

    smtp_port: int
    token: str = field(repr=False)

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> "Config":
        """Read what `to_json` wrote. Raises `ConfigError` with one line."""
        fields.known_only(raw, ("smtp_port", "token"))
        port = raw.get("smtp_port")
        if type(port) is not int or not 0 < port < 2**16:
            raise fields.ConfigError("smtp_port must be a port")
        return Config(port, fields.text(raw, "token"))

    def to_json(self) -> dict[str, Any]:
        """The same as JSON; it holds the token."""
        return asdict(self)


@dataclass(frozen=True)
class Item:
    """A mail or a letter."""

    number: int
    at: datetime
    to: str
    """The address of a mail; the first lines of a letter."""
    subject: str
    text: str
    message_id: str = ""
    """Of a mail; the `Idempotency-Key` of a letter."""
    headers: tuple[tuple[str, str], ...] = ()
    pdf: bytes | None = field(default=None, repr=False)


class PostBox:
    """What has come in, newest first."""

    def __init__(self) -> None:
        self._items: deque[Item] = deque(maxlen=_KEPT)
        self._numbers = count(1)
        self._changing = Lock()

    def take_mail(self, to: str, message: EmailMessage) -> None:
        """Keep a mail."""
        body = message.get_body(("plain", "html"))
        text = "" if body is None else str(body.get_content()).replace("\r\n", "\n")
        headers = tuple((name, str(value)) for name, value in message.items())
        with self._changing:
            self._items.appendleft(
                Item(
                    number=next(self._numbers),
                    at=datetime.now(UTC),
                    to=to,
                    subject=str(message["Subject"] or ""),
                    text=text,
                    message_id=str(message["Message-ID"] or ""),
                    headers=headers,
                )
            )

    def take_letter(self, key: str, pdf: bytes) -> bool:
        """Keep a letter; False where it was posted before. Raises `ValueError` for what is no PDF."""
        try:
            reader = PdfReader(io.BytesIO(pdf))
            text = "\n".join(page.extract_text() for page in reader.pages)
            title = str(reader.metadata.title or "") if reader.metadata else ""
        except PyPdfError as error:
            raise ValueError("no PDF") from error
        with self._changing:
            if any(item.pdf is not None and item.message_id == key for item in self._items):
                return False
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            number, at = next(self._numbers), datetime.now(UTC)
            self._items.appendleft(Item(number, at, ", ".join(lines[:4]), title, text, key, pdf=pdf))
        return True

    def items(self) -> tuple[Item, ...]:
        """All of it."""
        with self._changing:
            return tuple(self._items)

    def item(self, number: int) -> Item | None:
        """One of them."""
        return next((item for item in self.items() if item.number == number), None)


def create_app(config: Config) -> Flask:
    """Build the program. Its mail server runs for as long as it is served."""
    desk = _Desk(config)
    app = Flask("vad.sandbox.post", static_folder="static/data_source", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_LETTER
    app.extensions[BESIDE] = desk.taking_mail
    faults.install(app)
    app.add_url_rule("/healthz", view_func=lambda: {"status": "ok"}, endpoint="healthz")
    app.add_url_rule("/letters", view_func=desk.letters, methods=["POST"])
    app.add_url_rule("/items", view_func=desk.items)
    app.add_url_rule("/", view_func=desk.home)
    app.add_url_rule("/bericht/<int:number>", view_func=desk.item)
    app.add_url_rule("/brief/<int:number>.pdf", view_func=desk.pdf)
    return app


class _Desk:
    """The routes."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._box = PostBox()

    @contextmanager
    def taking_mail(self) -> Iterator[None]:
        """Take mail for as long as the context lasts."""
        with mail_server(self._config.smtp_port, self._box.take_mail):
            yield

    def letters(self) -> tuple[Response, int]:
        """Take a letter."""
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(given, f"Bearer {self._config.token}".encode()):
            return jsonify(error="unauthorized"), 401
        key = request.headers.get("Idempotency-Key", "")
        if not key or request.mimetype != "application/pdf":
            return jsonify(error="send a PDF with an Idempotency-Key"), 400
        try:
            new = self._box.take_letter(key, request.get_data())
        except ValueError:
            return jsonify(error="this is no PDF"), 400
        return jsonify(status="posted" if new else "posted before"), 202

    def items(self) -> Response:
        """Everything, for programs."""
        return jsonify([_json(item) for item in self._box.items()])

    def home(self) -> str:
        """Everything, for people."""
        return render_template("post/home.html", items=self._box.items())

    def item(self, number: int) -> str:
        """One mail or letter."""
        return render_template("post/item.html", item=self._box.item(number) or abort(404))

    def pdf(self, number: int) -> Response:
        """One letter as it was posted."""
        found = self._box.item(number)
        if found is None or found.pdf is None:
            abort(404)
        return Response(found.pdf, content_type="application/pdf")


def _json(item: Item) -> dict[str, Any]:
    kind = "mail" if item.pdf is None else "letter"
    return {
        "number": item.number,
        "kind": kind,
        "to": item.to,
        "subject": item.subject,
        "text": item.text,
        "message_id": item.message_id,
        "headers": [list(header) for header in item.headers],
    }
