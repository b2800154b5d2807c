"""The walk of a parent in `vad demo --check`: to the data of a young child, and not to that of an older one."""

from collections.abc import Callable
from html import unescape

from vad.sandbox.demo.browser import Browser, Page
from vad.sandbox.demo.steps import CheckFailedError
from vad.sandbox.demo.steps_acting import ActingSteps

_PARENT, _CHILD, _OLDER = "999992302", "999992454", "999992545"
_GROUND = "urn:nl-eid-gdi:1.1:RT:Zorg_Volledig_Gezag_Kind"


class ParentSteps(ActingSteps):
    """The steps; each builds upon those before."""

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
        self.cannot_choose(page, _OLDER)

    def _child(self, browser: Browser) -> None:
        page = self.act_for(browser, _CHILD)
        if "acting" not in page.elements or self.named(_CHILD).full_name not in unescape(page.text):
            raise CheckFailedError("the app does not say of whom the data is")

    def _tokens(self, browser: Browser) -> None:
        self.told_ground(browser, _GROUND)
        self.no_bsn(browser, _PARENT, _CHILD)
