"""A data source that demands a stronger or a later login, and the app that acts on it (RFC 9470)."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.sandbox.fake_issuer import FakeIssuer, encryption_key
from tests.sandbox.street import HIGH, RECORDS, Street
from vad.sandbox.data_source import Config, create_app
from vad.sandbox.fields import ConfigError
from vad.sandbox.pgo_step_up import demanded
from vad.sandbox.ports import free_port
from vad.sandbox.refusals import Reason, RefusedError
from vad.sandbox.serving import serve
from vad.sandbox.step_up import Demand
from vad.sandbox.token_check import TokenCheck

SOURCE = "http://localhost:8105"
KEY, ISSUER = encryption_key(), FakeIssuer()
NOW = int(time.time())
DEMAND = Demand((HIGH, "urn:higher"), 900)
CHALLENGE = (
    'error="insufficient_user_authentication", error_description="{why}", '
    f'acr_values="{HIGH} urn:higher", max_age="900"'
)
LETTER = "Brief van de internist"
GOOD_CHALLENGE = 'Bearer resource_metadata="x", error="insufficient_user_authentication"'


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"acr": HIGH}, None),
        ({"acr": "urn:higher", "auth_time": timedelta(seconds=930)}, None),  # clocks may differ by a minute
        ({}, Reason.LOGIN_TOO_WEAK),
        ({"acr": None}, Reason.LOGIN_TOO_WEAK),
        ({"acr": [HIGH]}, Reason.LOGIN_TOO_WEAK),
        ({"acr": f"{HIGH}/"}, Reason.LOGIN_TOO_WEAK),
        ({"acr": HIGH, "auth_time": timedelta(seconds=1000)}, Reason.LOGIN_TOO_OLD),
        ({"acr": HIGH, "auth_time": None}, Reason.LOGIN_TOO_OLD),
        ({"acr": HIGH, "auth_time": str(NOW)}, Reason.LOGIN_TOO_OLD),
        ({"acr": HIGH, "auth_time": True}, Reason.LOGIN_TOO_OLD),
        ({"auth_time": NOW - 1000, "exp": NOW - 100}, Reason.EXPIRED),
        ({"scope": "63"}, Reason.SCOPE),
        ({"subject_identifier": "in clear"}, Reason.DECRYPTION),
    ],
)
def test_what_a_demand_makes_of_a_login(claims: dict[str, Any], reason: Reason | None) -> None:
    """What lacks is too weak or too old; a token that is no good otherwise is not worth a new login."""
    now = int(time.time())
    claims = {
        name: now - int(value.total_seconds()) if isinstance(value, timedelta) else value
        for name, value in claims.items()
    }
    token = ISSUER.sign(ISSUER.claims(SOURCE, KEY, **claims))
    check = TokenCheck(ISSUER.url, SOURCE, "bsn_jwe", KEY, ISSUER.public().get)
    if reason is None:
        assert check.check(token, "48", demand=DEMAND).client_id == "pgo-demo"
        return
    with pytest.raises(RefusedError) as refused:
        check.check(token, "48", demand=DEMAND)
    assert refused.value.reason is reason


def test_one_demand_may_stand_alone() -> None:
    """A level whenever it was, or a time at whatever level."""
    Demand((HIGH,)).check({"acr": HIGH}, NOW)
    Demand(max_age=60).check({"auth_time": NOW}, NOW)
    with pytest.raises(RefusedError, match="login_too_old"):
        Demand(max_age=60).check({"auth_time": NOW - 61}, NOW)


def _config(issuer: str, port: int, **more: Any) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "identifier": f"http://localhost:{port}",
        "name": "Ziekenhuis Oost",
        "data_services": {"48": "Basisgegevens Zorg"},
        "identifier_type": "bsn_jwe",
        "private_key": dict(KEY.as_dict(private=True)),
        "records": RECORDS,
    } | more


def test_a_source_says_which_login_opens_its_letters() -> None:
    """RFC 9470, section 3: 401, the error and the whole demand; the rest opens as before, and holds no letter."""
    fake, port = FakeIssuer(), free_port()
    raw = _config("http://localhost:1", port, letters={"acr_values": list(DEMAND.acr_values), "max_age": 900})
    with serve(fake.app()) as fake.url:
        config = Config.from_json(raw | {"issuer": fake.url})
        assert Config.from_json(config.to_json() | {"letters": raw["letters"]}) == config
        with serve(create_app(config), port) as url:

            def read(path: str, **claims: Any) -> requests.Response:
                token = fake.sign(fake.claims(url, KEY, **claims))
                return requests.get(f"{url}/fhir/{path}", headers={"Authorization": f"Bearer {token}"}, timeout=5)

            for claims, why in (
                ({}, "A different authentication level is required"),
                ({"acr": HIGH, "auth_time": NOW - 1000}, "More recent authentication is required"),
            ):
                answer = read("48/DocumentReference", **claims)
                assert answer.status_code == 401
                assert answer.headers["WWW-Authenticate"] == (
                    f'Bearer resource_metadata="{url}/.well-known/oauth-protected-resource", '
                    + CHALLENGE.format(why=why)
                )
                assert LETTER not in answer.text
            letters = read("48/DocumentReference", acr=HIGH).json()
            assert [entry["resource"]["description"] for entry in letters["entry"]] == [LETTER]
            assert letters["link"][0]["url"] == f"{url}/fhir/48/DocumentReference"
            everything = read("48/Patient/$everything")
            assert (everything.status_code, everything.json()["total"]) == (200, 9)
            assert LETTER not in everything.text
            assert read("48/DocumentReference", scope="63").status_code == 403
            assert read("49/DocumentReference", acr=HIGH).status_code == 404
            told = requests.get(f"{url}/refusals", timeout=5).json()["refusals"]
            assert [item["reason"] for item in told] == ["scope", "login_too_old", "login_too_weak"]


@pytest.mark.parametrize(
    "letters",
    [
        {},
        {"acr_values": []},
        {"acr_values": ['a" realm="b']},
        {"acr_values": ["a b"]},
        {"max_age": 0},
        {"max_age": True},
        {"acr": HIGH},
    ],
)
def test_a_demand_that_demands_nothing_or_nonsense_is_a_mistake(letters: dict[str, Any]) -> None:
    """Nobody finds out later that letters lay open, or that the header says something else."""
    with pytest.raises(ConfigError):
        Config.from_json(_config(ISSUER.url, 1, letters=letters))


def test_a_source_without_letters_has_none() -> None:
    """No demand, no letters: they open for a demand alone."""
    with serve(create_app(Config.from_json(_config(ISSUER.url, 1)))) as url:
        assert requests.get(f"{url}/fhir/48/DocumentReference", timeout=5).status_code == 404


@pytest.mark.parametrize(
    ("challenge", "expected"),
    [
        (f'{GOOD_CHALLENGE}, acr_values="{HIGH} b"', {"acr_values": f"{HIGH} b"}),
        (f"{GOOD_CHALLENGE}, max_age=5", {"max_age": "5"}),
        (f'{GOOD_CHALLENGE}, acr_values="{HIGH}", max_age="5", prompt="none"', {"acr_values": HIGH, "max_age": "5"}),
        (GOOD_CHALLENGE, {}),
        (f'{GOOD_CHALLENGE}, acr_values="", max_age="-1"', {}),
        (f'{GOOD_CHALLENGE}, acr_values="a  b"', {}),
        (f'{GOOD_CHALLENGE}, acr_values="{"a" * 501}"', {}),
        (f'Bearer error="invalid_token", acr_values="{HIGH}"', {}),
        (f'Basic error="insufficient_user_authentication", acr_values="{HIGH}"', {}),
        ("", {}),
    ],
)
def test_the_app_takes_a_level_and_a_time_from_a_challenge_and_nothing_else(
    challenge: str, expected: dict[str, str]
) -> None:
    """RFC 9470, section 4; what comes with another status is no challenge."""
    assert demanded(401, challenge) == expected
    assert demanded(403, challenge) == {}


@pytest.fixture
def street() -> Iterator[Street]:
    """Give a PGO with its neighbours, of whom the hospital demands a login for its letters."""
    with ExitStack() as stack:
        yield Street(stack)


def _again(street: Street, page: str = "brieven") -> requests.Response:
    return street.browser.post(f"{street.url}/{page}/1/inloggen", timeout=15)


def test_the_app_says_what_the_source_demands_and_logs_in_for_it(street: Street) -> None:
    """In plain words; a button asks VAD for that login, for the same sources and person, and the letters show."""
    assert 'href="/brieven/1"' in street.log_in().text
    page = street.get("/brieven/1?taal=en")
    assert page.url.endswith("/brieven/1")
    assert "This source asks for level of assurance high." in page.text
    page = street.get("/brieven/1?taal=nl")
    assert 'data-outcome="login_too_weak"' in page.text
    assert "Deze bron vraagt om betrouwbaarheid hoog." in page.text
    assert LETTER not in page.text
    page = _again(street)
    assert page.url == f"{street.url}/brieven/1"
    assert LETTER in page.text
    assert "Controle over een jaar." in page.text
    first, again = street.vad.asked
    assert (again["acr_values"], again["max_age"]) == ([HIGH], ["900"])
    assert again["id_token_hint"][0].count(".") == 2
    assert (again["resource"], again["scope"]) == (first["resource"], first["scope"])
    assert again["state"] != first["state"]
    assert street.outcomes() == ["data", "data"]
    assert "Betrouwbaarheid: hoog." in street.get("/gegevens").text


def test_a_login_that_is_too_old_is_told_apart(street: Street) -> None:
    """The level will do, the time does not; a fresh login opens it."""
    street.vad.acr, street.vad.login_age = HIGH, 1000
    street.log_in()
    assert "U bent te lang geleden ingelogd voor deze gegevens." in street.get("/brieven/1").text
    assert LETTER in _again(street).text


@pytest.mark.parametrize(
    ("answer", "id_token", "code"),
    [({"error": "access_denied", "code": ""}, {}, "access_denied"), ({}, {"sub": "another"}, "login_required")],
)
def test_who_thinks_better_of_it_keeps_what_was_there(
    street: Street, answer: dict[str, str], id_token: dict[str, str], code: str
) -> None:
    """Stopped at DigiD, or came back as somebody else: the first login goes on, and the letters stay closed."""
    street.log_in()
    street.get("/brieven/1")
    street.vad.answer, street.vad.id_token = answer, id_token
    assert f"Code: {code}" in _again(street).text
    assert street.outcomes() == ["data", "data"]
    assert 'data-outcome="login_too_weak"' in street.get("/brieven/1").text


def test_nobody_is_sent_to_vad_without_a_demand(street: Street) -> None:
    """The button does nothing where no source demanded anything, and there are letters of known sources alone."""
    assert street.get("/brieven/1").url == _again(street).url == f"{street.url}/"
    street.log_in()
    assert _again(street, "gegevens").url == f"{street.url}/gegevens"
    assert _again(street).url == f"{street.url}/brieven/1"
    assert len(street.vad.asked) == 1
    assert [street.get(f"/brieven/{number}").status_code for number in (0, 2, 3)] == [404, 404, 404]
