"""The walk of a daughter in `vad demo --check`: her father has no DigiD, and stops her with the code of a letter."""

import re
import time
from collections.abc import Callable

import requests

from vad.sandbox.demo.browser import Browser
from vad.sandbox.demo.steps import CheckFailedError
from vad.sandbox.demo.steps_acting import ActingSteps
from vad.sandbox.outgoing import new_session

_FATHER, _DAUGHTER = "999993057", "999993069"
_GROUND = "urn:nl-vad:1.0:RT:Vrijwillige_Machtiging"
_CODE = re.compile(r"^[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{2}$", re.MULTILINE)
_PATIENCE, _BETWEEN = 20.0, 0.25
_TIMEOUT = (5, 30)


class LetterSteps(ActingSteps):
    """The steps; each builds upon those before."""

    def all(self, daughter: Browser, father: Browser) -> list[tuple[str, Callable[[], None]]]:
        """What to say of each step, and the step. The father never logs in."""
        read, stop_codes = set[int](), list[str]()
        return [
            ("A daughter asks her father, who has no DigiD, by letter", lambda: self._ask(daughter, read)),
            (
                "The code of the letter is his consent; a second letter says how to stop",
                lambda: stop_codes.append(self._bring(daughter, read)),
            ),
            ("She chooses him, and every source is told on what ground", lambda: self._act(daughter)),
            ("He stops her with his stop code, without a DigiD", lambda: self._stop(father, stop_codes[0])),
            (
                "No source gets a token any more, the one that asks VAD refuses, and she cannot choose him",
                lambda: self._over(daughter),
            ),
        ]

    def _ask(self, daughter: Browser, read: set[int]) -> None:
        self.own_page(daughter, "machtiging-per-brief/wie", _DAUGHTER, "bsn")
        daughter.press("continue", {"label": self.named(_FATHER).full_name, "bsn": _FATHER, **self._born()})
        every = {
            each.identifier: True for form in daughter.page.forms for each in form.fields if each.name == "data_service"
        }
        daughter.press("continue", {**every, "app-every": True})
        daughter.press("continue", {"term-6": True})
        # Of an earlier walk.
        read.update(self._letters())
        self.is_there(daughter.press("make"), "list")

    def _bring(self, daughter: Browser, read: set[int]) -> str:
        self.is_there(daughter.open(f"{self.layout.address('vad')}/mijn/machtigingen/code"), "continue")
        page = daughter.press("continue", {"code": self._code(read), **self._born()})
        self.is_there(page, "withdraw-1")
        code = self._code(read)
        until = time.monotonic() + _PATIENCE
        while "stop-1" not in daughter.open(page.address).elements:
            if time.monotonic() >= until:
                raise CheckFailedError(f"it is not in force after {_PATIENCE:.0f} seconds")
            time.sleep(_BETWEEN)
        return code

    def _act(self, daughter: Browser) -> None:
        self.to_vad(daughter)
        # Logged in at VAD for her own pages: the app asks for the first time.
        self.expect(daughter.press("continue"), "vad")
        self.is_there(daughter.page, "represented-continue")
        self.act_for(daughter, _FATHER)
        self.told_ground(daughter, _GROUND)
        self.no_bsn(daughter, _DAUGHTER, _FATHER)

    def _stop(self, father: Browser, code: str) -> None:
        self.is_there(father.open(f"{self.layout.address('vad')}/machtiging-stoppen"), "stop")
        page = father.press("stop", {"code": code, **self._born()})
        self.expect(page, "vad")
        if "stop" in page.elements:
            raise CheckFailedError(f"the stop code was not taken: {page}")

    def _over(self, daughter: Browser) -> None:
        self.refused_by_who_asks(daughter)
        self.no_new_token(daughter)
        self.to_vad(daughter)
        self.cannot_choose(daughter.page, _FATHER)

    def _born(self) -> dict[str, str | bool]:
        born = self.named(_FATHER).birth
        return {"birth-day": str(born.day), "birth-month": str(born.month), "birth-year": str(born.year)}

    def _code(self, read: set[int]) -> str:
        """The code of the next letter to him. VAD's worker writes it a moment later."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            for number, text in self._letters().items():
                if number not in read and (found := _CODE.search(text)):
                    read.add(number)
                    return found[0]
            time.sleep(_BETWEEN)
        raise CheckFailedError(f"no letter came in {_PATIENCE:.0f} seconds")

    def _letters(self) -> dict[int, str]:
        """What was posted to him, newest first."""
        name = self.named(_FATHER)
        try:
            with new_session() as session:
                items = session.get(f"{self.layout.address('post')}/items", timeout=_TIMEOUT).json()
        except requests.RequestException as error:
            raise CheckFailedError(f"the post box gives no answer ({type(error).__name__})") from error
        addressed = f"{name.initials} {name.geslachtsnaam}"
        return {each["number"]: each["text"] for each in items if each["kind"] == "letter" and addressed in each["to"]}
