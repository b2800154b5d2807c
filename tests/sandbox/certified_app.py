"""The quick start of FAPI 2.0 with a certificate, against a demo with TLS: by its own commands, in their order."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.docs.client_journeys import ending, printed
from tests.support import npm
from tests.support.documents import Reader, adapted, blocks, programs
from tests.support.over_tls import trusting
from vad.sandbox.demo.browser import Browser, Page
from vad.sandbox.demo.layout import Layout
from vad.sandbox.outgoing import new_session
from vad.sandbox.ports import free_port

DOCUMENT, DOOR = "docs/quickstart-fapi2.md", "127.0.0.1:8200"
CERTIFYING = 2
"""The block of commands by which the demo's authority certifies a key."""


class _Person(Browser):
    """A browser that trusts who vouches for this demo."""

    def __init__(self, ca_file: Path) -> None:
        super().__init__()
        self._session = new_session()
        self._session.verify = str(ca_file)

    def log_in(self, bsn: str) -> Page:
        self.press("login-submit")
        return self.press("login-submit", {"bsn": bsn})

    def consent(self, *, api: bool) -> Page:
        return self.press("consent-give", {"source-1": True, "api-mandates": api, "duration-once": True})


@dataclass(frozen=True)
class CertifiedApp:
    """The program, and the folder that it is registered in, for `--config`."""

    reader: Reader
    door: str

    @property
    def overlay(self) -> Path:
        """Where its registration is."""
        return self.reader.folder / "my-certified"

    @classmethod
    def registered(cls, folder: Path) -> "CertifiedApp":
        """Register it, as the document says."""
        made = cls(Reader(folder), f"127.0.0.1:{free_port()}")
        made.overlay.mkdir(parents=True)
        text = adapted(blocks(DOCUMENT, "toml")[0].text, {DOOR: made.door})
        (made.overlay / "my-certified.toml").write_text(text)
        return made

    @property
    def promised(self) -> list[str]:
        """What the document says that it prints."""
        return ending(DOCUMENT)

    def printed(self, layout: Layout, state: Path) -> list[str]:
        """Have a key certified, run the program, log somebody in, and tell what it printed then."""
        folder = self.reader.folder
        self.reader.shell(adapted(blocks(DOCUMENT, "sh")[CERTIFYING].text, {".demo/": f"{state}/"}))
        here = {Layout(tls=True).address(key): layout.address(key) for key in ("vad", "hospital")}
        for name, changes in (("my_visit.mjs", {DOOR: self.door}), ("my_certified.mjs", here)):
            (folder / name).write_text(adapted(programs(DOCUMENT, "js")[name], changes))
        (folder / "node_modules").symlink_to(npm.installed())
        ca_file = state / "tls" / "ca.pem"
        proxies = {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
        with (
            subprocess.Popen(
                [npm.NODE, "my_certified.mjs"],
                cwd=folder,
                env=os.environ | proxies | trusting(folder / "names", ca_file),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as process,
            _Person(ca_file) as person,
        ):
            try:
                return printed(process, person, api=True)
            finally:
                process.kill()
