"""The mock DigiD's pages and authorization endpoint (OpenID Connect Core 3.1.2): who may log in, and where it leads."""

from http import HTTPStatus

import pytest
import requests

from tests.sandbox.relying_party import BSN, CALLBACK, SUBSTANTIAL, Clock, RelyingParty, answer

HIGH = "http://eidas.europa.eu/LoA/high"
LOW = "http://eidas.europa.eu/LoA/low"


def test_login_gives_an_encrypted_and_signed_token(party: RelyingParty) -> None:
    """A login ends in an ID token that only the client can read and that DigiD's published key proves."""
    back = answer(party.submit(party.open_page(), level="hoog"))
    assert back["state"] == "state-1"
    assert back["iss"] == party.issuer
    response = party.token(code=back["code"])
    assert response.status_code == HTTPStatus.OK
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json()["token_type"] == "Bearer"
    claims = party.verified(party.opened(response.json()["id_token"]))
    assert claims["iss"] == party.issuer
    assert claims["aud"] == "vad"
    assert claims["sub"] == BSN
    assert claims["sub_id_type"] == "urn:nl-eid-gdi:1.0:id:BSN"
    assert claims["acr"] == HIGH
    assert claims["nonce"] == "nonce-1"
    assert claims["exp"] - claims["iat"] == 300
    assert claims["auth_time"] <= claims["iat"]
    assert claims["jti"]


def test_discovery_names_what_is_served(party: RelyingParty) -> None:
    """Discovery 1.0: issuer, endpoints and algorithms are those that a client really meets."""
    metadata = requests.get(f"{party.issuer}/.well-known/openid-configuration", timeout=10).json()
    assert metadata["issuer"] == party.issuer
    assert metadata["authorization_endpoint"] == f"{party.issuer}/authorize"
    assert metadata["token_endpoint"] == f"{party.issuer}/token"
    assert metadata["jwks_uri"] == f"{party.issuer}/jwks"
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert requests.get(f"{party.issuer}/healthz", timeout=10).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "other"},
        {"client_id": None},
        {"redirect_uri": "http://localhost:8100/digid/callback/"},
        {"redirect_uri": "http://evil.example/callback"},
        {"redirect_uri": None},
    ],
)
def test_untrusted_request_is_never_redirected(party: RelyingParty, changes: dict[str, str | None]) -> None:
    """RFC 6749 4.1.2.1: a wrong client or redirect URI gives a page, not a redirect."""
    response = party.authorize(party.request(**changes))
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Location" not in response.headers
    assert "Deze app is niet goed ingesteld" in response.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"acr_values": "urn:unknown"}, "invalid_request"),
        ({"acr_values": f"{SUBSTANTIAL} {HIGH}"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "urn:x"}, "request_uri_not_supported"),
    ],
)
def test_wrong_request_is_told_to_the_client(party: RelyingParty, changes: dict[str, str | None], error: str) -> None:
    """RFC 6749 4.1.2.1, RFC 7636: every other fault goes back to the client, with its state."""
    back = answer(party.authorize(party.request(**changes)))
    assert back["error"] == error
    assert back["state"] == "state-1"
    assert "code" not in back


def test_missing_state_is_refused(party: RelyingParty) -> None:
    """A request without state is refused, and no state is invented."""
    back = answer(party.authorize(party.request(state=None)))
    assert back["error"] == "invalid_request"
    assert "state" not in back


def test_repeated_parameter_is_refused(party: RelyingParty) -> None:
    """RFC 6749 3.1: no parameter may occur twice."""
    wanted = [*party.request().items(), ("nonce", "nonce-2")]
    assert answer(party.authorize(wanted))["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"outcome": "cancel"}, "access_denied"),
        ({"action": "cancel"}, "access_denied"),
        ({"outcome": "failure"}, "server_error"),
    ],
)
def test_cancel_and_failure_go_back_with_their_error(party: RelyingParty, form: dict[str, str], error: str) -> None:
    """P2: cancelling is access_denied, a failure server_error, both with state and iss (RFC 9207)."""
    back = answer(party.submit(party.open_page(), **form))
    assert back == {"error": error, "state": "state-1", "iss": party.issuer}


def test_level_too_low_comes_back_below_what_was_demanded(party: RelyingParty) -> None:
    """Rule 35: only the outcome "level too low" answers below the level that was demanded."""
    response = party.token(code=party.code(outcome="too_low"))
    assert party.verified(party.opened(response.json()["id_token"]))["acr"] == LOW


