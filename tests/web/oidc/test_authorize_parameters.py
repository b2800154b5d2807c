"""The authorization endpoint and every single parameter of a request that is not as it should be."""

from typing import Any

import pytest
import requests

from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty, answer_of, claims_of
from tests.support.town import Town
from tests.web.oidc.inside import SOURCE, visit

pytestmark = pytest.mark.slow

REFUSED_VALUES = [
    ("response_type", None, "invalid_request"),
    ("response_type", "", "invalid_request"),
    ("response_type", "token", "unsupported_response_type"),
    ("response_type", "id_token", "unsupported_response_type"),
    ("response_type", "code id_token", "unsupported_response_type"),
    ("response_type", "code token", "unsupported_response_type"),
    ("response_type", "none", "unsupported_response_type"),
    ("response_type", "code ", "unsupported_response_type"),
    ("response_type", "CODE", "unsupported_response_type"),
    ("response_type", "café", "unsupported_response_type"),
    ("response_type", 'a"b\\c', "unsupported_response_type"),
    ("scope", None, "invalid_scope"),
    ("scope", "", "invalid_scope"),
    ("scope", "48", "invalid_scope"),
    ("scope", "openid 48 nonsense", "invalid_scope"),
    ("scope", "openid 48 é", "invalid_scope"),
    ("scope", "openid 63", "invalid_scope"),
    ("scope", "openid", "invalid_scope"),
    ("scope", "openid\t48", "invalid_request"),
    ("state", None, "invalid_request"),
    ("state", "", "invalid_request"),
    ("nonce", None, "invalid_request"),
    ("nonce", "", "invalid_request"),
    ("nonce", "n" * 513, "invalid_request"),
    ("code_challenge", None, "invalid_request"),
    ("code_challenge", "", "invalid_request"),
    ("code_challenge", "a" * 42, "invalid_request"),
    ("code_challenge", "a" * 44, "invalid_request"),
    ("code_challenge", "a" * 42 + "=", "invalid_request"),
    ("code_challenge", "é" * 43, "invalid_request"),
    ("code_challenge_method", None, "invalid_request"),
    ("code_challenge_method", "", "invalid_request"),
    ("code_challenge_method", "plain", "invalid_request"),
    ("code_challenge_method", "s256", "invalid_request"),
    ("code_challenge_method", "S512", "invalid_request"),
    ("prompt", "none login", "invalid_request"),
    ("prompt", "none select_account", "invalid_request"),
    ("prompt", "create", "invalid_request"),
    ("display", "window", "invalid_request"),
    ("display", "page popup", "invalid_request"),
    ("display", "PAGE", "invalid_request"),
    ("id_token_hint", "e30.e30.e30", "invalid_request"),
    ("prompt", "NONE", "invalid_request"),
    ("max_age", "-1", "invalid_request"),
    ("max_age", "1.5", "invalid_request"),
    ("max_age", "soon", "invalid_request"),
    ("max_age", "9" * 30, "invalid_request"),
    ("max_age", "٣", "invalid_request"),
    ("response_mode", "fragment", "invalid_request"),
    ("response_mode", "FORM_POST", "invalid_request"),
    ("response_mode", "query.jwt", "invalid_request"),
    ("request", "e30.e30.", "invalid_request_object"),
    ("request_uri", "https://rp.example/request", "invalid_request_uri"),
    ("registration", "{}", "registration_not_supported"),
    ("resource", "https://unknown.example", "invalid_target"),
    ("resource", SOURCE + "/", "invalid_target"),
    ("resource", SOURCE + "#here", "invalid_target"),
    ("resource", "é\u202f", "invalid_request"),
    ("login_hint", "x" * 4097, "invalid_request"),
    ("whatever", "a\x00b", "invalid_request"),
    ("what\never", "b", "invalid_request"),
]
"""Parameter, value (None: left out), and the error that the app hears."""

CONTROL = ["\x00", "\n", "\r\nX-Injected: 1", "\x7f", "\x1b[2J", "\u2028", "\u202e"]
NAMES = ["scope", "nonce", "code_challenge", "resource", "prompt", "max_age", "acr_values", "ui_locales", "display"]


