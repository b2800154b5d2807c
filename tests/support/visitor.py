"""A person at a real browser's window, with a mouse or a keyboard alone, and all that the browser objects to."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, expect

from tests.support.focus import focus_can_be_seen
from tests.support.town import Town

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--js-flags=--no-opt --no-maglev",
)
"""Of the browser: no calls to anybody's servers, fit for a container; and what is read once is not worth optimizing."""

_MOST_STOPS = 80
_ERROR = 400
_GONE_ON = "net::ERR_ABORTED"
"""The browser stopped fetching by itself, because the person went on to another page; what a policy blocks is "csp"."""


class Hands(StrEnum):
    """What a person works the pages with."""

    MOUSE = "mouse"
    KEYBOARD = "keyboard"


@dataclass
class Complaints:
    """What the browser objected to: blocked by a policy, not found, broken off, or said on its console."""

    _heard: list[tuple[str, str]] = field(default_factory=list)
    _error_pages: set[str] = field(default_factory=set)

    def listen(self, context: BrowserContext) -> None:
        """Hear everything of every page of this context."""
        context.on("console", self._on_console)
        context.on("requestfailed", self._on_failed)
        context.on("response", self._on_response)
        context.on("weberror", lambda error: self._heard.append((f"script: {error.error}", "")))

    @property
    def found(self) -> list[str]:
        """All of it, but for Chromium's remark that a page of ours came with an error status."""
        return [f"{text} ({url})" for text, url in self._heard if not self._is_status_of_page(text, url)]

    def taken(self) -> list[str]:
        """All of it so far, which is not heard again."""
        found = self.found
        self._heard.clear()
        return found

    def _is_status_of_page(self, text: str, url: str) -> bool:
        return text.startswith("Failed to load resource: the server responded") and url in self._error_pages

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._heard.append((message.text, message.location["url"]))

    def _on_failed(self, request: Request) -> None:
        if request.failure != _GONE_ON:
            self._heard.append((f"request failed: {request.failure}", request.url))

    def _on_response(self, response: Response) -> None:
        if response.status < _ERROR:
            return
        if response.request.is_navigation_request():
            self._error_pages.add(response.url)
        else:
            self._heard.append((f"status {response.status}", response.url))


class Visitor:
    """Goes through pages by CSS selectors, as one with a mouse or one with only a keyboard would."""

    def __init__(self, town: Town, page: Page, hands: Hands = Hands.MOUSE) -> None:
        self.town = town
        self.page = page
        self._hands = hands

    def with_hands(self, hands: Hands) -> "Visitor":
        """Give the same person at the same page, working it otherwise."""
        return Visitor(self.town, self.page, hands)

    def open(self, address: str) -> None:
        """Type an address."""
        self.page.goto(address)

    def sees(self, heading: str) -> None:
        """Wait for the page with this heading."""
        expect(self.page.locator("h1")).to_have_text(heading)

    def at(self, address: str) -> None:
        """Wait for a page whose address ends like this regular expression."""
        expect(self.page).to_have_url(re.compile(f"{address}$"))

    def goes_on(self, first: str) -> None:
        """Wait for a page with `first`; keep the running login on the way, where VAD asks whether to."""
        asked = self.page.locator("#continue")
        expect(asked.or_(self.page.locator(first)).first).to_be_visible()
        if asked.is_visible():
            self.press("#continue")
            expect(self.page.locator(first).first).to_be_visible()

    def press(self, selector: str) -> None:
        """Press a button or follow a link."""
        if self._hands is Hands.MOUSE:
            self.page.click(selector)
        else:
            self._tab_to(selector)
            self.page.keyboard.press("Enter")

    def choose(self, selector: str) -> None:
        """Tick a box or choose a radio button."""
        control = self.page.locator(selector)
        if self._hands is Hands.MOUSE:
            self.page.check(selector)
        elif control.get_attribute("type") == "radio":
            self._tab_to(f"input[name='{control.get_attribute('name')}']")
            self._arrow_to(selector)
        else:
            self._tab_to(selector)
            self.page.keyboard.press("Space")
        expect(self.page.locator(selector)).to_be_checked()

    def start(self) -> None:
        """At the PGO's home, ask for the data of every source; arrives at VAD's login page."""
        self.open(self.town.address("pgo"))
        self.press("#login")

    def log_in(self, bsn: str, **choices: str) -> None:
        """From VAD's login page through the mock DigiD; `choices` name options of its lists, by id."""
        self.press("#login-submit")
        self.choose(f"#person-{bsn}")
        for name, value in choices.items():
            self.page.select_option(f"#{name}", value)
        self.press("#login-submit")

    def consent(self, *sources: int, duration: str = "once") -> None:
        """Agree to these sources, by number; `duration` is "once" or "until-stopped"."""
        for number in sources:
            self.choose(f"#source-{number}")
        self.choose(f"#duration-{duration}")
        self.press("#consent-give")

    def _arrow_to(self, selector: str) -> None:
        """Within a group of radio buttons, Tab stops once: the arrow keys choose among them."""
        self.page.keyboard.press("Space")
        for _ in range(_MOST_STOPS):
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            self.page.keyboard.press("ArrowDown")
            assert focus_can_be_seen(self.page), f"{self.page.url}: the focus cannot be seen on the way to {selector}"
        raise AssertionError(f"{self.page.url}: the arrow keys do not reach {selector}")

    def _tab_to(self, selector: str) -> None:
        """Press Tab until there, as somebody who must see at every stop where they are (WCAG 2.4.7)."""
        self.page.wait_for_selector(selector)
        for _ in range(_MOST_STOPS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement === document.body"):
                continue
            assert focus_can_be_seen(self.page), f"{self.page.url}: the focus cannot be seen on the way to {selector}"
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{self.page.url}: Tab does not reach {selector}")


class NewVisitor(Protocol):
    """Makes a visitor with a browser window of their own."""

    def __call__(self, hands: Hands = Hands.MOUSE, *, scripts: bool = True) -> Visitor: ...
