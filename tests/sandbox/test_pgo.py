"""The demo PGO against an authorization server and two data sources, over HTTP."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from tests.sandbox.fake_issuer import BSN
from tests.sandbox.street import CLIENT_KEY, Street
from vad.sandbox import pgo
from vad.sandbox.fields import ConfigError
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


@pytest.fixture
def street() -> Iterator[Street]:
    """Give a PGO with its neighbours."""
    with ExitStack() as stack:
        yield Street(stack)


def test_logging_in_shows_the_data_of_every_source(street: Street) -> None:
    """One login, one token per source: by exchange for one and by refresh for the other; data in words, not JSON."""
    page = street.log_in()
    assert page.url == f"{street.url}/gegevens"
    assert [(kind, where) for kind, where in street.vad.grants] == [
        ("authorization_code", None),
        (EXCHANGE, street.hospital),
        ("refresh_token", street.rivm),
    ]
    for words in ("Levothyroxine tablet 75 microgram", "COVID-19-vaccin (mRNA)", "3 september 2026", "2,4 mU/l"):
        assert words in page.text
    assert "token exchange, RFC 8693" in page.text
    assert "resourceType" not in page.text
    asked = street.vad.asked[0]
    assert asked["resource"] == [street.hospital, street.rivm]
    assert asked["scope"] == ["openid 48 63"]


def test_what_the_app_received_holds_no_bsn(street: Street) -> None:
    """Rule 31: a PGO never sees a BSN, in no token, claim or header."""
    street.log_in()
    text = street.get("/received").text
    received = street.get("/received").json()
    assert [item.get("status", "callback") for item in received["received"]] == ["callback", 200, 200, 200, 200]
    assert received["received"][2]["body"]["person"]["name"] == "Frouke Jansen"
    assert received["received"][3]["opened"]["access_token"]["claims"]["aud"] == street.hospital
    assert received["id_token_claims"]["sub"] == "pairwise"
    assert BSN not in text


def test_only_the_ticked_sources_are_asked_for(street: Street) -> None:
    """Data minimisation: what was not ticked is not asked, and no token is fetched for it."""
    street.log_in(street.rivm)
    assert street.vad.asked[0]["resource"] == [street.rivm]
    assert street.outcomes() == ["not_asked", "data"]


def test_at_least_one_source_must_be_ticked(street: Street) -> None:
    """Without a choice the first page comes back and says what to do; VAD is not bothered."""
    page = street.log_in("http://localhost:1")
    assert "Kies minstens 1 bron" in page.text
    assert "<title>Fout: " in page.text
    assert street.vad.asked == []


def test_a_source_without_consent_is_left_alone(street: Street) -> None:
    """The granted scope says what the person agreed to."""
    street.vad.scope = "openid 48"
    street.log_in()
    assert street.outcomes() == ["data", "no_consent"]


def test_each_source_fails_on_its_own(street: Street) -> None:
    """A source that is down, or that VAD gives no token for, does not take the others along."""
    street.vad.refused = frozenset({street.rivm})
    page = street.log_in()
    assert street.outcomes() == ["data", "no_token"]
    assert "never shown" not in page.text
    requests.post(f"{street.hospital}/control/faults", json={"mode": "garbage"}, timeout=5).raise_for_status()
    street.vad.refused = frozenset()
    assert street.outcomes() == ["unreachable", "data"]


def test_tokens_are_used_again_while_they_live_and_renewed_when_they_ended(street: Street) -> None:
    """No new token per page, unless asked; an ended one is renewed, the exchange's through a refreshed token of VAD."""
    street.log_in()
    assert street.outcomes() == ["data", "data"]
    assert len(street.vad.grants) == 3
    assert street.get("/gegevens?opnieuw=1").text.count('data-outcome="data"') == 2
    assert len(street.vad.grants) == 5
    street.vad.lifetime = 5
    street.log_in()
    street.vad.grants.clear()
    assert street.outcomes() == ["data", "data"]
    assert street.vad.grants == [
        ("refresh_token", None),
        (EXCHANGE, street.hospital),
        ("refresh_token", street.rivm),
    ]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"error": "access_denied", "code": ""}, "access_denied"),
        ({"error": "server_error", "code": ""}, "server_error"),
        ({"error": "<script>", "code": ""}, "technical"),
        ({"code": ""}, "technical"),
        ({"state": "another"}, "state"),
        ({"state": ""}, "state"),
        ({"iss": "http://localhost:1"}, "technical"),
        ({"iss": ""}, "technical"),
    ],
)
def test_an_answer_that_is_not_right_is_explained(street: Street, answer: dict[str, str], code: str) -> None:
    """RFC 6749, RFC 9207: errors, a foreign state and a foreign issuer end on a page in plain words, without data."""
    street.vad.answer = answer
    page = street.log_in()
    assert page.url.startswith(f"{street.url}/fout?code=")
    assert f"Code: {code}" in page.text
    assert "<script" not in page.text
    assert street.vad.grants == []
    assert street.get("/gegevens").url == f"{street.url}/"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "http://localhost:1"},
        {"aud": "another"},
        {"aud": ["pgo-demo", "another"], "azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(time.time()) - 90},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"at_hash": None},
        {"sub": None},
    ],
)
def test_an_id_token_that_is_not_right_is_refused(street: Street, changes: dict[str, Any]) -> None:
    """OpenID Connect Core 1.0, section 3.1.3.7: every claim of the ID token is checked."""
    street.vad.id_token = changes
    assert "Code: technical" in street.log_in().text
    assert street.get("/gegevens").url == f"{street.url}/"


