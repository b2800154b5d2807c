"""The walk of two partners in `vad demo --check`: one authorises the other by a code, and stops it."""

import re
from collections.abc import Callable

from vad.sandbox.demo.browser import Browser
from vad.sandbox.demo.steps import CheckFailedError
from vad.sandbox.demo.steps_acting import ActingSteps

_GIVES, _HELPS = "999990019", "999990457"
_GROUND = "urn:nl-vad:1.0:RT:Vrijwillige_Machtiging"
_CODE = re.compile(r'id="mandate-code">([^<]+)<')


class MandateSteps(ActingSteps):
    """The steps; each builds upon those before."""

    def all(self, gives: Browser, helps: Browser) -> list[tuple[str, Callable[[], None]]]:
        """What to say of each step, and the step. Nobody is logged in yet."""
        return [
            ("Somebody authorises their partner by a code, who accepts", lambda: self._authorise(gives, helps)),
            ("The partner chooses them, and every source is told on what ground", lambda: self._act(helps)),
            ("Who gave it sees it, and stops it", lambda: self._revoke(gives)),
            (
                "No source gets a token any more, the one that asks VAD refuses, and they cannot be chosen",
                lambda: self._over(helps),
            ),
        ]

    def _authorise(self, gives: Browser, helps: Browser) -> None:
        self.own_page(gives, "machtigen/wie", _GIVES, "continue")
        gives.press("continue", {"label": self.named(_HELPS).full_name})
        every = {
            each.identifier: True for form in gives.page.forms for each in form.fields if each.name == "data_service"
        }
        gives.press("continue", {**every, "app-every": True})
        gives.press("continue", {"term-1": True})
        code = _CODE.search(gives.press("make").text)
        if code is None:
            raise CheckFailedError(f"there is no code at {gives.page}")
        self.own_page(helps, "machtigingen/code", _HELPS, "continue")
        born = self.named(_GIVES).birth
        day = {"birth-day": str(born.day), "birth-month": str(born.month), "birth-year": str(born.year)}
        self.is_there(helps.press("continue", {"code": code[1], **day}), "accept")
        self.is_there(helps.press("accept"), "stop-1")

    def _act(self, helps: Browser) -> None:
        self.to_vad(helps)
        # Logged in at VAD for their own pages: the app asks for the first time.
        self.expect(helps.press("continue"), "vad")
        self.is_there(helps.page, "represented-continue")
        self.act_for(helps, _GIVES)
        self.told_ground(helps, _GROUND)
        self.no_bsn(helps, _GIVES, _HELPS)

    def _revoke(self, gives: Browser) -> None:
        page = gives.open(f"{self.layout.address('vad')}/mijn/machtigingen/gegeven")
        self.is_there(page, "stop-1")
        gives.open(f"{self.layout.address('vad')}{page.elements['stop-1']['href']}")
        self.expect(gives.press("stop"), "vad")

    def _over(self, helps: Browser) -> None:
        self.refused_by_who_asks(helps)
        self.no_new_token(helps)
        self.ask_again(helps)
        self.cannot_choose(helps.page, _GIVES)
