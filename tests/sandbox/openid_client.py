"""The quick start of openid-client over https: its program in profile `basic`, against a demo with TLS."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from tests.support import npm
from tests.support.documents import adapted, blocks, programs
from vad.cli import main
from vad.sandbox.demo.browser import Browser
from vad.sandbox.demo.layout import Layout
from vad.sandbox.outgoing import new_session
from vad.sandbox.ports import free_port

DOCUMENT, DOOR = "docs/quickstart-openid-client.md", "127.0.0.1:8200"
NAMES = """
import dns from "node:dns";
const { lookup } = dns;
dns.lookup = (name, ...rest) => lookup(name.endsWith(".localhost") ? "localhost" : name, ...rest);
"""
"""What `/etc/hosts` would do."""
FROUKE = "999991772"


class _Person(Browser):
    """A browser that trusts who vouches for this demo."""

    def __init__(self, ca_file: Path) -> None:
        super().__init__()
        self._session = new_session()
        self._session.verify = str(ca_file)


@dataclass(frozen=True)
class OpenidClient:
    """The program, and the folder that it is registered in."""

    folder: Path
    door: str

    @classmethod
    def registered(cls, folder: Path) -> "OpenidClient":
        """Lay the registration of the document into the folder for `--config`."""
        made = CliRunner().invoke(main.cli, ["clients", "secret"])
        assert made.exit_code == 0, made.output
        said, line = made.output.splitlines()
        door = f"127.0.0.1:{free_port()}"
        text = adapted(blocks(DOCUMENT, "toml")[2].text, {DOOR: door, 'client_secret_sha256 = ["…"]': line})
        (folder / "my-basic.toml").write_text(text)
        (folder / "my-basic").mkdir()
        (folder / "my-basic" / "secret").write_text(said.partition(": ")[2])
        return cls(folder, door)

    def greets(self, layout: Layout, ca_file: Path) -> str:
        """Run it, log somebody in, and return what it printed after that."""
        changes = {"http://localhost:8100": layout.address("vad"), DOOR: self.door, "oidc.allowInsecureRequests, ": ""}
        (self.folder / "my_basic.mjs").write_text(adapted(programs(DOCUMENT, "js")["my_basic.mjs"], changes))
        (self.folder / "names.mjs").write_text(NAMES)
        (self.folder / "node_modules").symlink_to(npm.installed())
        trusted = {
            "NODE_EXTRA_CA_CERTS": str(ca_file),
            "NO_PROXY": "localhost,127.0.0.1",
            "no_proxy": "localhost,127.0.0.1",
        }
        with (
            subprocess.Popen(
                [npm.NODE, "--import", "./names.mjs", "my_basic.mjs"],
                cwd=self.folder,
                env=os.environ | trusted,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as process,
            _Person(ca_file) as person,
        ):
            try:
                assert process.stdout is not None
                address = process.stdout.readline().removeprefix("Open ").strip()
                assert address.startswith(f"{layout.address('vad')}/authorize?"), process.communicate(timeout=30)
                person.open(address)
                person.press("login-submit")
                person.press("login-submit", {"bsn": FROUKE})
                person.press("consent-give", {"duration-once": True})
                printed, complaints = process.communicate(timeout=60)
            finally:
                process.kill()
        assert process.returncode == 0, complaints
        return printed
