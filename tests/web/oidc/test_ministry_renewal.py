"""The cookie `auth_session`: an app of profile `ministry` renews a login to itself, and nobody else's."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests
from joserfc.jwk import RSAKey

from tests.support.backroom import Backroom
from tests.support.ministry import OPEN, PROXY, DvpProxy
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.renewable_logins import RedisRenewableLogins
from vad.bootstrap import web

RENEW = "/auth/session/renew"
COOKIE = re.compile(
    r"auth_session=(?P<value>[A-Za-z0-9_-]{43}); "
    r"expires=[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT; HttpOnly; Path=/; SameSite=lax"
)
"""Letter by letter: those who read it look for `expires=(.*?); HttpOnly`. Over https it ends with `; Secure`."""
GONE = "auth_session=; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=lax"


@pytest.fixture
def proxy(vad_town: Town, ministry_key: RSAKey) -> DvpProxy:
    """Give the DVP proxy."""
    return DvpProxy(vad_town.issuer, PROXY, ministry_key)


def renew(town: Town, value: str | None, **headers: str) -> requests.Response:
    """Renew as a program does, with that one cookie."""
    cookies = {} if value is None else {"auth_session": value}
    return requests.post(town.issuer + RENEW, cookies=cookies, headers=headers, timeout=20)


def is_gone(answer: requests.Response) -> bool:
    """410, these very words, and the cookie is taken away."""
    told = (answer.status_code, answer.content, answer.headers["Set-Cookie"])
    return told == (410, b"Session is gone", GONE)


def expiry(answer: requests.Response) -> datetime:
    """When the cookie of this answer ends, as the robot of the ministry reads it."""
    found = re.search(r"expires=(.*?); HttpOnly", answer.headers["Set-Cookie"])
    assert found is not None
    return parsedate_to_datetime(found.group(1))


def end(backroom: Backroom, handle: str, at: datetime) -> None:
    """Let the login behind this handle end then."""
    store = RedisRenewableLogins(backroom.redis, StoreKeys(backroom.foundation.keyring))
    login = store.get(handle)
    assert login is not None
    store.add(handle, replace(login, ends_at=at), timedelta(minutes=15))


def test_an_app_renews_its_login(vad_town: Town, proxy: DvpProxy, person: Person, backroom: Backroom) -> None:
    """204 and the same handle for 15 minutes more; VAD's session is not moved by it, and another cookie is none."""
    proxy.log_in(person)
    sent = [answer for answer in person.seen if "auth_session" in answer.headers.get("Set-Cookie", "")]
    assert len(sent) == 1, "once, with the code"
    assert "code=" in sent[0].headers["Location"]
    handle, session = person.cookies["auth_session"], person.cookies["vad_session"]
    assert handle != session
    assert handle.encode() not in b"".join(backroom.redis.client.scan_iter())
    backroom.change_session(session, last_active=datetime.now(UTC) - timedelta(minutes=14))
    before = backroom.sessions.get(session)
    answer = renew(vad_town, handle)
    assert (answer.status_code, answer.content, answer.headers["Cache-Control"]) == (204, b"", "no-store")
    found = COOKIE.fullmatch(answer.headers["Set-Cookie"])
    assert found is not None, answer.headers["Set-Cookie"]
    assert found["value"] == handle
    assert timedelta(minutes=14, seconds=50) < expiry(answer) - datetime.now(UTC) <= timedelta(minutes=15)
    assert backroom.sessions.get(session) == before
    for other in (None, session, "x" * 43, "é", "x" * 500):
        assert is_gone(renew(vad_town, other))


def test_over_https_it_is_secure_as_well(vad_town: Town, proxy: DvpProxy, person: Person) -> None:
    """Letter by letter as over http, and `; Secure` behind that."""
    service = vad_town.settings.service.model_copy(update={"issuer": "https://vad.example"})
    client = web.create_app(vad_town.settings.model_copy(update={"service": service})).test_client()
    proxy.log_in(person)
    handle = person.cookies["auth_session"]
    client.set_cookie("auth_session", handle, domain="vad.example", secure=True)
    answer = client.post(RENEW, base_url="https://vad.example")
    assert answer.status_code == 204
    found = re.fullmatch(f"{COOKIE.pattern}; Secure", answer.headers["Set-Cookie"])
    assert found is not None, answer.headers["Set-Cookie"]
    assert found["value"] == handle


def test_no_other_app_has_one(rp: RelyingParty, person: Person) -> None:
    """Not after a login to an app of another profile, in the same installation."""
    person.authorize(rp.ask())
    assert "auth_session" not in person.cookies


def test_it_ends_with_the_login(vad_town: Town, proxy: DvpProxy, person: Person, backroom: Backroom) -> None:
    """It never outlives the two hours of a login, and logging out ends it at once."""
    proxy.log_in(person)
    handle = person.cookies["auth_session"]
    ends_at = datetime.now(UTC) + timedelta(seconds=100)
    end(backroom, handle, ends_at)
    assert abs(expiry(renew(vad_town, handle)) - ends_at) <= timedelta(seconds=1)
    end(backroom, handle, datetime.now(UTC))
    assert is_gone(renew(vad_town, handle))
    end(backroom, handle, ends_at)
    person.log_out()
    assert is_gone(renew(vad_town, handle))


def test_logging_in_again_without_digid(
    vad_town: Town, proxy: DvpProxy, rp: RelyingParty, person: Person, backroom: Backroom
) -> None:
    """With the login kept by the app, its next request is answered at once; the handle alone logs nobody in.

    For any other app, the same person in the same browser has to log in again.
    """
    code = person.authorize(proxy.ask(), duration="until_stopped")
    session = person.cookies["vad_session"]
    backroom.change_session(session, last_active=datetime.now(UTC) - timedelta(minutes=16))
    assert renew(vad_town, person.cookies["auth_session"]).status_code == 204
    thief = Person(vad_town, "rp.example")
    thief.plant("auth_session", person.cookies["auth_session"])
    thief.open(proxy.ask().url)
    assert "login-submit" in thief.page.elements
    thief.leave()
    for asked in (rp.ask(), DvpProxy(vad_town.issuer, OPEN).ask()):
        person.open(asked.url)
        assert "login-submit" in person.page.elements
    person.answer = None
    person.open(proxy.ask().url)
    answer: dict[str, str] = person.answer or {}
    assert answer["code"] != code
    backroom.forget_consents()


def test_it_is_off_unless_an_operator_wants_it(vad_town: Town) -> None:
    """Without the setting the endpoint is for VAD's own pages alone."""
    settings = vad_town.settings
    off = settings.model_copy(update={"ministry": settings.ministry.model_copy(update={"auth_session": False})})
    client = web.create_app(off).test_client()
    assert client.post(RENEW, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    answer = client.post(RENEW)
    assert (answer.status_code, answer.data) == (410, b"Session is gone")
    assert "Set-Cookie" not in answer.headers
