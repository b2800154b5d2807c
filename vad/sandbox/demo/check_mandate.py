"""The walk of two partners in `vad demo --check`: one authorises the other by a code, and stops it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from vad.sandbox.demo.browser import Browser, Page
from vad.sandbox.demo.check_acting import choices
from vad.sandbox.demo.check_young import YoungSteps
from vad.sandbox.demo.layout import ASKING, NAMES, SOURCES
from vad.sandbox.demo.steps import CheckFailedError

_GIVES, _HELPS = "999990019", "999990457"
_GROUND = "urn:nl-vad:1.0:RT:Vrijwillige_Machtiging"
_CODE = re.compile(r'id="mandate-code">([^<]+)<')


@dataclass(frozen=True)
class MandateSteps(YoungSteps):
    """The steps; each builds upon those before."""

    def of_partners(self, gives: Browser, helps: Browser) -> list[tuple[str, Callable[[], None]]]:
        """What to say of each step, and the step. Nobody is logged in yet."""
        return [
            ("Somebody authorises their partner by a code, who accepts", lambda: self._authorise(gives, helps)),
            ("The partner chooses them, and every source is told on what ground", lambda: self._act(helps)),
            ("Who gave it sees it, and stops it", lambda: self._revoke(gives)),
            ("The source that asks VAD refuses from then on, and the next exchange fails", lambda: self._over(helps)),
        ]

    def _authorise(self, gives: Browser, helps: Browser) -> None:
        self._own_page(gives, "machtigen/wie", _GIVES, "continue")
        gives.press("continue", {"label": self.named(_HELPS).full_name})
        every = {
            each.identifier: True for form in gives.page.forms for each in form.fields if each.name == "data_service"
        }
        gives.press("continue", {**every, "app-every": True})
        gives.press("continue", {"term-1": True})
        code = _CODE.search(gives.press("make").text)
        if code is None:
            raise CheckFailedError(f"there is no code at {gives.page}")
        self._own_page(helps, "machtigingen/code", _HELPS, "continue")
        born = self.named(_GIVES).birth
        day = {"birth-day": str(born.day), "birth-month": str(born.month), "birth-year": str(born.year)}
        self._is_there(helps.press("continue", {"code": code[1], **day}), "accept")
        self._is_there(helps.press("accept"), "stop-1")

    def _act(self, helps: Browser) -> None:
        self.to_vad(helps)
        # Logged in at VAD for their own pages: the app asks for the first time.
        self.expect(helps.press("continue"), "vad")
        self._is_there(helps.page, "represented-continue")
        name = self.named(_GIVES).full_name
        choice = next((radio for label, radio in choices(helps.page).items() if name in label), None)
        if choice is None:
            raise CheckFailedError(f"{name} cannot be chosen")
        self.expect(helps.press("represented-continue", {choice: True}), "vad")
        self.expect(helps.press("acting-continue"), "vad")
        self.data_of_every_source(self.consent(helps))
        for source, (_, claims) in self.own_tokens(helps).items():
            grounds = [each.get("basis") for each in claims.get("authorization_details", [])]
            if grounds != [_GROUND]:
                raise CheckFailedError(f"{NAMES[source]} is told another ground")
        self.no_bsn(helps, _GIVES, _HELPS)

    def _revoke(self, gives: Browser) -> None:
        page = gives.open(f"{self.layout.address('vad')}/mijn/machtigingen/gegeven")
        self._is_there(page, "stop-1")
        gives.open(f"{self.layout.address('vad')}{page.elements['stop-1']['href']}")
        self.expect(gives.press("stop"), "vad")

    def _over(self, helps: Browser) -> None:
        page = helps.open(f"{self.layout.address('pgo')}/gegevens")
        self.expect(page, "pgo")
        for source in ASKING:
            number = SOURCES.index(source) + 1
            outcome = page.elements.get(f"data-{number}", {}).get("data-outcome", "not there")
            if outcome != "refused":
                raise CheckFailedError(f"{NAMES[source]}: {outcome}")
        self._ask_again(helps)
        if any(self.named(_GIVES).full_name in label for label in choices(helps.page)):
            raise CheckFailedError("they can still be chosen")

    def _own_page(self, browser: Browser, path: str, bsn: str, then: str) -> Page:
        """One of the person's own pages, through DigiD; from the page after logging in, which may be another."""
        address = f"{self.layout.address('vad')}/mijn/{path}"
        self.expect(browser.open(address), "vad")
        self.to_digid(browser)
        self.expect(browser.press("login-submit", {"bsn": bsn}), "vad")
        page = browser.open(address)
        self._is_there(page, then)
        return page
