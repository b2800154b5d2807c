"""FAPI 2.0 Security Profile: the modules that end well. The plan for Message Signing plays them too, signed."""

import json
import secrets
import time
from collections.abc import Callable
from typing import Any

from tests.conformance.answers import declined, identified
from tests.conformance.conftest import App
from tests.conformance.fapi2_client import Fapi2Client
from tests.conformance.playing import FAPI2, SIGNED, plays
from tests.conformance.test_scopes import KINDS
from tests.support.consent_page import LAB
from tests.support.key_holder import ACCEPTED
from tests.support.person import Person
from tests.support.relying_party_client import Asked, claims_of
from tests.support.town_fixtures import FAPI2 as APPS
from tests.support.town_fixtures import REDIRECT
from vad.domain.profile import Profile
from vad.domain.profiles_allowed import Profiles
from vad.web.oidc.discovery import Installation, discovery

REQUEST_URI = "urn:ietf:params:oauth:request_uri:"


def checked(client: Fapi2Client, tokens: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """The claims of the ID token, once all tokens are what the profile wants."""
    assert (tokens["token_type"], tokens["expires_in"] > 0) == ("DPoP", True)
    assert claims_of(tokens["access_token"])["cnf"] == {"jkt": client.holder.jkt}
    return identified(client.rp.issuer, client.rp.client_id, tokens, dict(asked.parameters).get("nonce"), "PS256")


@plays(FAPI2 + "happy-flow", also=SIGNED)
def test_happy_flow(app: App, new_person: Callable[[], Person], way: str) -> None:
    """Two apps, the second with a query in its redirect URI; with the key of the first its token opens nothing.

    As the suite has it: neither pushes with a proof, the second says whose key it will be; the first signs without
    `typ`, the second says when; the browser brings parameters that the request has too; and no `client_id` comes with
    an assertion, at `/token`.
    """
    one, two = (app(APPS[way == SIGNED]) for _ in range(2))
    two.rp.redirect_uri = REDIRECT + "?app=1"
    for client in (one, two):
        bound = None if client is one else client.holder.jkt
        asked, person = client.rp.ask(state=secrets.token_urlsafe(96), dpop_jkt=bound), new_person()
        header, more = ({"typ": None}, {}) if client is one else ({}, {"iat": int(time.time())})
        pushed = client.push_unproved(asked, **({"request": client.signed(asked, header, **more)} if way else {}))
        assert (pushed.status_code, pushed.headers["Content-Type"]) == (201, "application/json"), pushed.text
        assert type(pushed.json()["expires_in"]) is int
        assert len(pushed.json()["request_uri"].removeprefix(REQUEST_URI)) >= 43
        code = client.code(person, asked, pushed, response_type="code", scope="openid")
        got = client.holder.redeem(asked, code, client_id=None)
        assert (got.status_code, got.headers["Cache-Control"]) == (200, "no-store")
        tokens = got.json()
        assert person.answer is not None
        assert (person.answer["iss"], person.answer["state"]) == (client.rp.issuer, dict(asked.parameters)["state"])
        told = client.holder.userinfo(tokens["access_token"])
        assert (told.status_code, told.json()["sub"]) == (200, checked(client, tokens, asked)["sub"])
        assert told.headers["Date"]
        for accept in ACCEPTED:
            assert client.holder.userinfo(tokens["access_token"], sent={"Accept": accept}).status_code == 200
        assert client.holder.userinfo(tokens["access_token"], in_query=True).status_code == 400
    one.holder.nonce = two.holder.nonce
    assert one.holder.userinfo(tokens["access_token"]).status_code == 401


@plays(FAPI2 + "user-rejects-authentication", also=SIGNED)
def test_user_rejects_authentication(client: Fapi2Client, person: Person) -> None:
    """`access_denied`, with the state and the issuer."""
    asked = client.rp.ask()
    person.open(client.coming(asked, client.push(asked)).url)
    person.press("cancel")
    assert declined(client.rp.issuer, person.answer or {}, asked) == "access_denied"


NONCE, STATE = secrets.token_urlsafe(288), secrets.token_urlsafe(750)
"""Of 384 and 1000 characters."""
INSIDE_AND_OUTSIDE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ensure-authorization-request-without-state-success": ({"state": None}, {}),
    "ensure-authorization-request-without-nonce-success": ({"nonce": None}, {}),
    "ensure-authorization-request-with-64-char-nonce-success": ({"nonce": NONCE[:64]}, {}),
    "ensure-authorization-request-with-long-nonce": ({"nonce": NONCE}, {}),
    "ensure-authorization-request-with-long-state": ({"state": STATE}, {}),
    "ensure-different-nonce-inside-and-outside-request-object": ({}, {"nonce": "outside"}),
    "ensure-different-state-inside-and-outside-request-object": ({}, {"state": "outside"}),
    "state-only-outside-request-object-not-used": ({"state": None}, {"state": "outside"}),
}