@pytest.mark.parametrize(("name", "value", "error"), REFUSED_VALUES)
def test_a_wrong_parameter_is_told_to_the_app(rp: RelyingParty, name: str, value: str | None, error: str) -> None:
    """The app hears its error, with its own state and who says so (RFC 6749 section 4.1.2.1, RFC 9207 section 2)."""
    changes: dict[str, Any] = {"scope": "openid 48", name: value}
    asked = rp.ask(resources=() if name == "resource" else (SOURCE,), **changes)
    response = visit(asked)
    assert response.status_code == 303
    assert response.headers["Location"].startswith(rp.redirect_uri + "?")
    answer = answer_of(response.headers["Location"])
    assert answer["error"] == error
    assert answer["iss"] == rp.issuer
    assert answer.get("state", "") == (value or "" if name == "state" else dict(asked.parameters)["state"])
    assert "code" not in answer
    assert set(answer["error_description"]) <= set(map(chr, range(0x20, 0x7F))) - {'"', "\\"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("control", CONTROL)
def test_control_characters_are_refused(rp: RelyingParty, name: str, control: str) -> None:
    """No parameter may hold control characters: a clear error, and no header of its own (RFC 6749 appendix A)."""
    response = visit(rp.ask(scope="openid 48", resources=(SOURCE,)), (name + "_", "x" + control))
    assert answer_of(response.headers["Location"])["error"] == "invalid_request"
    changes: dict[str, Any] = {"scope": "openid 48", "resource": SOURCE, name: "x" + control}
    asked = rp.ask(**changes)
    response = visit(asked)
    assert answer_of(response.headers["Location"])["error"] == "invalid_request"
    assert "X-Injected" not in response.headers


@pytest.mark.parametrize("name", ["claims", "authorization_details"])
def test_json_may_stand_on_several_lines(rp: RelyingParty, name: str) -> None:
    """RFC 8259 section 2: tabs and line breaks are white space there; no other control characters are, nor in text."""
    value = {"claims": '{"id_token":%s{}}', "authorization_details": '[%s{"type": "nl.vad.representation"}]'}[name]
    good = rp.ask(scope="openid 48", resources=(SOURCE,), **{name: value % "\r\n\t"})
    assert "error" not in visit(good).headers["Location"]
    for bad in (value % "\x0b", value % "\x00", value % "\u2028", value.replace("d", "\n") % ""):
        answer = answer_of(visit(rp.ask(scope="openid 48", resources=(SOURCE,), **{name: bad})).headers["Location"])
        assert answer["error"].startswith("invalid_"), bad


@pytest.mark.parametrize("name", ["response_type", "scope", "nonce", "code_challenge", "code_challenge_method"])
def test_a_repeated_parameter_is_refused(rp: RelyingParty, name: str) -> None:
    """No parameter comes twice, not even with the same value (RFC 6749 section 3.1)."""
    asked = rp.ask(scope="openid 48", resources=(SOURCE,))
    answer = answer_of(visit(asked, (name, dict(asked.parameters)[name])).headers["Location"])
    assert answer["error"] == "invalid_request"
    assert answer["state"] == dict(asked.parameters)["state"]


def test_of_two_states_none_is_repeated(rp: RelyingParty) -> None:
    """With two states nobody knows which one to give back: the error comes without (RFC 6749 section 3.1)."""
    answer = answer_of(visit(rp.ask(), ("state", "another")).headers["Location"])
    assert answer["error"] == "invalid_request"
    assert "state" not in answer


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_of_two_addressees_none_is_redirected_to(rp: RelyingParty, name: str) -> None:
    """Two client_ids or redirect URIs: a page, never a redirect (RFC 9700 section 4.1.3)."""
    asked = rp.ask()
    for value in (dict(asked.parameters)[name], "https://evil.example/callback"):
        response = visit(asked, (name, value))
        assert (response.status_code, response.headers.get("Location")) == (400, None)


def test_the_resource_alone_may_come_more_than_once(vad_town: Town, rp: RelyingParty) -> None:
    """`resource` is repeatable, within bounds (RFC 8707 section 2)."""
    asked = rp.ask(scope="openid 48", resources=(SOURCE, vad_town.address("hospital"), SOURCE))
    assert "/authorize/resume" in visit(asked).headers["Location"]
    asked = rp.ask(scope="openid 48", resources=(SOURCE,) * 17)
    assert answer_of(visit(asked).headers["Location"])["error"] == "invalid_request"


def test_the_resource_may_be_vad_itself(rp: RelyingParty, person: Person) -> None:
    """As at the token endpoint: a library sends the same one at both. Beside a source it changes nothing."""
    asked = rp.ask(resources=(rp.issuer,))
    held = rp.redeem(asked, person.authorize(asked), resource=rp.issuer).json()
    assert claims_of(held["access_token"])["aud"] == rp.issuer
    asked = rp.ask(scope="openid 48", resources=(rp.issuer, SOURCE))
    held = rp.redeem(asked, person.authorize(asked), resource=SOURCE).json()
    assert claims_of(held["access_token"])["aud"] == SOURCE
    asked = rp.ask(scope="openid 48", resources=(rp.issuer,))
    assert answer_of(visit(asked).headers["Location"])["error"] == "invalid_scope"


def test_scopes_that_libraries_send_unasked_give_nothing(rp: RelyingParty, person: Person) -> None:
    """OIDC Core 3.1.2.1: what is not understood should be ignored. So it is at the token endpoint (RFC 6749 3.3)."""
    asked = rp.ask(scope="openid profile email address phone offline_access 48", resources=(SOURCE,))
    held = rp.redeem(asked, person.authorize(asked)).json()
    assert held["scope"] == claims_of(held["access_token"])["scope"] == "openid 48"
    again = rp.refresh(held["refresh_token"], scope="openid profile offline_access").json()
    assert (again["scope"], rp.userinfo(again["access_token"]).status_code) == ("openid", 200)
    assert rp.refresh(again["refresh_token"], scope="profile").json()["error"] == "invalid_scope"


@pytest.mark.parametrize(
    "name",
    ["request", "request_uri", "registration", "response_mode", "prompt", "max_age", "acr_values", "display", "claims"],
)
def test_a_parameter_without_a_value_counts_as_absent(rp: RelyingParty, name: str) -> None:
    """A parameter without a value is treated as if it were left out (RFC 6749 section 3.1)."""
    changes: dict[str, Any] = {name: ""}
    response = visit(rp.ask(**changes))
    assert response.status_code == 303
    assert "/authorize/resume" in response.headers["Location"]


@pytest.mark.parametrize("display", ["page", "popup", "touch", "wap"])
def test_every_display_will_do(rp: RelyingParty, display: str) -> None:
    """The four values of the specification are taken: the pages fit all of them (OIDC Core 3.1.2.1)."""
    assert "/authorize/resume" in visit(rp.ask(display=display)).headers["Location"]


def test_unknown_parameters_are_passed_over(rp: RelyingParty) -> None:
    """An unknown parameter is ignored (RFC 6749 section 3.1); so is an unknown `acr_values` (OIDC Core 5.5.1.1)."""
    asked = rp.ask(foreign="1", acr_values="urn:nobody:knows", login_hint="frouke@example.nl")
    assert "/authorize/resume" in visit(asked).headers["Location"]


STATES = [
    "a+b c%2Bd",
    "&iss=https://evil.example",
    "#fragment",
    "a=b;c",
    "é中",
    "x" * 2048,
    '"><script>',
    "%00",
    "a\\b",
]


@pytest.mark.parametrize("state", STATES)
def test_the_state_comes_back_as_it_was(rp: RelyingParty, state: str) -> None:
    """The exact state comes back, whatever stands in it, and nothing else changes (RFC 6749 section 4.1.2.1)."""
    response = visit(rp.ask(state=state, response_type="token"))
    answer = answer_of(response.headers["Location"])
    assert (answer["state"], answer["iss"]) == (state, rp.issuer)
    assert answer["error"] == "unsupported_response_type"


def test_a_state_of_any_length_is_answered(rp: RelyingParty) -> None:
    """A state that is too long is refused; one that no address can carry does not come back."""
    answer = answer_of(visit(rp.ask(state="s" * 2049)).headers["Location"])
    assert (answer["error"], answer["state"]) == ("invalid_request", "s" * 2049)
    form = dict(rp.ask(state="s" * 50_000).parameters)
    response = requests.post(f"{rp.issuer}/authorize", data=form, allow_redirects=False, timeout=20)
    assert response.status_code == 303
    assert len(response.headers["Location"]) < 8192
    assert answer_of(response.headers["Location"])["error"] == "invalid_request"


def test_bytes_that_are_no_text_are_a_clear_error(rp: RelyingParty) -> None:
    """Bytes that are not UTF-8 never end in a fault of the server."""
    for name in ("state", "nonce", "scope", "client_id", "redirect_uri", "resource", "prompt"):
        changes: dict[str, Any] = {"scope": "openid 48", "resource": SOURCE, name: None}
        asked = rp.ask(**changes)
        response = requests.get(f"{asked.url}&{name}=%ff%fe%00%c3%28", allow_redirects=False, timeout=20)
        refused = "error=" in response.headers.get("Location", "")
        assert response.status_code == (400 if name in {"client_id", "redirect_uri"} else 303), name
        assert refused is (response.status_code == 303), name
