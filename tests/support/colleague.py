"""A member of staff with a browser of the simplest kind, at the pages for staff."""

import tomllib
from pathlib import Path
from urllib.parse import urljoin

import requests

from tests.support.person import Person
from tests.support.town import Town
from vad.sandbox.demo.browser import Page

STAFF = {
    entry["subject"]: entry
    for entry in tomllib.loads((Path(__file__).parents[2] / "config/demo/staff.toml").read_text("utf-8"))["staff"]
}
"""The accounts of the demo, which the town has too."""


class Colleague(Person):
    """Logs in as one of the staff of the demo."""

    def __init__(self, town: Town) -> None:
        super().__init__(town, "nobody")

    @property
    def admin(self) -> str:
        """Where the pages for staff are."""
        return self.town.address("admin")

    def log_in_as(self, subject: str, path: str = "/", outcome: str = "ok") -> Page:
        """Log in at the staff login, and show by DigiD whose account it is where that is asked."""
        self.open(f"{self.admin}/inloggen?pagina={path}")
        self.press("login-submit")
        self.press("login-submit", {f"person-{subject}": True, "outcome": outcome})
        if self.page.address.endswith("/aanmelden"):
            self.enrol(STAFF[subject]["bsn"])
        return self.page

    def log_in_without_enrolling(self, subject: str) -> Page:
        """Log in with an account, and show nothing by DigiD."""
        self.open(f"{self.admin}/inloggen")
        self.press("login-submit")
        return self.press("login-submit", {f"person-{subject}": True})

    def enrol(self, bsn: str, **choices: str) -> Page:
        """From the page that asks whose account this is, through DigiD."""
        self.press("login-submit")
        return self.press("login-submit", {"bsn": bsn, **choices})

    def go(self, path: str) -> Page:
        """Open a page for staff."""
        return self.open(f"{self.admin}{path}")

    def request(self, method: str, path: str, **form: str) -> requests.Response:
        """Make one request; where it redirects to is not followed."""
        return self.send(method, urljoin(self.admin, path), form or None)

    @property
    def csrf_token(self) -> str:
        """The one of the page that is shown."""
        return next(field.value for form in self.page.forms for field in form.fields if field.name == "csrf_token")