def test_an_answer_counts_once_and_only_in_its_own_browser(street: Street) -> None:
    """RFC 9700, section 4.7: an answer is bound to the browser that asked, and cannot be used again."""
    street.log_in()
    state = street.vad.asked[0]["state"][0]
    replay = f"/callback?code=the-code&state={state}&iss={street.vad.issuer.url}"
    assert "Code: state" in street.get(replay).text
    stranger = requests.get(f"{street.url}{replay}", timeout=15)
    assert "Code: state" in stranger.text
    assert len(street.vad.grants) == 3


def test_the_session_gets_a_new_name_at_login_and_ends_at_logout(street: Street) -> None:
    """No session can be planted beforehand; after logging out nothing is left to see."""
    first = street.browser.post(
        f"{street.url}/inloggen", data={"source": street.rivm}, allow_redirects=False, timeout=5
    )
    cookie = first.headers["Set-Cookie"]
    assert cookie.startswith("pgo-demo_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    before = street.browser.cookies["pgo-demo_session"]
    street.browser.get(first.headers["Location"], timeout=15)
    assert street.browser.cookies["pgo-demo_session"] != before
    out = street.browser.post(f"{street.url}/uitloggen", timeout=5)
    assert "U bent uitgelogd bij Mijn Zorgmap" in out.text
    assert street.get("/gegevens").url == f"{street.url}/"
    assert street.get("/received").json() == {"received": [], "id_token_claims": None}


def test_forms_of_other_sites_are_refused(street: Street) -> None:
    """Another site cannot log a visitor in or out: Sec-Fetch-Site and Origin are compared."""
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost:1"},
    ):
        assert street.log_in(**headers).status_code == 403
    assert street.log_in(**{"Sec-Fetch-Site": "same-origin", "Origin": street.url}).status_code == 200


def test_without_vad_the_app_says_so() -> None:
    """Discovery that fails is a page in plain words."""
    raw = {
        "issuer": f"http://localhost:{free_port()}",
        "client_id": "pgo-demo",
        "redirect_uri": "http://localhost:1/callback",
        "name": "Mijn Zorgmap",
        "signing_key": dict(CLIENT_KEY.as_dict(private=True)),
        "sources": [{"resource": "r", "name": "RIVM", "data_service": "63", "url": "http://localhost:1"}],
    }
    config = pgo.Config.from_json(raw)
    assert pgo.Config.from_json(json.loads(json.dumps(config.to_json()))) == config
    with pytest.raises(ConfigError, match="token_by"):
        pgo.Config.from_json(raw | {"sources": [raw["sources"][0] | {"token_by": "magic"}]})  # type: ignore[index]
    with serve(pgo.create_app(config)) as url:
        page = requests.post(f"{url}/inloggen", data={"source": "r"}, timeout=15)
        assert "Inloggen via VAD kan nu even niet" in page.text


def test_every_page_is_in_two_languages_and_well_protected(street: Street) -> None:
    """The language is chosen with ?taal= and kept; each answer forbids scripts and framing."""
    assert '<html lang="nl">' in street.get("/").text
    page = street.get("/fout?code=access_denied&taal=en")
    assert page.url == f"{street.url}/fout?code=access_denied"
    assert '<html lang="en">' in page.text
    assert '<html lang="en">' in street.get("/onbekend").text
    street.log_in()
    assert street.vad.asked[0]["ui_locales"] == ["en"]
    assert "Medication" in street.get("/gegevens").text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert f"form-action 'self' {street.vad.issuer.url}" in policy
    assert "script-src" not in policy
    assert page.headers["Cache-Control"] == "no-store"
