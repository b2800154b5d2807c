"""What a person does at the app of a quick start, and what the app shows for it: the same with TLS and without."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Protocol
from urllib.parse import urljoin

from tests.support.database import ask
from tests.support.documents import blocks
from tests.support.person import FROUKE, Person
from tests.support.town import Town
from vad.sandbox.demo.browser import Page

THANKS = "Thank you. You may close this page."


class Somebody(Protocol):
    """A person with a browser."""

    def open(self, url: str, /) -> Page:
        """Go to an address."""

    def log_in(self, bsn: str, /) -> Page:
        """From VAD's login page through DigiD."""

    def consent(self, *, api: bool) -> Page:
        """Agree to every source, and with `api` to VAD's own API."""


def printed(process: "subprocess.Popen[str]", person: Somebody, *, api: bool = False) -> list[str]:
    """Frouke opens what a program says, logs in, agrees, with `api` to VAD's own API too; what it printed then."""
    said = lines(process)
    person.open(address(next(said)))
    person.log_in(FROUKE)
    assert person.consent(api=api).text == THANKS
    rest = []
    for line in said:
        rest.append(line)
        if line.startswith("Open "):
            assert person.open(address(line)).text == THANKS
    assert FROUKE not in "".join(rest)
    return shown(rest)


def lines(process: "subprocess.Popen[str]") -> Iterator[str]:
    """What it prints, until its good end."""
    assert process.stdout is not None
    assert process.stderr is not None
    for line in process.stdout:
        yield line.rstrip("\n")
    complaints = process.stderr.read()
    assert process.wait(30) == 0, complaints


def address(line: str) -> str:
    """Where a program wants the person to go."""
    assert line.startswith("Open http"), line
    return line.removeprefix("Open ").strip()


def ending(document: str, block: int = 0) -> list[str]:
    """How a document says that its program ends."""
    return shown(blocks(document, "text")[block].text.splitlines())


def shown(said: list[str]) -> list[str]:
    """Without what is another each time: `sub` and addresses."""
    return [re.sub(r"(?<=Logged in: )\S+|(?<=Open )\S+", "…", line) for line in said]


def gunicorn(door: str) -> list[str]:
    """How the document has Authlib's web app run."""
    return [sys.executable, "-m", "gunicorn", "--bind", door, "--threads", "4", "web_app:app"]


def of_the_web_app(person: Person, app: str, town: Town) -> None:
    """Frouke logs in to Authlib's web app, is greeted, sees her data twice, and logs out, at VAD too."""
    person.open(app)
    person.press("login")
    person.log_in(FROUKE)
    page = person.consent()
    assert (page.url, page.heading) == (app, "Hello, Frouke Jansen")
    assert "Hospital: 9, RIVM: 5" in page.text
    assert "Hospital: 9, RIVM: 5" in person.open(app).text, "the next refresh token was kept"

    page = person.press("logout")
    assert (page.address, page.heading) == (f"{app}logged-out", "You are logged out")
    assert "login-submit" in person.open(f"{town.issuer}/mijn/activiteit").elements
    assert person.open(app).heading == "Nobody is logged in"


def of_the_site(person: Person, site: str, town: Town) -> None:
    """Apache's site greets Frouke by the header; its token is refreshed and exchanged; she logs out, at VAD too."""
    person.open(site)
    person.log_in(FROUKE)
    page = person.consent()
    assert (page.url, page.heading) == (site, "Hello, Frouke Jansen")
    assert "Hospital: 9" in page.text
    before = issued(town)
    assert person.open(site).heading == "Hello, Frouke Jansen"
    assert issued(town) == before + 2, "one by refresh, one by exchange"
    _leaves(person, site, town)


def of_the_plain_site(person: Person, site: str, town: Town) -> None:
    """The same by a secret, at the library's own defaults and without data."""
    person.open(site)
    person.log_in(FROUKE)
    assert (person.consent().url, person.page.heading) == (site, "Hello, Frouke Jansen")
    before = issued(town, "my-plain-site")
    assert person.open(site).heading == "Hello, Frouke Jansen"
    assert issued(town, "my-plain-site") == before + 1, "by refresh"
    _leaves(person, site, town)


def _leaves(person: Person, site: str, town: Town) -> None:
    link = re.search('id="logout" href="([^"]+)"', person.page.text)
    assert link is not None
    page = person.open(urljoin(site, link[1]))
    assert (page.address, page.heading) == (f"{site}goodbye", "You are logged out")
    assert "login-submit" in person.open(f"{town.issuer}/mijn/activiteit").elements
    assert "login-submit" in person.open(site).elements


def issued(town: Town, client_id: str = "my-site") -> int:
    """How many tokens the site was given."""
    rows = ask(town.database.superuser_url, "SELECT client_id FROM audit_events WHERE type = 'token.issued'")
    return rows.count((client_id,))