def test_lower_level_cannot_be_chosen(party: RelyingParty) -> None:
    """A real provider does not log anybody in below the level demanded: the page says so and keeps the choice."""
    response = party.submit(party.open_page(), level="midden")
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert 'href="#level"' in response.text
    assert 'value="midden" selected' in response.text
    assert f'value="{BSN}" checked' in response.text


@pytest.mark.parametrize("typed", ["12345678", "999991773", "000000000", "123456782", "\uff19" * 9])
def test_wrong_bsn_is_refused_and_kept(party: RelyingParty, typed: str) -> None:
    """P2, rule 31: nine digits, 11-proof, test range; what was typed stays and the error links to the field."""
    response = party.submit(party.open_page(), bsn=typed, person="")
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Dit nummer klopt niet." in response.text
    assert 'href="#bsn"' in response.text
    assert f'value="{typed}"' in response.text
    assert "<title>Fout: " in response.text


def test_typed_bsn_goes_before_the_chosen_person(party: RelyingParty) -> None:
    """P2: any test BSN can be typed, with spaces, also one that nobody in the list has."""
    response = party.token(code=party.code(bsn="9999 90007"))
    assert party.verified(party.opened(response.json()["id_token"]))["sub"] == "999990007"


def test_nobody_chosen_is_an_error(party: RelyingParty) -> None:
    """P2: logging in as nobody asks to choose; cancelling needs no choice."""
    transaction = party.open_page()
    assert party.submit(transaction, person="").status_code == HTTPStatus.BAD_REQUEST
    assert party.submit(transaction, person="111222333").status_code == HTTPStatus.BAD_REQUEST
    assert answer(party.submit(transaction, person="", action="cancel"))["error"] == "access_denied"


def test_form_of_another_browser_is_refused(party: RelyingParty) -> None:
    """Login CSRF: a transaction works only in the browser that began it, and only from DigiD's own page."""
    transaction = party.open_page()
    stranger = RelyingParty(issuer=party.issuer)
    assert stranger.submit(transaction).status_code == HTTPStatus.BAD_REQUEST
    party.browser.headers["Origin"] = "http://localhost:8104"
    assert party.submit(transaction).status_code == HTTPStatus.BAD_REQUEST
    party.browser.headers["Origin"] = party.issuer
    assert "code" in answer(party.submit(transaction))
    stranger.browser.close()


def test_transaction_works_once_and_for_a_quarter_of_an_hour(party: RelyingParty, clock: Clock) -> None:
    """A login page that was used, or left open for 15 minutes, leads nowhere."""
    used = party.open_page()
    assert "code" in answer(party.submit(used))
    assert party.submit(used).status_code == HTTPStatus.BAD_REQUEST
    left = party.open_page()
    clock.ahead += 15 * 60
    response = party.submit(left)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Deze inlogpagina werkt niet meer" in response.text


def test_page_is_guarded(party: RelyingParty) -> None:
    """No script, no frames, forms end at DigiD or the client; the cookie is the browser's own and out of reach."""
    response = party.authorize()
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("digid_browser=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = party.browser.get(f"{party.issuer}{response.headers['Location']}")
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'")
    assert "http://localhost:*" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in page.text
    assert "Dit is geen echte DigiD. Vul hier nooit uw eigen gegevens in." in page.text
    for wanted in ('id="bsn"', f'id="person-{BSN}"', 'id="level"', 'id="outcome"', 'id="login-submit"', 'id="cancel"'):
        assert wanted in page.text


def test_page_speaks_english_when_asked(party: RelyingParty) -> None:
    """Both languages are complete; `ui_locales` and `taal` choose."""
    location = party.authorize(party.request(ui_locales="en-GB nl")).headers["Location"]
    page = party.browser.get(f"{party.issuer}{location}")
    assert '<html lang="en">' in page.text
    assert "This is not the real DigiD. Never enter your own details." in page.text


def test_authorize_takes_a_form_as_well(party: RelyingParty) -> None:
    """OpenID Connect Core 3.1.2.1: the authorization endpoint answers GET and POST alike."""
    url = f"{party.issuer}/authorize"
    response = party.browser.post(url, data=party.request(), allow_redirects=False)
    assert response.headers["Location"].startswith("/inloggen?transactie=")


def test_bsn_is_in_no_address(party: RelyingParty) -> None:
    """Rule 31: the BSN is in no address the browser visits, nor in any link of a page."""
    transaction = party.open_page()
    page = party.submit(transaction, bsn="999991773")
    assert f"#person-{BSN}" not in page.text
    back = party.submit(transaction).headers["Location"]
    assert back.startswith(CALLBACK)
    assert BSN not in back
