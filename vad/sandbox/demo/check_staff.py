"""An auditor of the demo: logs in at the staff login, asks the log a question, and takes a part of it away, signed."""

import hashlib
import html
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jwt

from vad import settings
from vad.adapters.tlog import verify_proof
from vad.bootstrap.log_keeping import known_keys
from vad.domain.staff_events import SignalHandled
from vad.sandbox.demo.browser import Browser
from vad.sandbox.demo.configuration import Configuration
from vad.sandbox.demo.history import NIGHTS
from vad.sandbox.demo.layout import Layout
from vad.sandbox.demo.steps import CheckFailedError, Steps
from vad.sandbox.fetching import FetchError, fetch_json

_ROLE = "auditor"
_MANY = 5
_AT_NIGHT = "Veel gebruik in de nacht"
_WHY = {"reason": "The check of the demo looks whether it can be proved", "case_number": "DEMO-1"}


class StaffSteps:
    """Steps of one member of staff. They follow those of the log: what is taken away is sealed by then."""

    def __init__(self, layout: Layout, configuration: Configuration) -> None:
        self._vad = layout.address("vad")
        self._admin = layout.address("admin")
        self._staff_idp = layout.address("staff_idp")
        self._do = Steps(layout)
        self._auditor = next(each for each in configuration.staff if _ROLE in each.roles)
        self._folders = configuration.folders

    def all(self, browser: Browser) -> list[tuple[str, Callable[[], None]]]:
        """The steps, in order."""
        return [
            ("An auditor logs in at the staff login, with a second factor", lambda: self._log_in(browser)),
            ("And shows with DigiD whose account it is", lambda: self._enrol(browser)),
            ("The log tells the auditor what was refused, and why", lambda: self._question(browser)),
            ("The signals name the one who looks at night on behalf of many", lambda: self._signals(browser)),
            ("The page says that the log is whole, and begins with what it signed before", lambda: self._look(browser)),
            ("The auditor's program finds the same one through the API of the log", self._program),
            ("A signed part of the log proves each event in it to anybody", lambda: self._export(browser)),
        ]

    def _log_in(self, browser: Browser) -> None:
        self._do.expect(browser.open(f"{self._admin}/"), "admin")
        self._do.expect(browser.press("login-submit"), "staff_idp")
        person = {f"person-{self._auditor.subject}": True}
        self._do.expect(browser.press("login-submit", {**person, "outcome": "one_factor"}), "admin")
        if "logout" in browser.page.elements:
            raise CheckFailedError("one factor was enough")
        self._do.expect(browser.open(f"{self._admin}/"), "admin")
        self._do.expect(browser.press("login-submit"), "staff_idp")
        self._do.expect(browser.press("login-submit", {**person, "outcome": "ok"}), "admin")

    def _enrol(self, browser: Browser) -> None:
        """Where the account is new; that of a demo that ran before is known."""
        if browser.page.address.endswith("/aanmelden"):
            self._do.expect(browser.press("login-submit"), "digid")
            self._do.expect(browser.press("login-submit", {"bsn": self._auditor.bsn}), "admin")
        if "logout" not in browser.page.elements:
            raise CheckFailedError(f"nobody is logged in at {browser.page}")

    def _question(self, browser: Browser) -> None:
        page = browser.open(f"{self._admin}/logboek/vragen/weigeringen")
        self._do.expect(page, "admin")
        if "token.refused" not in page.text:
            raise CheckFailedError("it tells of no refusal")

    def _signals(self, browser: Browser) -> None:
        """Whoever runs the demo may have handled them: then the log has that."""
        page = browser.open(f"{self._admin}/signalen")
        self._do.expect(page, "admin")
        if page.text.count(_AT_NIGHT) >= NIGHTS:
            return
        page = browser.open(f"{self._admin}/logboek?type={SignalHandled.type}")
        if SignalHandled.type not in page.text:
            raise CheckFailedError("nobody is found who looks at night")

    def _look(self, browser: Browser) -> None:
        """The checkpoint is the one that stands on the page: somebody else would have kept it."""
        page = browser.open(f"{self._admin}/logboek/klopt")
        self._do.expect(page, "admin")
        signed = re.search(r'id="signed"[^>]*>([^<]+)<', page.text)
        if signed is None:
            raise CheckFailedError("the page shows no checkpoint")
        page = browser.press("look", {"checkpoint": html.unescape(signed[1])})
        if not {"is-whole", "grew"} <= page.elements.keys():
            raise CheckFailedError(f"the log is not said to be whole: {page}")

    def _program(self) -> None:
        audit = f"{self._admin}/v1/audit"
        form = {"person": self._auditor.subject, "resource": audit}
        try:
            given = fetch_json(f"{self._staff_idp}/program-token", method="POST", form=form)
            bearer = {"Authorization": f"Bearer {given['access_token']}"}
            found = fetch_json(f"{audit}/questions/helpers?moreThan={_MANY}", headers=bearer)["helpers"]
        except (FetchError, LookupError) as error:
            raise CheckFailedError(f"the API of the log: {error}") from error
        if not found:
            raise CheckFailedError("nobody is found who acts for many")

    def _export(self, browser: Browser) -> None:
        published = browser.open(f"{self._vad}/jwks").text
        self._do.expect(browser.open(f"{self._admin}/logboek/export?type=token.refused"), "admin")
        taken = browser.download("download", {"format-2": True, **_WHY})
        try:
            with zipfile.ZipFile(io.BytesIO(taken)) as archive:
                files = {name: archive.read(name) for name in archive.namelist()}
            _signed(files, json.loads(published))
            self._proved(files)
        except (zipfile.BadZipFile, LookupError, ValueError, jwt.PyJWTError, verify_proof.NotProvedError) as error:
            raise CheckFailedError(f"it is not proved: {error}") from error

    def _proved(self, files: Mapping[str, bytes]) -> None:
        """By the program that needs nothing of VAD, and the public key of the log."""
        keys = " ".join(map(str, known_keys(settings.load(self._folders))))
        proofs = [json.loads(line) for line in files["proofs.jsonl"].decode().splitlines()]
        lines = files["events.jsonl"].decode().split("\n")[:-1]
        proved = 0
        with tempfile.TemporaryDirectory(prefix="vad-check-") as folder:
            for line, proof in zip(lines, proofs, strict=True):
                if "proof" not in proof:
                    continue
                file = Path(folder) / "proof.txt"
                file.write_bytes(proof["proof"].encode())
                entry, _, _ = verify_proof.main([keys, "inclusion", str(file)]).rpartition("\nproved: ")
                if not line.startswith(f'{{"event":{entry},'):
                    raise CheckFailedError("a proof is of another event than the one beside it")
                proved += 1
        if not proved:
            raise CheckFailedError("there is no event in it that is sealed")


def _signed(files: Mapping[str, bytes], published: dict[str, Any]) -> None:
    """By a key that VAD publishes; and every file is the one that was signed."""
    signed = files["manifest.jws"].decode()
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(signed)["kid"]]
    told = json.loads(jwt.PyJWS().decode(signed, key, ["ES256"]))
    for name, kept in told["files"].items():
        if hashlib.sha256(files[name]).hexdigest() != kept["sha256"]:
            raise CheckFailedError(f"{name} is not what was signed")
    if not {"events.jsonl", "proofs.jsonl", "checkpoint.txt"} <= set(told["files"]):
        raise CheckFailedError("not every file is signed")