@plays(*(FAPI2 + name for name in INSIDE_AND_OUTSIDE), also=SIGNED)
def test_state_and_nonce(client: Fapi2Client, visitor: Person, module: str) -> None:
    """They come back as they were pushed, long or not at all; what the browser brings beside them never does."""
    inside, outside = INSIDE_AND_OUTSIDE[module.removeprefix(FAPI2)]
    asked = client.rp.ask(**inside)
    code = client.code(visitor, asked, **outside)
    assert visitor.answer is not None
    state = dict(asked.parameters).get("state")
    assert visitor.answer == {"code": code, "iss": client.rp.issuer, **({} if state is None else {"state": state})}
    checked(client, client.holder.redeem(asked, code).json(), asked)


@plays(FAPI2 + "ensure-other-scope-order-succeeds", also=SIGNED)
def test_other_scope_order(client: Fapi2Client, visitor: Person) -> None:
    """`openid` last."""
    asked = client.rp.ask(scope="51 openid", resources=(LAB,))
    assert set(client.tokens(visitor, asked)["scope"].split()) == {"openid", "51"}


@plays(FAPI2 + "test-claims-parameter-identity-claims", also=SIGNED)
def test_claims_about_a_person(client: Fapi2Client, visitor: Person) -> None:
    """Skipped: no claim of OIDC Core section 5.1 is named where the profiles are these. Who asks for them gets none."""
    known: dict[str, Any] = discovery(
        Installation(issuer=client.rp.issuer, profiles=Profiles((Profile.NLGOV, Profile.FAPI2)))
    )
    assert known["claims_parameter_supported"] is True
    assert not set(known["claims_supported"]) & KINDS.keys()
    wanted = {name: {"essential": True} for name in [*KINDS, "unknown"]}
    asked = client.rp.ask(claims=json.dumps({"userinfo": wanted, "id_token": wanted}))
    held = client.tokens(visitor, asked)
    told = client.holder.userinfo(held["access_token"]).json()
    assert not (told.keys() | checked(client, held, asked).keys()) & wanted.keys()


@plays(FAPI2 + "access-token-type-header-case-sensitivity", also=SIGNED)
def test_access_token_type_header_case_sensitivity(client: Fapi2Client, visitor: Person) -> None:
    """RFC 9110 section 11.1: the name of a scheme is the same in any case."""
    token = client.tokens(visitor)["access_token"]
    for scheme in ("dpOp", "dpop", "DPOP"):
        assert client.holder.userinfo(token, scheme).status_code == 200


@plays(FAPI2 + "par-without-duplicate-parameters", also=SIGNED)
def test_nothing_but_the_name_of_the_request(client: Fapi2Client, visitor: Person) -> None:
    """RFC 9101 section 5: the browser brings `client_id` and `request_uri` alone, and that is enough."""
    asked = client.rp.ask()
    pushed = client.push(asked)
    brought = client.coming(asked, pushed)
    assert [name for name, _ in brought.parameters] == ["client_id", "request_uri"]
    checked(client, client.tokens(visitor, asked, pushed), asked)


@plays(FAPI2 + "par-ensure-reused-request-uri-prior-to-auth-completion-succeeds", also=SIGNED)
def test_a_page_may_be_loaded_again(client: Fapi2Client, person: Person) -> None:
    """A request is used when it is answered, not when its page is shown."""
    asked = client.rp.ask()
    pushed = client.push(asked)
    for _ in range(2):
        page = person.open(client.coming(asked, pushed).url)
        assert (page.status, "login-submit" in page.elements) == (200, True)
    checked(client, client.tokens(person, asked, pushed), asked)
