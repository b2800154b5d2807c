"""The quick starts over https: the same programs and those of FAPI 2.0, in one town as `vad demo --tls` has it."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Playwright

from tests.docs import client_journeys
from tests.docs.apache import Serve
from tests.docs.client_journeys import ending, printed
from tests.docs.client_programs import DOOR, Keep, Program, ServePage, Start
from tests.docs.conftest import FAPI2, OPENID_CLIENT, PGO, REQUESTS, WEB_APP
from tests.docs.page_journey import of_the_page
from tests.support.database import Server, new_database
from tests.support.documents import Reader, adapted, blocks, programs, wait_for
from tests.support.person import Person
from tests.support.town import Town, town
from vad.sandbox.outgoing import new_session
from vad.sandbox.redis import RedisServer


@pytest.fixture(scope="module")
def fapi2_overlays(reader: Reader, overlays: tuple[Path, ...], client_door: str) -> tuple[Path, ...]:
    """Give the folders of the reader, behind those of the three apps of FAPI 2.0: the last one says which profiles."""
    changes = {DOOR: client_door}
    certified = reader.folder / "my-certified"
    certified.mkdir()
    (certified / "my-certified.toml").write_text(adapted(blocks(FAPI2, "toml")[0].text, changes))
    strict = reader.register(FAPI2, "make_key.py", "my-fapi2", changes, block=1)
    quiet = reader.register(FAPI2, "make_key.py", "my-oauth", changes, block=2)
    return (certified, strict, quiet, *overlays)


@pytest.fixture(scope="module")
def the_town(
    postgres: Server,
    migrated_template: str,
    redis_server: RedisServer,
    server_directory: Path,
    fapi2_overlays: tuple[Path, ...],
) -> Iterator[Town]:
    """Give the town with TLS, one for all of these tests."""
    folder = server_directory / "docs-town-tls"
    with (
        new_database(postgres, migrated_template) as database,
        town(folder, database, redis_server.url, fapi2_overlays, tls=True) as built,
    ):
        yield built


@pytest.fixture(scope="module")
def certificate(reader: Reader, the_town: Town) -> None:
    """Let the authority of this town certify a key, by the commands of the document."""
    reader.shell(adapted(blocks(FAPI2, "sh")[2].text, {".demo/": f"{the_town.state.folder}/"}))


@pytest.fixture
def visit(keep: Keep) -> None:
    """Keep what the programs of that page share."""
    keep("my_visit.mjs", programs(FAPI2, "js")["my_visit.mjs"])


@pytest.mark.usefixtures("visit", "certificate")
def test_fapi2_with_a_certificate(program: Program, new_person: Callable[[], Person]) -> None:
    """Log in, refresh, exchange and log out by `tls_client_auth`; tokens are worth nothing without the certificate."""
    assert printed(program(FAPI2, "my_certified.mjs"), new_person(), api=True) == ending(FAPI2)


def test_a_proxy_passes_on_what_takes_certificates(the_town: Town) -> None:
    """The example for operators lets every address through that is told here, VAD's own API, and no page."""
    found = re.search(r"location ~ (\S+) {\n    proxy_pass http://vad;", blocks("docs/operations.md", "nginx")[0].text)
    assert found is not None
    discovered = new_session().get(f"{the_town.issuer}/.well-known/openid-configuration", timeout=20).json()
    told = [urlsplit(address).path for address in discovered["mtls_endpoint_aliases"].values()]
    assert all(re.search(found[1], path) for path in (*told, "/v1/mandates"))
    assert not any(re.search(found[1], path) for path in ("/authorize", "/mijn/activiteit", "/v1"))


@pytest.mark.usefixtures("visit")
def test_fapi2_with_a_key(program: Program, new_person: Callable[[], Person]) -> None:
    """The same by a key: the request is signed and pushed, and tokens are worth nothing without the key (DPoP)."""
    assert printed(program(FAPI2, "my_fapi2.mjs"), new_person()) == ending(FAPI2, 1)


@pytest.mark.usefixtures("visit")
def test_fapi2_without_an_id_token(program: Program, new_person: Callable[[], Person]) -> None:
    """Plain OAuth: the token opens VAD's own API and the hospital, and does not say who it is."""
    assert printed(program(FAPI2, "my_oauth.mjs"), new_person(), api=True) == ending(FAPI2, 2)


@pytest.mark.parametrize(
    ("document", "name", "block"),
    [(OPENID_CLIENT, "my_app.mjs", 0), (OPENID_CLIENT, "my_basic.mjs", 1), (REQUESTS, "my_requests.mjs", 0)],
)
def test_a_javascript_program(
    program: Program, new_person: Callable[[], Person], document: str, name: str, block: int
) -> None:
    """By a key and by a secret: the same words as without TLS, and no request without it."""
    assert printed(program(document, name), new_person()) == ending(document, block)


def test_the_web_app(
    keep: Keep, start: Start, new_person: Callable[[], Person], the_town: Town, client_door: str
) -> None:
    """Flask with Authlib."""
    keep("web_app.py", programs(WEB_APP)["web_app.py"])
    wait_for(client_door, start(client_journeys.gunicorn(client_door)))
    client_journeys.of_the_web_app(new_person(), f"http://{client_door}/", the_town)


@pytest.mark.journey
def test_the_page(playwright: Playwright, chromium: str, serve_page: ServePage, the_town: Town) -> None:
    """oidc-client-ts in Chromium, from another origin than VAD's."""
    of_the_page(playwright, chromium, the_town, serve_page())


def test_the_app_of_the_quick_start(keep: Keep, start: Start, new_person: Callable[[], Person]) -> None:
    """Authlib's client for `requests`."""
    keep("my_app.py", programs(PGO)["my_app.py"])
    assert printed(start([sys.executable, "my_app.py"]), new_person()) == ending(PGO)


def test_apache(serve: Serve, new_person: Callable[[], Person], the_town: Town) -> None:
    """Apache with mod_auth_openidc, by a key."""
    client_journeys.of_the_site(new_person(), serve(3600), the_town)


def test_apache_with_a_secret(serve: Serve, new_person: Callable[[], Person], the_town: Town) -> None:
    """And by a secret."""
    client_journeys.of_the_plain_site(new_person(), serve(3600, by_secret=True), the_town)
