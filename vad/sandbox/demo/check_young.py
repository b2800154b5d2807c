"""The walk of a child of 14 in `vad demo --check`: its mother sees what it allows, and nothing once it stops."""

from collections.abc import Callable
from dataclasses import dataclass

from vad.sandbox.demo.browser import Browser, Page
from vad.sandbox.demo.check_acting import ParentSteps, choices
from vad.sandbox.demo.layout import ASKING, NAMES, SOURCES
from vad.sandbox.demo.steps import CheckFailedError

_PARENT, _YOUNG = "999992302", "999992545"
_GROUND = "urn:nl-vad:1.0:RT:Gezag_En_Instemming_Kind"


@dataclass(frozen=True)
class YoungSteps(ParentSteps):
    """The steps; each builds upon those before."""

    def of_young(self, parent: Browser, young: Browser) -> list[tuple[str, Callable[[], None]]]:
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
        self._is_there(young.page, "stop-1")

    def _choose(self, parent: Browser) -> None:
        self._ask_again(parent)
        name = self.named(_YOUNG).full_name
        choice = next((radio for label, radio in choices(parent.page).items() if name in label), None)
        if choice is None:
            raise CheckFailedError(f"{name} cannot be chosen")
        self.expect(parent.press("represented-continue", {choice: True}), "vad")
        self.expect(parent.press("acting-continue"), "vad")
        self.data_of_every_source(self.consent(parent))
        for source, (_, claims) in self.own_tokens(parent).items():
            grounds = [each.get("basis") for each in claims.get("authorization_details", [])]
            if grounds != [_GROUND]:
                raise CheckFailedError(f"{NAMES[source]} is told another ground")
        self.no_bsn(parent, _PARENT, _YOUNG)

    def _activity(self, young: Browser) -> None:
        page = young.open(f"{self.layout.address('vad')}/mijn/activiteit")
        self.expect(page, "vad")
        if self.named(_PARENT).full_name not in page.text:
            raise CheckFailedError("the list does not name her")

    def _stop(self, parent: Browser, young: Browser) -> None:
        self.expect(young.open(f"{self.layout.address('vad')}/mijn/ouders"), "vad")
        self.expect(young.press("stop-1"), "vad")
        page = parent.open(f"{self.layout.address('pgo')}/gegevens")
        self.expect(page, "pgo")
        for source in ASKING:
            number = SOURCES.index(source) + 1
            outcome = page.elements.get(f"data-{number}", {}).get("data-outcome", "not there")
            if outcome != "refused":
                raise CheckFailedError(f"{NAMES[source]}: {outcome}")

    def _gone(self, parent: Browser) -> None:
        self._ask_again(parent)
        name = self.named(_YOUNG).full_name
        if any(name in label for label in choices(parent.page)):
            raise CheckFailedError(f"{name} can be chosen")

    def _ask_again(self, parent: Browser) -> None:
        """From the app's home to the question whose data: she is logged in at VAD."""
        self.to_vad(parent)
        self._is_there(parent.page, "represented-continue")

    def _is_there(self, page: Page, identifier: str) -> None:
        if identifier not in page.elements:
            raise CheckFailedError(f"this is not the page with {identifier}: {page}")
