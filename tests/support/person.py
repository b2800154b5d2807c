"""A person with a browser of the simplest kind, who can log in and answer VAD's pages."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from tests.support.relying_party_client import Asked, RelyingParty, answer_of
from tests.support.town import Town
from vad.sandbox.demo.browser import Browser, Page

FROUKE = "999991772"
PIETER = "999990019"
SAMIRA = "999990457"
HENDRIK = "999990664"
IRIS, TOM, SEM_8, LOTTE_14, MILAN_6 = "999992302", "999992387", "999992454", "999992545", "999992612"
JULIA_13 = "999992740"
NOOR_15 = "999990895"
DAAN_16 = "999991103"
GERRIT_WITHOUT, ANNEKE = "999993057", "999993069"
CORNELIA_DECEASED = "999991322"
YUSUF_UNKNOWN_AGE = "999991541"
ROBIN_UNCERTAIN_AGE = "999992211"


class Person(Browser):
    """Stops at the door of the app: the answer is read off the redirect, for nobody is there."""

    def __init__(self, town: Town, stop_at: str) -> None:
        super().__init__()
        self.town = town
        self._stop_at = stop_at
        self.urls: list[str] = []
        self.answer: dict[str, str] | None = None
        """What the app was told, once the browser was sent back to it."""
        self.seen: list[requests.Response] = []
        """Every answer, for tests that look for what must not be there."""

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies, by name."""
        return {cookie.name: cookie.value or "" for cookie in self._session.cookies}

    def plant(self, name: str, value: str) -> None:
        """Set a cookie, as somebody with a hand in this browser could."""
        self._session.cookies.set(name, value, domain="localhost.local", path="/")

    def send(self, method: str, url: str, form: Mapping[str, Any] | None = None, **more: Any) -> requests.Response:
        """Make one request with this browser's cookies; where it redirects to is not followed."""
        self.urls.append(url)
        address = urljoin(self.town.issuer, url)
        answer = self._session.request(method, address, data=form, timeout=30, allow_redirects=False, **more)
        self.seen.append(answer)
        return answer

    def filled_in(self, button: str) -> dict[str, list[str]]:
        """The fields of the form that holds this button as they stand on the page, for `send`."""
        form = next(form for form in self.page.forms if any(b.identifier == button for b in form.buttons))
        sent: dict[str, list[str]] = {}
        for field in form.fields:
            if field.name and (field.ticked or field.kind not in {"checkbox", "radio"}):
                sent.setdefault(field.name, []).append(field.value)
        return sent

    def take_cookies_of(self, other: "Person") -> None:
        """Become that browser's twin."""
        self._session.cookies.update(other._session.cookies)  # noqa: SLF001 - a twin

    def leave(self) -> None:
        """Close the browser."""
        self._session.close()

    def log_in(self, bsn: str = FROUKE, **choices: str) -> Page:
        """From VAD's login page through DigiD; `choices` are fields of the mock's page."""
        self.press("login-submit")
        return self.press("login-submit", {"bsn": bsn, **choices})

    def log_out(self) -> Page:
        """Press VAD's own button."""
        self.open(f"{self.town.issuer}/mijn/activiteit")
        return self.press("logout")

    def act_for(self, name: str) -> Page:
        """Choose this child, and go on from the page that says why that is allowed."""
        labels = re.findall(r'<label[^>]*for="(represented-[0-9]+)"[^>]*>\s*Mijn kind: ([^<]+?)\s*<', self.page.text)
        radio = {label: identifier for identifier, label in labels}[name]
        self.press("represented-continue", {radio: True})
        return self.press("acting-continue")

    def consent(self, *, duration: str = "once", only: int | None = None, api: bool = False) -> Page:
        """Agree on the consent page to every source, or to the one with this number; `api`: to VAD's own API too."""
        boxes = [field.identifier for form in self.page.forms for field in form.fields if field.name == "source"]
        ticked = {box: True for box in boxes if only is None or box == f"source-{only}"}
        ticked |= {"api-mandates": True} if api else {}
        name = {"once": "duration-once", "until_stopped": "duration-until-stopped"}[duration]
        return self.press("consent-give", {**ticked, name: True})

    def authorize(self, asked: Asked, bsn: str = FROUKE, *, duration: str = "once", **choices: str) -> str:
        """Go the whole way and return the code; `choices` are fields of the mock DigiD's page."""
        self.answer = None
        self.open(asked.url)
        if self.answer is None and "login-submit" in self.page.elements:
            self.log_in(bsn, **choices)
        if self.answer is None and "continue" in self.page.elements:
            self.press("continue")
        if self.answer is None and "consent-give" in self.page.elements:
            self.consent(duration=duration)
        answer: dict[str, str] = self.answer or {}
        assert "code" in answer, f"the person is at {self.page} with {answer}"
        return answer["code"]

    def _show(self, method: str, url: str, values: Mapping[str, list[str]]) -> Page:
        """As a browser, but one that writes down where it went and stops at the app's door."""
        for _ in range(12):
            self.urls.append(url)
            if urlsplit(url).netloc == self._stop_at:
                self.answer = answer_of(url)
                self.page = Page(url, 0, "", (), {}, "back at the app")
                return self.page
            following = self._hop(method, url, values)
            if following is None:
                return self.page
            method, url, values = "GET", following, {}
        raise AssertionError("too many redirects")

    def _hop(self, method: str, url: str, values: Mapping[str, list[str]]) -> str | None:
        body, query = (values, None) if method == "POST" else (None, values)
        answer = self._session.request(method, url, data=body, params=query, timeout=30, allow_redirects=False)
        self.seen.append(answer)
        if answer.is_redirect:
            assert answer.status_code in {302, 303}, f"{answer.status_code} would repeat the form"
            return urljoin(url, answer.headers["Location"])
        self.page = self.read(answer)
        return None


def tokens(
    rp: RelyingParty, person: Person, resources: tuple[str, ...], scope: str, bsn: str = FROUKE
) -> dict[str, str]:
    """The whole way to the issuer's own tokens."""
    asked = rp.ask(resources=resources, scope=scope)
    response = rp.redeem(asked, person.authorize(asked, bsn))
    assert response.status_code == requests.codes.ok, response.text
    return dict(response.json())
