"""FAPI 2.0 Security Profile where a certificate proves the app or binds its tokens (RFC 8705): what ends well."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import requests

from tests.conformance.answers import identified, refusal
from tests.conformance.fapi2_client import WHOLE
from tests.conformance.playing import FAPI2, plays_by_certificate
from tests.conformance.test_fapi2_proofs import TIMES
from tests.conformance.test_fapi2_security_profile import INSIDE_AND_OUTSIDE
from tests.conformance.test_scopes import KINDS
from tests.support.certificate_holder import ORIGIN
from tests.support.fapi2_variants import VariantClient
from tests.support.person import Person
from tests.support.relying_party_client import Asked, claims_of
from tests.support.town_fixtures import REDIRECT

BY_KEY, TO_KEY = ("key-mtls",), ("mtls-dpop",)
"""The variants whose app signs assertions, and whose tokens are bound to a key."""


def checked(client: VariantClient, held: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """The claims of the ID token, once all tokens are what the profile wants."""
    assert (held["token_type"], held["expires_in"] > 0) == ("DPoP" if client.dpop else "Bearer", True)
    assert set(claims_of(held["access_token"])["cnf"]) == ({"jkt"} if client.dpop else {"x5t#S256"})
    return identified(client.rp.issuer, client.rp.client_id, held, dict(asked.parameters).get("nonce"), "PS256")


@plays_by_certificate("discovery-end-point-verification")
def test_discovery(shown: VariantClient, known: dict[str, Any]) -> None:
    """RFC 8705 sections 3.3 and 5: what each variant needs is told, and where certificates are shown."""
    method = "private_key_jwt" if shown.by_key else "tls_client_auth"
    assert method in known["token_endpoint_auth_methods_supported"]
    assert known["tls_client_certificate_bound_access_tokens"] is True
    for name in ("token_endpoint", "pushed_authorization_request_endpoint", "userinfo_endpoint"):
        assert known["mtls_endpoint_aliases"][name] == known[name].replace(known["issuer"], ORIGIN)


@plays_by_certificate("happy-flow")
def test_happy_flow(shown: VariantClient, stranger: VariantClient, new_person: Callable[[], Person]) -> None:
    """Both apps, the second with a query in its address; with what binds the first, the token of the second is none."""
    stranger.rp.redirect_uri = f"{REDIRECT}?app=1"
    for client in (shown, stranger):
        asked, person = client.rp.ask(state=secrets.token_urlsafe(96)), new_person()
        held = client.tokens(person, asked)
        assert person.answer is not None
        assert (person.answer["iss"], person.answer["state"]) == (client.rp.issuer, dict(asked.parameters)["state"])
        told = client.use(held["access_token"])
        assert (told.status_code, told.json()["sub"]) == (200, checked(client, held, asked)["sub"])
    shown.holder.nonce = stranger.holder.nonce
    assert shown.use(held["access_token"]).status_code == 401


@plays_by_certificate("user-rejects-authentication")
def test_user_rejects_authentication(shown: VariantClient, person: Person) -> None:
    """`access_denied`, with the state and the issuer."""
    asked = shown.rp.ask()
    person.open(shown.coming(asked, shown.push(asked)).url)
    person.press("cancel")
    state = dict(asked.parameters)["state"]
    assert person.answer is not None
    assert {name: person.answer[name] for name in ("error", "iss", "state")} == {
        "error": "access_denied",
        "iss": shown.rp.issuer,
        "state": state,
    }


@plays_by_certificate(*INSIDE_AND_OUTSIDE)
def test_state_and_nonce(shown: VariantClient, visitor: Person, module: str) -> None:
    """They come back as they were pushed, long or not at all; what the browser brings beside them never does."""
    inside, outside = INSIDE_AND_OUTSIDE[module.removeprefix(FAPI2)]
    asked = shown.rp.ask(**inside)
    brought = shown.coming(asked, shown.push(asked))
    beside = "".join(f"&{name}={value}" for name, value in outside.items())
    code = visitor.authorize(replace(brought, url=brought.url + beside), duration="until_stopped")
    assert visitor.answer is not None
    assert visitor.answer.get("state") == dict(asked.parameters).get("state")
    checked(shown, shown.redeem(asked, code).json(), asked)


@plays_by_certificate("ensure-other-scope-order-succeeds")
def test_other_scope_order(shown: VariantClient, visitor: Person) -> None:
    """`openid` last."""
    held = shown.tokens(visitor, shown.rp.ask(scope="mandates openid"))
    assert set(held["scope"].split()) == {"openid", "mandates"}


@plays_by_certificate("test-claims-parameter-identity-claims")
def test_claims_about_a_person(shown: VariantClient, visitor: Person) -> None:
    """Skipped, as discovery of these profiles names no claim of OIDC Core section 5.1; who asks for them gets none."""
    wanted = {name: {"essential": True} for name in [*KINDS, "unknown"]}
    asked = shown.rp.ask(claims=json.dumps({"userinfo": wanted, "id_token": wanted}))
    held = shown.tokens(visitor, asked)
    told = shown.use(held["access_token"]).json()
    assert not (told.keys() | checked(shown, held, asked).keys()) & wanted.keys()


@plays_by_certificate("access-token-type-header-case-sensitivity")
def test_access_token_type_header_case_sensitivity(shown: VariantClient, visitor: Person) -> None:
    """RFC 9110 section 11.1: the name of a scheme is the same in any case."""
    token = shown.tokens(visitor)["access_token"]
    for scheme in ("dpOp", "DPOP") if shown.dpop else ("bEARER", "BEARER"):
        assert shown.use(token, scheme=scheme).status_code == 200


@plays_by_certificate("par-without-duplicate-parameters")
def test_nothing_but_the_name_of_the_request(shown: VariantClient, visitor: Person) -> None:
    """RFC 9101 section 5: the browser brings `client_id` and `request_uri` alone, and that is enough."""
    asked = shown.rp.ask()
    brought = shown.coming(asked, shown.push(asked))
    assert [name for name, _ in brought.parameters] == ["client_id", "request_uri"]
    checked(shown, shown.redeem(asked, visitor.authorize(brought, duration="until_stopped")).json(), asked)


@plays_by_certificate("par-ensure-reused-request-uri-prior-to-auth-completion-succeeds")
def test_a_page_may_be_loaded_again(shown: VariantClient, person: Person) -> None:
    """A request is used when it is answered, not when its page is shown."""
    asked = shown.rp.ask()
    brought = shown.coming(asked, shown.push(asked))
    for _ in range(2):
        page = person.open(brought.url)
        assert (page.status, "login-submit" in page.elements) == (200, True)
    checked(shown, shown.redeem(asked, person.authorize(brought, duration="until_stopped")).json(), asked)


@plays_by_certificate("refresh-token")
def test_refresh_token(shown: VariantClient, stranger: VariantClient, visitor: Person) -> None:
    """It stays good for both apps and all that was asked, with a new key too.

    It is worth nothing without what proves the app or what binds its tokens, nor to the other app.
    """
    for one, other in ((shown, stranger), (stranger, shown)):
        held = one.tokens(visitor, one.rp.ask(scope=WHOLE))
        token, whole = held["refresh_token"], {"scope": WHOLE}
        renewed = replace(one)
        got = renewed.refresh(token, **(whole if one is shown else {})).json()
        assert (got["refresh_token"], got["token_type"]) == (token, held["token_type"])
        assert set(got["scope"].split()) == set(WHOLE.split())
        told = renewed.use(got["access_token"])
        assert (told.status_code, told.json()["sub"]) == (200, claims_of(held["id_token"])["sub"])
        other.holder.nonce = renewed.holder.nonce
        assert other.use(got["access_token"]).status_code == 401
        assert refusal(_without_authentication(one, token)) == (401, "invalid_client")
        assert refusal(one.unbound().refresh(token, proof=False, **whole)) == one.without_what_binds
        assert refusal(other.refresh(token)) == (400, "invalid_grant")
        assert one.refresh(token, **whole).status_code == 200


def _without_authentication(client: VariantClient, token: str) -> requests.Response:
    """What binds its tokens is there: the certificate where a key proves it, and else a proof of a key."""
    if client.by_key:
        nothing = dict.fromkeys(("client_id", "client_assertion", "client_assertion_type"))
        return client.refresh(token, scope=WHOLE, **nothing)
    bare = replace(client, rp=replace(client.rp, http=requests.Session()))
    return bare.refresh(token, scope=WHOLE)


@plays_by_certificate(*TIMES, variants=TO_KEY)
def test_times_of_a_proof(shown: VariantClient, visitor: Person, module: str) -> None:
    """Taken at PAR, the token endpoint and userinfo."""
    now, asked = int(time.time()), shown.rp.ask()
    claims = {name: now + offset for name, offset in TIMES[module.removeprefix(FAPI2)].items()}
    brought = shown.coming(asked, shown.push(asked, claims=claims))
    got = shown.redeem(asked, visitor.authorize(brought, duration="until_stopped"), claims=claims)
    assert got.status_code == 200, got.text
    assert shown.use(got.json()["access_token"], claims=claims).status_code == 200


@plays_by_certificate(
    "ensure-dpopproof-at-par-endpoint-binding-success", "ensure-dpop-auth-code-binding-success", variants=TO_KEY
)
def test_a_code_that_is_bound_to_a_key(shown: VariantClient, visitor: Person, module: str) -> None:
    """By a proof at PAR, or by `dpop_jkt` alone: the same key gets tokens that are bound to it."""
    proved = module.endswith("par-endpoint-binding-success")
    asked = shown.rp.ask(dpop_jkt=None if proved else shown.holder.jkt)
    brought = shown.coming(asked, shown.push(asked, proof=proved))
    held = shown.redeem(asked, visitor.authorize(brought, duration="until_stopped")).json()
    assert claims_of(held["access_token"])["cnf"] == {"jkt": shown.holder.jkt}
    assert shown.use(held["access_token"]).status_code == 200
