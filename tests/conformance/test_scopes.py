"""Basic OP and Form Post OP: the modules that ask for claims about the person, as their plans play them."""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tests.conformance.basic_client import BasicClient
from tests.conformance.playing import FORM_POST, plays
from tests.support.person import Person
from tests.support.relying_party_client import Asked, claims_of

KINDS: Mapping[str, type] = {
    **dict.fromkeys(("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username"), str),
    **dict.fromkeys(("profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale"), str),
    "updated_at": int,
    "email": str,
    "email_verified": bool,
    "address": dict,
    "phone_number": str,
    "phone_number_verified": bool,
}
"""OIDC Core section 5.1, in the order of the scopes of section 5.4."""
OF = dict(
    zip(("profile", "email", "address", "phone"), (slice(14), slice(14, 16), slice(16, 17), slice(17, 19)), strict=True)
)
SCOPES = {
    "oidcc-scope-profile": "openid profile",
    "oidcc-scope-email": "openid email",
    "oidcc-scope-address": "openid address",
    "oidcc-scope-phone": "openid phone",
    "oidcc-scope-all": "openid profile email address phone",
    "oidcc-ensure-other-scope-order-succeeds": "email openid",
}


@plays(*SCOPES, also=FORM_POST)
def test_modules_of_scopes(basic: BasicClient, visitor: Person, known: dict[str, Any], module: str) -> None:
    """Discovery has the scope; userinfo has each of its claims, of the right kind, and no other; the ID token none."""
    scope = SCOPES[module]
    assert set(known["scopes_supported"]) >= set(OF)
    assert set(known["claims_supported"]) >= set(KINDS)
    held = _agreed(basic, visitor, basic.ask(scope=scope, prompt="consent"))
    assert set(held["scope"].split()) == set(scope.split())
    wanted = {name for each in scope.split() if each in OF for name in list(KINDS)[OF[each]]}
    told = basic.userinfo(held["access_token"]).json()
    assert told.keys() & KINDS.keys() == wanted
    assert all(type(told[name]) is KINDS[name] for name in wanted)
    id_token = claims_of(held["id_token"])
    assert (id_token["sub"], id_token.keys() & KINDS.keys()) == (told["sub"], set())
    if "profile" in scope:
        time.strptime(told["birthdate"], "%Y-%m-%d")
        assert told["updated_at"] < time.time()


@plays("oidcc-alternate-happy-flow", also=FORM_POST)
def test_oidcc_alternate_happy_flow(basic: BasicClient, visitor: Person) -> None:
    """`oidcc-scope-email` again, with scope and parameters the other way round."""
    asked = basic.ask(scope="email openid", prompt="consent")
    pairs = asked.parameters[::-1]
    turned = Asked(pairs, asked.code_verifier, f"{basic.issuer}/authorize?{urlencode(pairs)}")
    told = basic.userinfo(_agreed(basic, visitor, turned)["access_token"]).json()
    assert told.keys() & KINDS.keys() == {"email", "email_verified"}


@plays("oidcc-claims-essential", also=FORM_POST)
def test_oidcc_claims_essential(basic: BasicClient, visitor: Person) -> None:
    """`name` at userinfo, where it was asked for, and nowhere else."""
    asked = basic.ask(claims=json.dumps({"userinfo": {"name": {"essential": True}}}), prompt="consent")
    held = _agreed(basic, visitor, asked)
    told = basic.userinfo(held["access_token"]).json()
    assert (told["name"], told.keys() & KINDS.keys(), held["scope"]) == ("Frouke Jansen", {"name"}, "openid")
    assert "name" not in claims_of(held["id_token"])


def _agreed(client: BasicClient, person: Person, asked: Asked) -> dict[str, Any]:
    """The whole way, of who is logged in by now and agrees to all of it."""
    person.open(asked.url)
    person.consent(duration="until_stopped")
    got = client.redeem(client.answered(person)["code"])
    assert got.status_code == 200, got.text
    return dict(got.json())
