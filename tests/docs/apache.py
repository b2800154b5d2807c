"""A site behind Apache with mod_auth_openidc, as its quick start has it."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.client_programs import Keep, Start
from tests.support.documents import Reader, adapted, programs, wait_for
from tests.support.town import Town
from vad.sandbox.ports import free_port

SITE = "docs/quickstart-mod-auth-openidc.md"
APACHE, MODULE = "/usr/sbin/apache2", Path("/usr/lib/apache2/modules/mod_auth_openidc.so")
REFRESH = "OIDCRefreshAccessTokenBeforeExpiry 60"
BY_KEY = ("OIDCPrivateKeyFiles", "OIDCPublicKeyFiles", "OIDCAuthRequestParams")
Serve = Callable[..., str]


def plain(apache: str) -> str:
    """The configuration with a secret, as the document has it: other lines for these, and three less."""
    others = {line.split()[0]: line for line in programs(SITE, "apache")["my-site/plain.conf"].splitlines()[1:]}
    include = others.pop("Include")
    kept = [others.pop(line.split()[0], line) if line.strip() else line for line in apache.splitlines()]
    assert not others, "each takes the place of a line"
    return "\n".join([*(line for line in kept if not line.startswith(BY_KEY)), include, ""])


def over_tls(apache: str, ca_file: Path) -> str:
    """The configuration for a demo with TLS: one line more, with who vouches for it where Apache's account can read."""
    more = adapted(programs(SITE, "apache")["my-site/tls.conf"], {"my-site/ca.pem": str(ca_file)})
    return "\n".join([apache, *more.splitlines()[1:], ""])


@pytest.fixture
def serve(keep: Keep, start: Start, client_door: str, reader: Reader, the_town: Town, server_directory: Path) -> Serve:
    """Give a way to start the site and Apache before it; tokens are refreshed so many seconds before they end.

    `by_secret`: in profile `basic`, without data.
    """
    if not MODULE.exists():
        reason = "no Apache with mod_auth_openidc (Debian: apt-get install libapache2-mod-auth-openidc)"
        (pytest.fail if os.environ.get("VAD_REQUIRE_BROWSER") == "1" else pytest.skip)(reason)
    behind = f"127.0.0.1:{free_port()}"
    code = adapted(programs(SITE)["my_site.py"], {'"127.0.0.1", 8201': f'"127.0.0.1", {behind.partition(":")[2]}'})
    apache = adapted(programs(SITE, "apache")["my-site/apache.conf"], {"127.0.0.1:8201": behind})
    if the_town.layout.tls:
        ca_file = server_directory / "demo-ca.pem"
        apache = over_tls(apache, ca_file)
        shutil.copyfile(the_town.state.ca_file, ca_file)

    def run(refreshed_before: int, *, by_secret: bool = False) -> str:
        keep("my_site.py", adapted(code, {'records(self.told("OIDC_access_token"))': "0"}) if by_secret else code)
        text = adapted(apache, {REFRESH: f"{REFRESH.rpartition(' ')[0]} {refreshed_before}"})
        keep("my-site/apache.conf", plain(text) if by_secret else text)
        wait_for(behind, start([sys.executable, "my_site.py"]))
        server = start([APACHE, "-d", str(reader.folder), "-f", "my-site/apache.conf", "-D", "FOREGROUND"])
        wait_for(client_door, server)
        return f"http://{client_door}/"

    return run
