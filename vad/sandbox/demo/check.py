"""The walk through the main job that `vad demo --check` makes: as people of many kinds."""

import re
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack

import requests

from vad.sandbox.demo.browser import Browser, Page
from vad.sandbox.demo.check_acting import ParentSteps
from vad.sandbox.demo.check_letter import LetterSteps
from vad.sandbox.demo.check_log import LogSteps
from vad.sandbox.demo.check_mandate import MandateSteps
from vad.sandbox.demo.check_staff import StaffSteps
from vad.sandbox.demo.check_step_up import letters_take_a_stronger_login
from vad.sandbox.demo.check_young import YoungSteps
from vad.sandbox.demo.configuration import Configuration
from vad.sandbox.demo.layout import ASKING, CERTIFIED, NAMES, PGOS, SOURCES, Layout
from vad.sandbox.demo.steps import CheckFailedError, Steps
from vad.sandbox.errors import SandboxError
from vad.sandbox.outgoing import new_session

Say = Callable[[str], None]
_TIMEOUT = (5, 30)
_CODE = re.compile(r"^\d{6}$", re.MULTILINE)
_PATIENCE, _BETWEEN = 20.0, 0.25
_OK, _BAD_REQUEST, _UNAUTHORIZED = 200, 400, 401


class Walk:
    """One walk; its steps build upon each other, so the first that fails ends it."""

    def __init__(self, layout: Layout, configuration: Configuration) -> None:
        self._layout = layout
        self._do = Steps(layout)
        self._of_parent = ParentSteps(layout, configuration)
        self._of_young = YoungSteps(layout, configuration)
        self._of_partners = MandateSteps(layout, configuration)
        self._of_letters = LetterSteps(layout, configuration)
        self._of_log = LogSteps(configuration)
        self._of_staff = StaffSteps(layout, configuration)
        self._person = configuration.persons[0]
        self._data_services = {
            entry["identifier"]: entry["data_services"] for entry in configuration.entries("resource_servers")
        }
        self._tokens: dict[str, str] = {}

    def run(self, say: Say) -> bool:
        """Walk, say of each step how it went, and tell whether all went well."""
        with ExitStack() as stack:
            person, stranger, parent, young, gives, helps, asks, has_none, auditor = (
                stack.enter_context(Browser()) for _ in range(9)
            )
            of_others = (
                *self._of_parent.all(parent),
                *self._of_young.all(parent, young),
                *self._of_partners.all(gives, helps),
                *self._of_letters.all(asks, has_none),
                *self._of_log.all(),
                *self._of_staff.all(auditor),
            )
            for name, step in (*self._steps(person, stranger), *of_others):
                try:
                    step()
                except SandboxError as error:
                    say(f"✗ {name}: {error}")
                    return False
                say(f"✓ {name}")
        return True

    def _steps(self, person: Browser, stranger: Browser) -> list[tuple[str, Callable[[], None]]]:
        own = [
            (f"{NAMES[source]}: gives its data for its own token", lambda source=source: self._own_token(source))
            for source in SOURCES
        ]
        foreign = [
            (f"{NAMES[source]}: refuses no token, and every other token", lambda source=source: self._foreign(source))
            for source in SOURCES
        ]
        over = [
            (f"{NAMES[source]}: asks VAD, and refuses its token from then on", lambda source=source: self._over(source))
            for source in ASKING
        ]
        return [
            ("The app sends the person to VAD", lambda: self._do.to_vad(person)),
            ("VAD sends the person to DigiD", lambda: self._do.to_digid(person)),
            (
                "DigiD sends the person back, and VAD asks for consent",
                lambda: self._do.log_in(person, self._person.bsn, "consent-give"),
            ),
            ("Nothing was chosen beforehand", lambda: self._nothing_chosen(person.page)),
            ("After consent the app shows data of every source", lambda: self._consent(person)),
            ("The app holds a token of its own for every source", lambda: self._own_tokens(person)),
            ("The app never received a BSN", lambda: self._do.no_bsn(person, self._person.bsn)),
            *own,
            *foreign,
            (
                "A source wants a stronger login for letters, and after it the app shows them",
                lambda: letters_take_a_stronger_login(self._do, person, self._person.bsn),
            ),
            (
                "A second app logs the same person in without DigiD, and asks consent of its own",
                lambda: self._second_app(person),
            ),
            ("The person sees it in the activity list", lambda: self._activity(person)),
            ("The person proves an e-mail address with the code from a mail", lambda: self._told(person)),
            ("Who logs out at VAD is logged out of both apps too", lambda: self._log_out(person)),
            *over,
            ("Who stops at DigiD comes back to VAD, and from there to the app", lambda: self._cancel(stranger)),
            ("A stranger's app is refused, and nobody is sent there", lambda: self._unknown_app(stranger)),
        ]

    def _nothing_chosen(self, page: Page) -> None:
        if any(field.ticked for form in page.forms for field in form.fields):
            raise CheckFailedError("a choice was ticked already")

    def _consent(self, browser: Browser) -> None:
        self._do.data_of_every_source(self._do.consent(browser))

    def _own_tokens(self, browser: Browser) -> None:
        self._tokens = {source: token for source, (token, _) in self._do.own_tokens(browser).items()}

    def _own_token(self, source: str) -> None:
        answer = self._ask(source, self._tokens[source])
        if answer.status_code != _OK or answer.json().get("total", 0) < 1:
            raise CheckFailedError(f"it answered {answer.status_code}")

    def _foreign(self, source: str) -> None:
        for other in (None, *(other for other in SOURCES if other != source)):
            answer = self._ask(source, self._tokens[other] if other else None)
            if answer.status_code != _UNAUTHORIZED:
                token = f"the token of {NAMES[other]}" if other else "no token"
                raise CheckFailedError(f"for {token} it answered {answer.status_code}")

    def _over(self, source: str) -> None:
        answer = self._ask(source, self._tokens[source])
        if answer.status_code != _UNAUTHORIZED:
            raise CheckFailedError(f"after the person logged out it answered {answer.status_code}")

    def _activity(self, browser: Browser) -> None:
        page = browser.open(f"{self._layout.address('vad')}/mijn/activiteit")
        self._do.expect(page, "vad")
        if "<time" not in page.text:
            raise CheckFailedError("the list is empty")

    def _told(self, browser: Browser) -> None:
        """VAD's worker sends the code a moment later."""
        address = f"check-{secrets.token_hex(4)}@post.example"
        self._do.expect(browser.open(f"{self._layout.address('vad')}/mijn/berichten"), "vad")
        browser.press("contact-ask", {"email": address})
        page = browser.press("contact-prove", {"code": self._code(address)})
        if "contact-remove" not in page.elements:
            raise CheckFailedError(f"the code was not taken: {page}")
        browser.press("contact-remove")

    def _code(self, address: str) -> str:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            for item in self._get(f"{self._layout.address('post')}/items").json():
                if item["to"] == address and (found := _CODE.search(item["text"])):
                    return found[0]
            time.sleep(_BETWEEN)
        raise CheckFailedError(f"no mail came in {_PATIENCE:.0f} seconds")

    def _second_app(self, browser: Browser) -> None:
        self._do.expect(browser.open(self._layout.address("pgo2")), "pgo2")
        self._do.expect(browser.press("login"), "vad")
        self._do.expect(browser.press("continue"), "vad")
        page = self._do.consent(browser, "pgo2")
        if page.elements.get("data-1", {}).get("data-outcome") != "data":
            raise CheckFailedError("it got no data")
        if self._layout.tls:
            self._bound_to_certificate(browser)

    def _bound_to_certificate(self, browser: Browser) -> None:
        """Its tokens open nothing without its certificate."""
        for source, (token, claims) in self._do.own_tokens(browser, CERTIFIED).items():
            if "x5t#S256" not in claims.get("cnf", {}):
                raise CheckFailedError(f"{NAMES[source]}: the token is bound to no certificate")
            if self._ask(source, token).status_code != _UNAUTHORIZED:
                raise CheckFailedError(f"{NAMES[source]}: the token is taken without the certificate")

    def _log_out(self, browser: Browser) -> None:
        """VAD's worker tells the app a moment later."""
        self._do.expect(browser.press("logout"), "vad")
        until = time.monotonic() + _PATIENCE
        for pgo in PGOS:
            while browser.open(f"{self._layout.address(pgo)}/gegevens").address.endswith("/gegevens"):
                if time.monotonic() >= until:
                    raise CheckFailedError(f"{NAMES[pgo]} still shows data after {_PATIENCE:.0f} seconds")
                time.sleep(_BETWEEN)

    def _cancel(self, browser: Browser) -> None:
        self._do.to_vad(browser)
        self._do.to_digid(browser)
        self._do.expect(browser.press("cancel"), "vad")
        page = browser.press("cancel")
        self._do.expect(page, "pgo")
        if not page.address.endswith("/fout"):
            raise CheckFailedError(f"the app does not say what happened: {page}")

    def _unknown_app(self, browser: Browser) -> None:
        elsewhere = self._layout.address("rivm")
        page = browser.open(
            f"{self._layout.address('vad')}/authorize?response_type=code&client_id=stranger&redirect_uri={elsewhere}"
        )
        if page.status != _BAD_REQUEST or not page.url.startswith(self._layout.address("vad")):
            raise CheckFailedError(f"the answer was {page}")

    def _ask(self, source: str, token: str | None) -> requests.Response:
        address = self._layout.address(source)
        service = self._data_services[address][0]
        return self._get(f"{address}/fhir/{service}/Patient/$everything", token)

    def _get(self, address: str, token: str | None = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            with new_session() as session:
                return session.get(address, headers=headers, timeout=_TIMEOUT)
        except requests.RequestException as error:
            raise CheckFailedError(f"it gives no answer ({type(error).__name__})") from error
