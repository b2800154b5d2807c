"""The PGO's quick start hears that a session ended, and refuses every token that section 2.6 tells it to refuse."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
import requests

from tests.docs.conftest import LOGOUT_PORT
from tests.support.documents import Reader, adapted, programs
from tests.support.person import FROUKE, Person
from tests.support.relying_party_client import RelyingParty, claims_of, new_key, public, sign
from tests.support.town import Town
from vad.bootstrap.upkeep import create_upkeep

DOCUMENT = "docs/quickstart-pgo.md"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
SIGNING = new_key("forger", use="sig", alg="ES256")
Parts = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture
def code(the_town: Town, logout_port: int) -> str:
    """Give the document's program, with the addresses of this town."""
    moved = {"http://localhost:8100": the_town.issuer, f'"127.0.0.1", {LOGOUT_PORT}': f'"127.0.0.1", {logout_port}'}
    return adapted(programs(DOCUMENT)["my_logout.py"], moved)


@pytest.fixture
def receiver(code: str, reader: Reader, logout_port: int) -> Iterator["subprocess.Popen[str]"]:
    """Give the program, listening."""
    (reader.folder / "my_logout.py").write_text(code)
    proxies = {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
    with subprocess.Popen(
        [sys.executable, "my_logout.py"], cwd=reader.folder, env=os.environ | proxies, stdout=subprocess.PIPE, text=True
    ) as process:
        until = time.monotonic() + 30
        while _post(logout_port, "") is None:
            assert process.poll() is None
            assert time.monotonic() < until
        assert process.stdout is not None
        assert process.stdout.readline() == "Refused: not one token\n"
        yield process
        process.kill()


def _post(port: int, body: str) -> requests.Response | None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        address = f"http://127.0.0.1:{port}/backchannel-logout"
        return requests.post(address, data=body, headers=headers, timeout=10)
    except requests.ConnectionError:
        return None


def test_a_session_that_ended_at_vad_ends_in_the_app(
    receiver: "subprocess.Popen[str]",
    my_app: RelyingParty,
    new_person: Callable[[], Person],
    the_town: Town,
    logout_port: int,
) -> None:
    """The person logs out at VAD; its worker tells the app, which ends the session of its own ID token, once."""
    upkeep, _ = create_upkeep(the_town.settings)
    while upkeep.deliver(datetime.now(UTC)).taken:
        pass
    person = new_person()
    asked = my_app.ask(resources=("http://localhost:8300",), scope="openid 48")
    tokens = my_app.redeem(asked, person.authorize(asked, FROUKE)).json()
    person.log_out()
    while upkeep.deliver(datetime.now(UTC)).taken:
        pass
    assert receiver.stdout is not None
    sid = claims_of(tokens["id_token"])["sid"]
    assert next(line for line in receiver.stdout if sid in line) == f"Ended: {sid}\n"
    refused = _post(logout_port, urlencode({"logout_token": tokens["id_token"]}))
    assert refused is not None
    assert (refused.status_code, refused.headers["Cache-Control"]) == (400, "no-store")
    assert receiver.stdout.readline() == "Refused: type\n"


@pytest.fixture
def check(code: str, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give the program as a module that takes the forger's key for one of VAD's: only their words betray tokens."""
    monkeypatch.chdir(reader.folder)
    module = ModuleType("my_logout")
    exec(compile(code, "my_logout.py", "exec"), module.__dict__)  # noqa: S102 - the program of our own document
    module.__dict__["ISSUER_KEYS"] = SimpleNamespace(get={"forger": public(SIGNING)}.get)
    return module


def _token(issuer: str, parts: Parts) -> str:
    header, claims = parts
    now = int(time.time())
    whole: dict[str, Any] = {
        "iss": issuer,
        "aud": "my-app",
        "sub": "somebody",
        "sid": "one",
        "iat": now,
        "exp": now + 120,
        "jti": "first",
        "events": {EVENT: {}},
        **{
            name: now + value if name in {"iat", "exp"} and type(value) is int else value
            for name, value in claims.items()
        },
    }
    present = {name: value for name, value in whole.items() if value is not None}
    if header.get("alg") == "none":
        return jwt.encode(present, "", algorithm="none", headers={"typ": "logout+jwt", "kid": "forger"})
    return sign(present, SIGNING, {"typ": "logout+jwt", **header})


GOOD: Parts = ({}, {})
BAD: dict[str, Parts] = {
    "an ID token's type": ({"typ": "JWT"}, {}),
    "an access token's type": ({"typ": "at+jwt"}, {}),
    "no algorithm": ({"alg": "none"}, {}),
    "an unknown key": ({"kid": "nobody"}, {}),
    "another issuer": ({}, {"iss": "https://elsewhere.example"}),
    "another audience": ({}, {"aud": "another-app"}),
    "a list of audiences": ({}, {"aud": ["my-app"]}),
    "expired": ({}, {"iat": -200, "exp": -61}),
    "issued later": ({}, {"iat": 120, "exp": 240}),
    "no end": ({}, {"exp": None}),
    "an end that is no number": ({}, {"exp": "4102444800"}),
    "a life of an hour": ({}, {"exp": 3600}),
    "no token id": ({}, {"jti": None}),
    "a token id that is no text": ({}, {"jti": 7}),
    "no session": ({}, {"sid": None}),
    "an empty session": ({}, {"sid": ""}),
    "no events": ({}, {"events": None}),
    "another event": ({}, {"events": {"urn:other": {}}}),
    "an event that is no object": ({}, {"events": {EVENT: True}}),
    "events that are a list": ({}, {"events": [EVENT]}),
    "a nonce": ({}, {"nonce": "x"}),
}


def test_a_good_token_counts_once(check: ModuleType, the_town: Town) -> None:
    """Otherwise the refusals below would say nothing; the same token a second time is refused."""
    token = _token(the_town.issuer, GOOD)
    assert check.ended_session(token) == "one"
    with pytest.raises(check.Refused, match="seen before"):
        check.ended_session(token)


@pytest.mark.parametrize("parts", BAD.values(), ids=BAD.keys())
def test_what_must_be_refused_is_refused(check: ModuleType, the_town: Town, parts: Parts) -> None:
    """One thing is wrong in each; each row of the document's table is among them. Its `jti` is not used up by that."""
    with pytest.raises(check.Refused):
        check.ended_session(_token(the_town.issuer, parts))
    assert check.ended_session(_token(the_town.issuer, GOOD)) == "one"


def test_what_is_forged_with_a_known_name_is_refused(check: ModuleType, the_town: Town) -> None:
    """The key is looked up by its name, and the signature must be its own."""
    other = new_key("forger", use="sig", alg="ES256")
    now = int(time.time())
    claims = {"iss": the_town.issuer, "aud": "my-app", "sid": "one", "jti": "x", "events": {EVENT: {}}}
    with pytest.raises(check.Refused):
        check.ended_session(sign(claims | {"iat": now, "exp": now + 120}, other, {"typ": "logout+jwt"}))
