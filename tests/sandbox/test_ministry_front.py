"""The journey of the ministry's robot (`VAD_POC.robot`), over HTTP: step by step what it opens, presses and reads."""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey

from tests.support.backroom import Backroom
from tests.support.ministry import PROXY, DvpProxy
from tests.support.ministry_robot import BSN, code_of, follow, whole_journey
from tests.support.town import Town
from vad.sandbox.ministry_front import Config, create_app
from vad.sandbox.serving import serve

CALLBACK = "rp.example"


@pytest.fixture
def front(vad_town: Town) -> Iterator[str]:
    """Give the address that the robot knows the provider by."""
    config = Config(vad_town.issuer, vad_town.settings.digid.issuer)
    with serve(create_app(config)) as address:
        yield address


@pytest.fixture
def proxy(ministry_key: RSAKey, front: str) -> DvpProxy:
    """Give the DVP proxy, which reaches the provider by the front."""
    return DvpProxy(front, PROXY, ministry_key)


@pytest.fixture
def robot() -> Iterator[requests.Session]:
    """Give its browser."""
    with requests.Session() as session:
        yield session


def test_the_robots_journey(front: str, proxy: DvpProxy, robot: requests.Session, backroom: Backroom) -> None:
    """Log in, read who it is, renew the cookie, log in again without DigiD, and be asked again once it is over."""
    asked, code = whole_journey(robot, front, proxy)
    assert urlsplit(asked.url).netloc == urlsplit(front).netloc
    # The cookie is set, and renewed by a program that sends it and nothing else.
    [cookie] = [each for each in robot.cookies if each.name == "auth_session"]
    assert cookie.value
    assert cookie.expires
    renewed = requests.post(f"{front}/auth/session/renew", cookies={"auth_session": cookie.value}, timeout=20)
    assert (renewed.status_code, renewed.content) == (204, b"")
    found = re.search(r"expires=(.*?); HttpOnly", renewed.headers["set-cookie"])
    assert found is not None
    assert parsedate_to_datetime(found.group(1)).timestamp() >= cookie.expires
    # Logging in again: DigiD is skipped.
    again = proxy.ask()
    assert code_of(follow(robot, again.url, CALLBACK), again) != code
    # The very same request once more, with the cookie alone, when the login is over: 200 and the mock.
    backroom.end_session(str(robot.cookies["vad_session"]))
    gone = requests.post(f"{front}/auth/session/renew", cookies={"auth_session": cookie.value}, timeout=20)
    assert (gone.status_code, gone.text) == (410, "Session is gone")
    once_more = requests.get(asked.url, cookies={"auth_session": cookie.value}, timeout=30)
    assert once_more.status_code == 200
    assert "digid-mock" in once_more.text
    backroom.forget_consents()


def test_an_app_whose_address_was_changed(front: str, proxy: DvpProxy) -> None:
    """The robot changes it at the manager of clients, and then waits for a heading that is the error itself."""
    url = proxy.ask(redirect_uri="https://rp.example/oidc/login/fail").url
    page = requests.get(url, headers={"Accept": "text/html"}, timeout=30)
    assert page.status_code == 400
    assert "<h2>unauthorized_client</h2>" in page.text
    told = requests.get(url, headers={"Accept": "application/json"}, timeout=30)
    assert (told.status_code, told.json()["error"]) == (400, "unauthorized_client")
    assert requests.get(f"{front}/healthz", timeout=20).json() == {"status": "ok"}


def test_vad_itself_has_no_such_pages(vad_town: Town, front: str) -> None:
    """They are the front's; and the front takes test persons alone, for a visit that it knows."""
    for path in ("digid-mock", "digid-mock-catch"):
        assert requests.get(f"{vad_town.issuer}/{path}", timeout=20).status_code == 404, path
    for query in ({}, {"bsn": BSN}, {"bsn": "123456782", "SAMLart": "x"}):
        assert requests.get(f"{front}/digid-mock-catch", query, timeout=20).status_code == 400
    assert requests.get(f"{front}/mijn", timeout=20).status_code == 404
