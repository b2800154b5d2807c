"""The conformance suite's browser, as far as the files that a demo writes for it go: a program that reads its commands.

It runs no script of a page, but for the one that sends an answer on by a form.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from vad.sandbox.demo.browser import Browser, Field
from vad.sandbox.outgoing import new_session

Command = Sequence[Any]
PICTURE = "update-image-placeholder"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class SuiteBrowser(Browser):
    """A browser for one module: with its blocks, its cookies, and the pictures that it took."""

    def __init__(self, configuration: dict[str, Any], module: str, ca_file: str) -> None:
        super().__init__()
        self._session = new_session()
        self._session.verify = ca_file
        own = configuration.get("override", {}).get(module, {})
        self._blocks: list[dict[str, Any]] = own.get("browser", configuration["browser"])
        self._taken = [0] * len(self._blocks)
        self._wanted = False
        self.done: list[str] = []
        """The tasks that were done for the last address."""
        self.pictures: list[str] = []
        """The headings of the pages."""

    def go(self, url: str, *, method: str = "GET", picture: bool = False) -> list[str]:
        """Go to an address as a module tells it to, which may want a picture; returns the tasks that were done."""
        block = self._block_for(url)
        self.done, self._wanted = [], picture
        if method == "POST":
            address, _, query = url.partition("?")
            self.page = self.read(self._session.post(address, query, headers=_FORM, timeout=30))
        else:
            self.open(url)
        for task in block["tasks"]:
            if fits(task.get("match", "*"), self.page.url):
                self.done.append(task["task"])
                for command in task.get("commands", ()):
                    self._do(command)
            else:
                assert task.get("optional"), f"{task['task']}: at {self.page}"
        return self.done

    def _block_for(self, url: str) -> dict[str, Any]:
        for number, block in enumerate(self._blocks):
            if fits(block["match"], url) and self._taken[number] < block.get("match-limit", 1000):
                self._taken[number] += 1
                return block
        raise AssertionError(f"no block is for {urlsplit(url).path}")

    def _do(self, command: Command) -> None:
        match command:
            case ["click", "id", identifier]:
                assert identifier in self.page.elements, f"there is no {identifier} at {self.page}"
                self._click(identifier)
            case ["click", "css", selectors]:
                wanted = {selector.removeprefix("#") for selector in selectors.split(", ")}
                first = next((element for element in self.page.elements if element in wanted), None)
                assert first, f"there is none of {selectors} at {self.page}"
                self._click(first)
            case ["text", "id", identifier, value]:
                self._field(identifier).value = value
            case ["wait", "id", identifier, int()]:
                assert identifier in self.page.elements, f"there is no {identifier} at {self.page}"
            case ["wait", "match", pattern, int()]:
                if "form-post" in self.page.elements:
                    self.press("continue")
                assert re.search(pattern, self.page.url), f"{pattern} is not where we are: {self.page}"
            case ["wait", "xpath", "//*", int(), words, action]:
                assert re.search(words, re.sub("<[^>]+>", " ", self.page.text)), f"{words} is not at {self.page}"
                self._take_picture(action)
            case _:
                raise AssertionError(f"the suite knows no command {command}")

    def _click(self, identifier: str) -> None:
        if any(button.identifier == identifier for form in self.page.forms for button in form.buttons):
            self.press(identifier)
            return
        field = self._field(identifier)
        if field.kind == "radio":
            for form in self.page.forms:
                for other in form.fields:
                    other.ticked &= other.name != field.name
        field.ticked = not field.ticked

    def _field(self, identifier: str) -> Field:
        return next(field for form in self.page.forms for field in form.fields if field.identifier == identifier)

    def _take_picture(self, action: str) -> None:
        if self._wanted:
            self.pictures.append(self.page.heading)
            self._wanted = False
        else:
            assert action == f"{PICTURE}-optional", f"nobody asked for a picture of {self.page}"


def fits(pattern: str, url: str) -> bool:
    """Whether an address is as the suite's patterns have it, which know `*` alone."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), url) is not None
