"""The journey of the ministry's robot (`VAD_POC.robot`), over HTTP: step by step what it opens, presses and reads."""

import base64
import json
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey

from tests.support.backroom import Backroom
from tests.support.ministry import PROXY, DvpProxy
from tests.support.relying_party_client import Asked
from tests.support.town import Town
from vad.sandbox.demo.browser import Browser
from vad.sandbox.ministry_front import Config, create_app
from vad.sandbox.serving import serve

BSN = "999991772"
CALLBACK = "rp.example"


@pytest.fixture
def front(vad_town: Town) -> Iterator[str]:
    """Give the address that the robot knows the provider by."""
    config = Config(vad_town.issuer, vad_town.settings.digid.issuer)
    with serve(create_app(config)) as address:
        yield address


@pytest.fixture
def proxy(vad_town: Town, ministry_key: RSAKey, front: str) -> DvpProxy:
    """Give the DVP proxy, which reaches the provider by the front."""
    return DvpProxy(front, PROXY, ministry_key)


@pytest.fixture
def robot() -> Iterator[requests.Session]:
    """Give its browser."""
    with requests.Session() as session:
        yield session


def asked_at(front: str, asked: Asked) -> str:
    """The address of the request, with the host replaced by the one that the robot reaches."""
    return f"{front}/authorize?{urlsplit(asked.url).query}"


def follow(robot: requests.Session, url: str) -> str:
    """Follow redirects, by header or by `<meta http-equiv="refresh">`, to the door of the app."""
    for _ in range(12):
        if urlsplit(url).netloc == CALLBACK:
            return url
        answer = robot.get(url, allow_redirects=False, timeout=30)
        refresh = re.search(r'<meta http-equiv="refresh" content="0;url=([^"]+)"', answer.text)
        target = answer.headers.get("Location") or (refresh.group(1) if refresh else None)
        assert target is not None, f"the robot is stuck at {answer.url}: {answer.status_code}"
        url = urljoin(url, target)
    raise AssertionError("too many redirects")


def log_in(robot: requests.Session, front: str, asked: Asked) -> str:
    """From the app to the mock, its form as it stands there, and back; returns the code."""
    mock = robot.get(asked_at(front, asked), timeout=30)
    assert mock.status_code == 200
    assert mock.url.startswith(f"{front}/digid-mock")
    page = Browser.read(mock)
    assert page.heading == "DigiD Mock"
    assert "bsn_inp" in page.elements
    [form] = page.forms
    assert (form.method, form.action) == ("GET", "digid-mock-catch")
    fields = {field.name: field.value for field in form.fields}
    assert fields.keys() == {"bsn", "SAMLart", "RelayState"}
    assert fields["bsn"] == BSN
    return code_of(follow(robot, f"{front}/{form.action}?{urlencode(fields)}"), asked)


def code_of(url: str, asked: Asked) -> str:
    """The code in the address that leads back."""
    answer = dict(parse_qsl(urlsplit(url).query))
    assert answer["state"] == dict(asked.parameters)["state"]
    return answer["code"]


def userinfo_of(proxy: DvpProxy, asked: Asked, code: str) -> str:
    """What the proxy puts behind `userinfo=` for the web app: base64url of the JSON."""
    tokens = proxy.redeem(asked, code)
    assert tokens.status_code == 200, tokens.text
    read = proxy.userinfo(tokens.json()["access_token"]).json()
    again = json.dumps({name: read[name] for name in ("rid", "person", "sub")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(again.encode()).decode()


def test_the_robots_journey(front: str, proxy: DvpProxy, robot: requests.Session, backroom: Backroom) -> None:
    """Log in, read who it is, renew the cookie, log in again without DigiD, and be asked again once it is over."""
    asked = proxy.ask()
    code = log_in(robot, front, asked)
    decoded = base64.urlsafe_b64decode(userinfo_of(proxy, asked, code)).decode()
    assert '"full_name":"Frouke Jansen"' in decoded
    assert '"sub":' in decoded
    assert len(json.loads(decoded)["rid"]) == 64
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
    assert code_of(follow(robot, asked_at(front, again)), again) != code
    # The very same request once more, with the cookie alone, when the login is over: 200 and the mock.
    backroom.end_session(str(robot.cookies["vad_session"]))
    gone = requests.post(f"{front}/auth/session/renew", cookies={"auth_session": cookie.value}, timeout=20)
    assert (gone.status_code, gone.text) == (410, "Session is gone")
    once_more = requests.get(asked_at(front, asked), cookies={"auth_session": cookie.value}, timeout=30)
    assert once_more.status_code == 200
    assert "digid-mock" in once_more.text
    backroom.forget_consents()


def test_vad_itself_has_no_such_pages(vad_town: Town, front: str) -> None:
    """They are the front's; and the front takes test persons alone, for a visit that it knows."""
    for path in ("digid-mock", "digid-mock-catch", "acs", "metadata/digid", "continue"):
        assert requests.get(f"{vad_town.issuer}/{path}", timeout=20).status_code == 404, path
    for query in ({}, {"bsn": BSN}, {"bsn": "123456782", "SAMLart": "x"}):
        assert requests.get(f"{front}/digid-mock-catch", query, timeout=20).status_code == 400
    assert requests.get(f"{front}/mijn", timeout=20).status_code == 404
