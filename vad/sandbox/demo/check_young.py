"""The walk of a child of 14 in `vad demo --check`: its mother sees what it allows, and nothing once it stops."""

from collections.abc import Callable

from vad.sandbox.demo.browser import Browser
from vad.sandbox.demo.steps import CheckFailedError
from vad.sandbox.demo.steps_acting import ActingSteps

_PARENT, _YOUNG = "999992302", "999992545"
_GROUND = "urn:nl-vad:1.0:RT:Gezag_En_Instemming_Kind"


class YoungSteps(ActingSteps):
    """The steps; each builds upon those before."""

    def all(self, parent: Browser, young: Browser) -> list[tuple[str, Callable[[], None]]]:
        """What to say of each step, and the step. The parent is logged in already."""
        return [
            ("A child of 14 lets its mother view data, on its own page of VAD", lambda: self._allow(young)),
            ("Then she can choose it, and every source is told on what ground", lambda: self._choose(parent)),
            ("The child sees what she did", lambda: self._activity(young)),
            ("Once the child stops, the source that asks VAD refuses her token", lambda: self._stop(parent, young)),
            ("And she cannot choose it any more", lambda: self._gone(parent)),
        ]

    def _allow(self, young: Browser) -> None:
        self.expect(young.open(f"{self.layout.address('vad')}/mijn/ouders"), "vad")
        self.to_digid(young)
        self.log_in(young, _YOUNG, "allow-1")
        page = young.open(f"{self.layout.address('vad')}{young.page.elements['allow-1']['href']}")
        self.expect(page, "vad")
        kinds = [field.identifier for form in page.forms for field in form.fields if field.name == "data_service"]
        self.expect(young.press("assents-continue", dict.fromkeys(kinds, True)), "vad")
        self.expect(young.press("assents-confirm"), "vad")
        self.is_there(young.page, "stop-1")

    def _choose(self, parent: Browser) -> None:
        self.ask_again(parent)
        self.act_for(parent, _YOUNG)
        self.told_ground(parent, _GROUND)
        self.no_bsn(parent, _PARENT, _YOUNG)

    def _activity(self, young: Browser) -> None:
        page = young.open(f"{self.layout.address('vad')}/mijn/activiteit")
        self.expect(page, "vad")
        if self.named(_PARENT).full_name not in page.text:
            raise CheckFailedError("the list does not name her")

    def _stop(self, parent: Browser, young: Browser) -> None:
        self.expect(young.open(f"{self.layout.address('vad')}/mijn/ouders"), "vad")
        self.expect(young.press("stop-1"), "vad")
        self.refused_by_who_asks(parent)

    def _gone(self, parent: Browser) -> None:
        self.ask_again(parent)
        self.cannot_choose(parent.page, _YOUNG)
