"""What every walk of `vad demo --check` does: go to a page, be sure to be there, look at what the app received."""

import json
from dataclasses import dataclass
from typing import Any

from vad.sandbox.demo.browser import Browser, Page, PageError
from vad.sandbox.demo.layout import NAMES, SOURCES, Layout
from vad.sandbox.errors import SandboxError

_OK = 200


class CheckFailedError(SandboxError):
    """A step did not go as it must; the message is one line."""


@dataclass(frozen=True)
class Steps:
    """Steps in one demo."""

    layout: Layout

    def to_vad(self, browser: Browser) -> None:
        """From the app's home to VAD."""
        self.expect(browser.open(self.layout.address("pgo")), "pgo")
        self.expect(browser.press("login"), "vad")

    def to_digid(self, browser: Browser) -> None:
        """On to DigiD."""
        self.expect(browser.press("login-submit"), "digid")

    def log_in(self, browser: Browser, bsn: str, then: str) -> None:
        """Through DigiD, to VAD's page that has an element with the id `then`."""
        page = browser.press("login-submit", {"bsn": bsn})
        self.expect(page, "vad")
        if then not in page.elements:
            raise CheckFailedError(f"this is not the page with {then}: {page}")

    def consent(self, browser: Browser, pgo: str = "pgo") -> Page:
        """Agree to every source, for this time."""
        boxes = {each.identifier: True for form in browser.page.forms for each in form.fields if each.name == "source"}
        page = browser.press("consent-give", {**boxes, "duration-once": True})
        self.expect(page, pgo)
        return page

    def data_of_every_source(self, page: Page) -> None:
        """The app shows data of each."""
        for number, source in enumerate(SOURCES, start=1):
            outcome = page.elements.get(f"data-{number}", {}).get("data-outcome", "not there")
            if outcome != "data":
                raise CheckFailedError(f"{NAMES[source]}: {outcome}")

    def own_tokens(self, browser: Browser, pgo: str = "pgo") -> dict[str, tuple[str, dict[str, Any]]]:
        """The token of every source that the app holds, and its claims."""
        found = {}
        for answer in self.received(browser, pgo):
            claims = answer.get("opened", {}).get("access_token", {}).get("claims", {})
            for source in SOURCES:
                if claims.get("aud") == self.layout.address(source):
                    found[source] = answer["body"]["access_token"], claims
        lacking = [NAMES[source] for source in SOURCES if source not in found]
        if lacking:
            raise CheckFailedError(f"none for {', '.join(lacking)}")
        return found

    def no_bsn(self, browser: Browser, *bsns: str) -> None:
        """Nothing that the app received holds one of these."""
        text = browser.open(f"{self.layout.address('pgo')}/received").text
        if any(bsn in text for bsn in bsns):
            raise CheckFailedError("it is in what VAD sent")

    def expect(self, page: Page, key: str) -> None:
        """Be at a page of this program."""
        if page.status != _OK or not page.url.startswith(f"{self.layout.address(key)}/"):
            raise PageError(f"expected a page of {NAMES[key]}, not {page}")

    def received(self, browser: Browser, pgo: str = "pgo") -> list[dict[str, Any]]:
        """All that VAD sent to the app, oldest first."""
        page = browser.open(f"{self.layout.address(pgo)}/received")
        try:
            received: list[dict[str, Any]] = json.loads(page.text)["received"]
        except (ValueError, LookupError) as error:
            raise CheckFailedError(f"the app does not tell what it received: {page}") from error
        return received
