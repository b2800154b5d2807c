"""What every walk of somebody who acts for another does in `vad demo --check`."""

import re
from dataclasses import dataclass
from html import unescape

from vad.sandbox.demo.browser import Browser, Page
from vad.sandbox.demo.configuration import Configuration
from vad.sandbox.demo.layout import ASKING, NAMES, SOURCES
from vad.sandbox.demo.steps import CheckFailedError, Steps
from vad.sandbox.persons import Person

_REFUSED = 400
_CHOICE = re.compile(r'<label[^>]* for="(represented-[a-z0-9]+)"[^>]*>([^<]*)<')


@dataclass(frozen=True)
class ActingSteps(Steps):
    """Steps among people of the demo."""

    configuration: Configuration

    def named(self, bsn: str) -> Person:
        """The test person with this BSN."""
        found = next((person for person in self.configuration.persons if person.bsn == bsn), None)
        if found is None:
            raise CheckFailedError("the configuration of the demo lacks a test person")
        return found

    def is_there(self, page: Page, identifier: str) -> None:
        """Be at the page with this element."""
        if identifier not in page.elements:
            raise CheckFailedError(f"this is not the page with {identifier}: {page}")

    def ask_again(self, browser: Browser) -> None:
        """From the app's home to the question whose data, of somebody who is logged in there."""
        self.to_vad(browser)
        self.is_there(browser.page, "represented-continue")

    def act_for(self, browser: Browser, bsn: str) -> Page:
        """Choose this person, agree to every source, and see all their data in the app."""
        name = self.named(bsn).full_name
        choice = next((radio for label, radio in _choices(browser.page).items() if name in label), None)
        if choice is None:
            raise CheckFailedError(f"{name} cannot be chosen")
        self.expect(browser.press("represented-continue", {choice: True}), "vad")
        self.expect(browser.press("acting-continue"), "vad")
        page = self.consent(browser)
        self.data_of_every_source(page)
        return page

    def cannot_choose(self, page: Page, bsn: str) -> None:
        """This person is not among those to choose from."""
        name = self.named(bsn).full_name
        if any(name in label for label in _choices(page)):
            raise CheckFailedError(f"{name} can be chosen")

    def told_ground(self, browser: Browser, ground: str) -> None:
        """Every source is told this ground, and who asks."""
        for source, (_, claims) in self.own_tokens(browser).items():
            if claims.get("act", {}).get("sub") in (None, claims["sub"]):
                raise CheckFailedError(f"{NAMES[source]} is not told that somebody acts")
            if [each.get("basis") for each in claims.get("authorization_details", [])] != [ground]:
                raise CheckFailedError(f"{NAMES[source]} is told another ground")

    def refused_by_who_asks(self, browser: Browser) -> None:
        """The sources that ask VAD refuse the tokens that the app holds."""
        page = browser.open(f"{self.layout.address('pgo')}/gegevens")
        self.expect(page, "pgo")
        for source in ASKING:
            number = SOURCES.index(source) + 1
            outcome = page.elements.get(f"data-{number}", {}).get("data-outcome", "not there")
            if outcome != "refused":
                raise CheckFailedError(f"{NAMES[source]}: {outcome}")

    def no_new_token(self, browser: Browser) -> None:
        """Asked for a token for every source anew, VAD says no to the app, each time."""
        before = len(self.received(browser))
        page = browser.open(f"{self.layout.address('pgo')}/gegevens?opnieuw=1")
        self.expect(page, "pgo")
        for number, source in enumerate(SOURCES, start=1):
            outcome = page.elements.get(f"data-{number}", {}).get("data-outcome", "not there")
            if outcome != "no_token":
                raise CheckFailedError(f"{NAMES[source]}: {outcome}")
        # The app has no token either where VAD is away: that is no refusal.
        answers = [each.get("status") for each in self.received(browser)[before:]]
        if len(answers) < len(SOURCES) or set(answers) != {_REFUSED}:
            raise CheckFailedError(f"VAD answered {answers}")

    def own_page(self, browser: Browser, path: str, bsn: str, then: str) -> None:
        """One of the person's own pages, through DigiD; from the page after logging in, which may be another."""
        address = f"{self.layout.address('vad')}/mijn/{path}"
        self.expect(browser.open(address), "vad")
        self.to_digid(browser)
        self.expect(browser.press("login-submit", {"bsn": bsn}), "vad")
        self.is_there(browser.open(address), then)


def _choices(page: Page) -> dict[str, str]:
    """Who can be chosen: what the label says, and the id of the radio button."""
    return {unescape(label).strip(): radio for radio, label in _CHOICE.findall(page.text)}
