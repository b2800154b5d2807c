"""Apache with mod_auth_openidc does what its quick start says: log in, keep tokens fresh, end sessions."""

import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from tests.docs.client_programs import Keep, Start
from tests.docs.conftest import SITE
from tests.support.database import ask
from tests.support.documents import Reader, adapted, programs, wait_for
from tests.support.person import FROUKE, Person
from tests.support.town import Town
from vad.bootstrap.upkeep import create_upkeep
from vad.sandbox.ports import free_port

APACHE, MODULE = "/usr/sbin/apache2", Path("/usr/lib/apache2/modules/mod_auth_openidc.so")
REFRESH = "OIDCRefreshAccessTokenBeforeExpiry 60"


Serve = Callable[..., str]
BY_KEY = ("OIDCPrivateKeyFiles", "OIDCPublicKeyFiles", "OIDCAuthRequestParams")


def plain(apache: str) -> str:
    """The configuration with a secret, as the document has it: other lines for these, and three less."""
    others = {line.split()[0]: line for line in programs(SITE, "apache")["my-site/plain.conf"].splitlines()[1:]}
    include = others.pop("Include")
    kept = [others.pop(line.split()[0], line) if line.strip() else line for line in apache.splitlines()]
    assert not others, "each takes the place of a line"
    return "\n".join([*(line for line in kept if not line.startswith(BY_KEY)), include, ""])


@pytest.fixture
def serve(keep: Keep, start: Start, client_door: str, reader: Reader) -> Serve:
    """Give a way to start the site and Apache before it; tokens are refreshed so many seconds before they end.

    `by_secret`: in profile `basic`, without data.
    """
    if not MODULE.exists():
        reason = "no Apache with mod_auth_openidc (Debian: apt-get install libapache2-mod-auth-openidc)"
        (pytest.fail if os.environ.get("VAD_REQUIRE_BROWSER") == "1" else pytest.skip)(reason)
    behind = f"127.0.0.1:{free_port()}"
    code = adapted(programs(SITE)["my_site.py"], {'"127.0.0.1", 8201': f'"127.0.0.1", {behind.partition(":")[2]}'})
    apache = adapted(programs(SITE, "apache")["my-site/apache.conf"], {"127.0.0.1:8201": behind})

    def run(refreshed_before: int, *, by_secret: bool = False) -> str:
        keep("my_site.py", adapted(code, {'records(self.told("OIDC_access_token"))': "0"}) if by_secret else code)
        text = adapted(apache, {REFRESH: f"{REFRESH.rpartition(' ')[0]} {refreshed_before}"})
        keep("my-site/apache.conf", plain(text) if by_secret else text)
        wait_for(behind, start([sys.executable, "my_site.py"]))
        server = start([APACHE, "-d", str(reader.folder), "-f", "my-site/apache.conf", "-D", "FOREGROUND"])
        wait_for(client_door, server)
        return f"http://{client_door}/"

    return run


def issued(town: Town) -> int:
    """How many tokens the site was given."""
    ((count,),) = ask(
        town.database.superuser_url,
        "SELECT count(*) FROM audit_events WHERE type = 'token.issued' AND client_id = 'my-site'",
    )
    return int(count)


def test_apache_knows_who_is_there(serve: Serve, new_person: Callable[[], Person], the_town: Town) -> None:
    """The site greets by the header; its token is refreshed and exchanged; who logs out is logged out at VAD too."""
    site, person = serve(3600), new_person()  # of tokens of five minutes: refreshed at each visit
    person.open(site)
    person.log_in(FROUKE)
    page = person.consent()
    assert (page.url, page.heading) == (site, "Hello, Frouke Jansen")
    assert "Hospital: 9" in page.text
    before = issued(the_town)
    assert person.open(site).heading == "Hello, Frouke Jansen"
    assert issued(the_town) == before + 2, "one by refresh, one by exchange"
    address = re.search('id="logout" href="([^"]+)"', page.text)
    assert address is not None
    page = person.open(urljoin(site, address[1]))
    assert (page.address, page.heading) == (f"{site}goodbye", "You are logged out")
    assert "login-submit" in person.open(f"{the_town.issuer}/mijn/activiteit").elements
    assert "login-submit" in person.open(site).elements

    stranger = requests.get(site, headers={"OIDC_CLAIM_sub": "x"}, timeout=20, allow_redirects=False)
    assert stranger.is_redirect, "headers of one's own are no login"


def test_apache_hears_that_a_session_ended(serve: Serve, new_person: Callable[[], Person], the_town: Town) -> None:
    """Who logs out at VAD is at once nobody at the site."""
    upkeep, _ = create_upkeep(the_town.settings)
    site, person = serve(60), new_person()
    person.open(site)
    person.log_in(FROUKE)
    assert person.consent().heading == "Hello, Frouke Jansen"
    person.log_out()
    while upkeep.deliver(datetime.now(UTC)).taken:
        pass
    assert "login-submit" in person.open(site).elements


def test_apache_with_a_secret(serve: Serve, new_person: Callable[[], Person]) -> None:
    """Profile `basic`: the same greeting, at the library's own defaults; and the token is refreshed by the secret."""
    site, person = serve(3600, by_secret=True), new_person()
    person.open(site)
    person.log_in(FROUKE)
    assert (person.consent().url, person.page.heading) == (site, "Hello, Frouke Jansen")
    assert person.open(site).heading == "Hello, Frouke Jansen"
