"""The steps of the ministry's robot (`VAD_POC.robot`), over HTTP: what it opens, presses and reads."""

import base64
import json
import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import requests

from tests.support.ministry import DvpProxy
from tests.support.relying_party_client import Asked
from vad.sandbox.demo.browser import Browser

BSN = "999991772"


def follow(robot: requests.Session, url: str, callback: str) -> str:
    """Follow redirects, by header or by `<meta http-equiv="refresh">`, to the door of the app."""
    for _ in range(12):
        if urlsplit(url).netloc == callback:
            return url
        answer = robot.get(url, allow_redirects=False, timeout=30)
        refresh = re.search(r'<meta http-equiv="refresh" content="0;url=([^"]+)"', answer.text)
        target = answer.headers.get("Location") or (refresh.group(1) if refresh else None)
        assert target is not None, f"the robot is stuck at {answer.url}: {answer.status_code}"
        url = urljoin(url, target)
    raise AssertionError("too many redirects")


def log_in(robot: requests.Session, front: str, asked: Asked) -> str:
    """From the app to the mock, its form as it stands there, and back; returns the code."""
    mock = robot.get(asked.url, timeout=30)
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
    callback = urlsplit(dict(asked.parameters)["redirect_uri"]).netloc
    return code_of(follow(robot, f"{front}/{form.action}?{urlencode(fields)}", callback), asked)


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


def whole_journey(robot: requests.Session, front: str, proxy: DvpProxy) -> tuple[Asked, str]:
    """Log in at the mock, and read in the callback's address who it is; returns the request and its code."""
    asked = proxy.ask()
    code = log_in(robot, front, asked)
    decoded = base64.urlsafe_b64decode(userinfo_of(proxy, asked, code)).decode()
    assert '"full_name":"Frouke Jansen"' in decoded
    assert '"sub":' in decoded
    assert len(json.loads(decoded)["rid"]) == 64
    return asked, code
