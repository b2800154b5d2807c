"""The walk of a parent in `vad demo --check`: to the data of a young child, and not to that of an older one."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

from vad.sandbox.demo.browser import Browser, Page
from vad.sandbox.demo.configuration import Configuration
from vad.sandbox.demo.layout import NAMES
from vad.sandbox.demo.steps import CheckFailedError, Steps
from vad.sandbox.persons import Person

_PARENT, _CHILD, _OLDER = "999992302", "999992454", "999992545"
_CHOICE = re.compile(r'<label[^>]* for="(represented-[a-z0-9]+)"[^>]*>([^<]*)<')


@dataclass(frozen=True)
class ParentSteps(Steps):
    """The steps; each builds upon those before."""

    configuration: Configuration

    def all(self, parent: Browser) -> list[tuple[str, Callable[[], None]]]:
        """What to say of each step, and the step."""
        return [
            ("A parent logs in, and VAD asks whose data to show", lambda: self._log_in(parent)),
            ("A child of 14 cannot be chosen", lambda: self._older_child(parent.page)),
            ("For a child of 8 the app shows data of every source, and says for whom", lambda: self._child(parent)),
            ("Every source is told who asks for whom, and the app no BSN", lambda: self._tokens(parent)),
        ]

    def _log_in(self, browser: Browser) -> None:
        self.to_vad(browser)
        self.to_digid(browser)
        self.log_in(browser, _PARENT, "represented-continue")

    def _older_child(self, page: Page) -> None:
        name = self.named(_OLDER).full_name
        if name not in unescape(page.text):
            raise CheckFailedError(f"the page does not say why {name} is missing")
        if any(name in label for label in choices(page)):
            raise CheckFailedError(f"{name} can be chosen")

    def _child(self, browser: Browser) -> None:
        name = self.named(_CHILD).full_name
        choice = next((radio for label, radio in choices(browser.page).items() if name in label), None)
        if choice is None:
            raise CheckFailedError(f"{name} cannot be chosen")
        self.expect(browser.press("represented-continue", {choice: True}), "vad")
        self.expect(browser.press("acting-continue"), "vad")
        page = self.consent(browser)
        self.data_of_every_source(page)
        if "acting" not in page.elements or name not in unescape(page.text):
            raise CheckFailedError(f"the app does not say that the data is of {name}")

    def _tokens(self, browser: Browser) -> None:
        for source, (_, claims) in self.own_tokens(browser).items():
            if claims.get("act", {}).get("sub") in (None, claims["sub"]):
                raise CheckFailedError(f"{NAMES[source]} is not told that somebody acts")
        self.no_bsn(browser, _PARENT, _CHILD)

    def named(self, bsn: str) -> Person:
        """The test person with this BSN."""
        found = next((person for person in self.configuration.persons if person.bsn == bsn), None)
        if found is None:
            raise CheckFailedError("the configuration of the demo lacks a test person of the family")
        return found


def choices(page: Page) -> dict[str, str]:
    """Who can be chosen: what the label says, and the id of the radio button."""
    return {unescape(label).strip(): radio for radio, label in _CHOICE.findall(page.text)}
