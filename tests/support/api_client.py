"""An app at VAD's own API, and the people it does that for."""

from dataclasses import dataclass, field
from typing import Any

import requests

from tests.support.backroom import Backroom
from tests.support.mandate_pages import authorised
from tests.support.person import HENDRIK, SAMIRA, Person
from tests.support.relying_party_client import Asked, RelyingParty

SCOPE = "openid mandates"
HENDRIKS_NAME, SAMIRAS_NAME = "Hendrik Johannes van der Linden", "Samira el Amrani"


@dataclass
class Api:
    """The API, with one token."""

    issuer: str
    token: str = field(repr=False)

    def get(self, path: str, **query: Any) -> requests.Response:
        """Read."""
        return self.send("GET", path, params=query)

    def post(self, path: str, body: Any) -> requests.Response:
        """Have something done."""
        return self.send("POST", path, json=body)

    def send(self, method: str, path: str, **more: Any) -> requests.Response:
        """Make one request."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return requests.request(method, f"{self.issuer}/v1{path}", headers=headers, timeout=20, **more)


@dataclass
class Household:
    """An old man and who helps him, both with the same app."""

    father: Person
    helper: Person
    rp: RelyingParty
    backroom: Backroom

    def authorise(self, *services: str, **more: Any) -> None:
        """Let him authorise her, all the way."""
        authorised((self.father, HENDRIK), (self.helper, SAMIRA), self.backroom, *services, **more)

    def fathers(self) -> Api:
        """The API for him."""
        return Api(self.rp.issuer, self.log_in(self.father, HENDRIK)["access_token"])

    def helpers(self) -> Api:
        """The API for her."""
        return Api(self.rp.issuer, self.log_in(self.helper, SAMIRA)["access_token"])

    def log_in(self, person: Person, bsn: str) -> dict[str, Any]:
        """The whole way to one's own tokens, with the API's scope."""
        asked, code = self.ask(person, bsn)
        return dict(self.rp.redeem(asked, code).json())

    def ask(self, person: Person, bsn: str) -> tuple[Asked, str]:
        """The way to a code for the API's scope, and what it was asked with."""
        asked = self.rp.ask(scope=SCOPE)
        person.answer = None
        page = person.open(asked.url)
        if "login-submit" in page.elements:
            page = person.log_in(bsn)
        if "continue" in page.elements and "represented-continue" not in page.elements:
            page = person.press("continue")
        if "represented-continue" in page.elements:
            page = person.press("represented-continue", {"represented-myself": True})
        if person.answer is None:
            person.press("consent-give", {"api-mandates": True, "duration-until-stopped": True})
        answer: dict[str, str] = person.answer or {}
        assert "code" in answer, f"the person is at {person.page} with {answer}"
        return asked, answer["code"]
