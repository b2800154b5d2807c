"""A web browser of the simplest kind: no scripts, no images; it follows redirects, keeps cookies and fills in forms.

Elements are named by their `id`, so that whoever writes a check needs to know nothing else of a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import requests

from vad.sandbox.errors import SandboxError
from vad.sandbox.outgoing import new_session

_TIMEOUT = (5, 30)
_TICKED = ("checkbox", "radio")
_NOT_SENT = ("submit", "button", "reset", "image", "file")


class PageError(SandboxError):
    """A page is not what was expected; the message is one line."""


@dataclass
class Field:
    """A control of a form. `ticked` counts for check boxes and radio buttons only."""

    name: str
    identifier: str
    kind: str
    value: str
    ticked: bool = False


@dataclass
class Form:
    """A form with its controls and its buttons."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)
    buttons: list[Field] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """What came back: `url` after all redirects. `elements` are the attributes of everything that has an id."""

    url: str
    status: int
    text: str
    forms: tuple[Form, ...]
    elements: Mapping[str, Mapping[str, str]]
    heading: str

    @property
    def address(self) -> str:
        """The address without its query, which may hold secrets."""
        return self.url.partition("?")[0]

    def __str__(self) -> str:
        return f"{self.address} ({self.status}: {self.heading})"


class Browser:
    """One browser with its own cookies, showing one page at a time."""

    def __init__(self) -> None:
        self._session = new_session()
        self.page = Page("", 0, "", (), {}, "nothing opened yet")

    def open(self, url: str) -> Page:
        """Go to an address. Raises `PageError` when nothing answers."""
        return self._show("GET", url, {})

    def press(self, button: str, fill: Mapping[str, str | bool] | None = None) -> Page:
        """Fill in the form that holds `button`, by the ids of its controls, and press it.

        Text goes into fields and lists, True and False tick and untick. Raises `PageError` for an id that is not there.
        """
        return self._show(*self._filled(button, fill))

    def download(self, button: str, fill: Mapping[str, str | bool] | None = None) -> bytes:
        """Press where a file comes back: its bytes. The page stays as it was."""
        answer = self._ask(*self._filled(button, fill))
        if not answer.headers.get("Content-Disposition", "").startswith("attachment"):
            raise PageError(f"expected a file, not {self.read(answer)}")
        return answer.content

    def _filled(self, button: str, fill: Mapping[str, str | bool] | None) -> tuple[str, str, Mapping[str, list[str]]]:
        form = next((form for form in self.page.forms if any(b.identifier == button for b in form.buttons)), None)
        if form is None:
            raise PageError(f"there is no button {button} at {self.page}")
        for identifier, value in (fill or {}).items():
            control = next((each for each in form.fields if each.identifier == identifier), None)
            if control is None:
                raise PageError(f"there is no field {identifier} at {self.page}")
            _set(control, value, form)
        pressed = [b for b in form.buttons if b.identifier == button and b.name]
        sent = [each for each in form.fields if each.name and (each.ticked or each.kind not in _TICKED)]
        values: dict[str, list[str]] = {}
        for each in (*sent, *pressed):
            values.setdefault(each.name, []).append(each.value)
        return form.method, urljoin(self.page.url, form.action), values

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def _show(self, method: str, url: str, values: Mapping[str, list[str]]) -> Page:
        self.page = self.read(self._ask(method, url, values))
        return self.page

    def _ask(self, method: str, url: str, values: Mapping[str, list[str]]) -> requests.Response:
        body, query = (values, None) if method == "POST" else (None, values)
        try:
            return self._session.request(method, url, data=body, params=query, timeout=_TIMEOUT)
        except requests.RequestException as error:
            reason = type(error).__name__
            raise PageError(f"{urlsplit(url).netloc} gives no answer ({reason})") from error

    @staticmethod
    def read(answer: requests.Response) -> Page:
        """Read an answer as a page."""
        reader = _Reader()
        reader.feed(answer.text)
        reader.close()
        heading = " ".join("".join(reader.heading).split())
        return Page(answer.url, answer.status_code, answer.text, tuple(reader.forms), reader.elements, heading)


def _set(control: Field, value: str | bool, form: Form) -> None:  # noqa: FBT001 - what a person does to a box
    if isinstance(value, str):
        control.value = value
        return
    if control.kind == "radio" and value:
        for other in form.fields:
            if other.kind == "radio" and other.name == control.name:
                other.ticked = False
    control.ticked = value


class _Reader(HTMLParser):
    """Collects forms, ids and the first heading of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.elements: dict[str, dict[str, str]] = {}
        self.heading: list[str] = []
        self._form: Form | None = None
        self._select: Field | None = None
        self._first = True
        self._area: Field | None = None
        self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.elements[found["id"]] = found
        if tag == "h1":
            self._in_heading = not self.heading
        elif tag == "form":
            self._form = Form(found.get("action", ""), found.get("method", "get").upper())
            self.forms.append(self._form)
        elif self._form is not None and "disabled" not in found:
            self._control(self._form, tag, found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "h1":
            self._in_heading = False
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self.heading.append(data)
        if self._area is not None:
            # Of a new line right behind the tag no browser sends anything.
            self._area.value += data if self._area.value else data.removeprefix("\n")

    def _control(self, form: Form, tag: str, found: Mapping[str, str]) -> None:
        name, identifier = found.get("name", ""), found.get("id", "")
        kind = found.get("type", "submit" if tag == "button" else "text").lower()
        if tag == "button" or (tag == "input" and kind in _NOT_SENT):
            form.buttons.append(Field(name, identifier, kind, found.get("value", "")))
        elif tag == "input":
            value = found.get("value", "on" if kind in _TICKED else "")
            form.fields.append(Field(name, identifier, kind, value, "checked" in found))
        elif tag in ("select", "textarea"):
            control = Field(name, identifier, tag, "")
            self._select, self._first = control if tag == "select" else None, True
            self._area = control if tag == "textarea" else None
            form.fields.append(control)
        elif tag == "option" and self._select is not None and ("selected" in found or self._first):
            self._select.value, self._first = found.get("value", ""), False
