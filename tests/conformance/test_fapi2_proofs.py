"""FAPI 2.0 Security Profile and Message Signing: proofs of a key (RFC 9449), from PAR to where a token is used."""

import time
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from jwt.algorithms import ECAlgorithm

from tests.conformance.answers import refusal
from tests.conformance.fapi2_client import Fapi2Client
from tests.conformance.playing import FAPI2, SIGNED, plays
from tests.support.key_holder import Holder
from tests.support.person import Person
from tests.support.relying_party_client import claims_of
from tests.support.town_fixtures import REDIRECT


def made(holder: Holder, path: str, token: str, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A proof with changes; None leaves a member out."""
    good = claims_of(holder.proof("GET", path, token))
    jwk = ECAlgorithm.to_jwk(holder.key.public_key(), as_dict=True)
    head = {"typ": "dpop+jwt", "jwk": jwk, **header}
    said = {name: value for name, value in (good | claims).items() if value is not None}
    return jwt.encode(said, holder.key, "ES256", {name: value for name, value in head.items() if value is not None})


TIMES: dict[str, dict[str, int]] = {
    "check-dpop-proof-nbf-exp": {"nbf": 0, "exp": 300},
    "ensure-dpopproof-with-iat-10seconds-before-succeeds": {"iat": -10},
    "ensure-dpopproof-with-iat-10seconds-after-succeeds": {"iat": 10},
}


@plays(*(FAPI2 + name for name in TIMES), also=SIGNED)
def test_times_of_a_proof(client: Fapi2Client, visitor: Person, module: str) -> None:
    """Taken at PAR, the token endpoint and userinfo."""
    now, asked = int(time.time()), client.rp.ask()
    changes: dict[str, Any] = {name: now + offset for name, offset in TIMES[module.removeprefix(FAPI2)].items()}
    code = client.code(visitor, asked, client.push(asked, **changes))
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    got = client.holder.post("/token", {**form, "code_verifier": asked.code_verifier}, **changes)
    assert got.status_code == 200, got.text
    assert client.holder.userinfo(got.json()["access_token"], **changes).status_code == 200


ANOTHER_KEY = {(400, "invalid_request"), (400, "invalid_grant"), (400, "invalid_dpop_proof")}


@plays(FAPI2 + "ensure-mismatched-dpop-jkt-fails", also=SIGNED)
def test_a_thumbprint_of_another_key(client: Fapi2Client) -> None:
    """`dpop_jkt` and the proof beside it are of one key, or the request is refused at PAR."""
    asked = client.rp.ask(dpop_jkt=Holder(client.rp).jkt)
    assert refusal(client.push(asked)) in ANOTHER_KEY
    assert client.push(client.rp.ask(dpop_jkt=client.holder.jkt)).status_code == 201


@plays(FAPI2 + "ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt", also=SIGNED)
def test_a_proof_of_another_key_than_at_par(client: Fapi2Client, visitor: Person) -> None:
    """The proof at PAR binds the code (RFC 9449 section 10.1)."""
    asked = client.rp.ask()
    code = client.code(visitor, asked)
    assert refusal(Holder(client.rp).redeem(asked, code)) in ANOTHER_KEY


@plays(FAPI2 + "ensure-token-endpoint-fails-with-mismatched-dpop-jkt", also=SIGNED)
def test_a_proof_of_another_key_than_was_named(client: Fapi2Client, visitor: Person) -> None:
    """So does `dpop_jkt`, where no proof came with it (section 10)."""
    asked = client.rp.ask(dpop_jkt=Holder(client.rp).jkt)
    code = client.code(visitor, asked, client.push_unproved(asked))
    assert refusal(client.holder.redeem(asked, code)) in ANOTHER_KEY


@plays(
    FAPI2 + "ensure-dpopproof-at-par-endpoint-binding-success",
    FAPI2 + "ensure-dpop-auth-code-binding-success",
    also=SIGNED,
)
def test_a_code_that_is_bound(client: Fapi2Client, visitor: Person, module: str) -> None:
    """By a proof at PAR, or by `dpop_jkt` alone: the same key gets tokens that are bound to it."""
    proved = module.endswith("par-endpoint-binding-success")
    asked = client.rp.ask(dpop_jkt=None if proved else client.holder.jkt)
    pushed = client.push(asked) if proved else client.push_unproved(asked)
    held = client.tokens(visitor, asked, pushed)
    assert (held["token_type"], claims_of(held["access_token"])["cnf"]) == ("DPoP", {"jkt": client.holder.jkt})
    assert client.holder.userinfo(held["access_token"]).status_code == 200


@plays(FAPI2 + "dpop-negative-tests", also=SIGNED)
def test_dpop_negative_tests(client: Fapi2Client, visitor: Person) -> None:
    """At userinfo, where the token is one of OpenID Connect."""
    negative(client, visitor, "/userinfo", "openid")


@plays(FAPI2 + "dpop-negative-tests")
def test_dpop_negative_tests_at_the_api(client: Fapi2Client, visitor: Person) -> None:
    """At VAD's own API, where it is one of OAuth alone."""
    negative(client, visitor, "/v1/mandates", "mandates")


def negative(client: Fapi2Client, person: Person, path: str, scope: str) -> None:
    """Each is 401, and the good ones around them are 200: so it was the proof, and not the token."""
    holder, now = client.holder, int(time.time())
    token = client.tokens(person, client.rp.ask(scope=scope))["access_token"]
    address = f"{client.rp.issuer}{path}"
    place = urlsplit(address)
    upper = f"{place.scheme.upper()}://{place.netloc.upper()}{path}"
    private = ECAlgorithm.to_jwk(holder.key, as_dict=True)

    def use(*proofs: str, name: str = "DPoP", scheme: str = "DPoP") -> int:
        headers = {"Authorization": f"{scheme} {token}", **({name: ", ".join(proofs)} if proofs else {})}
        return requests.get(address, headers=headers, timeout=20).status_code

    def proof(header: dict[str, Any] | None = None, **claims: Any) -> str:
        return made(holder, path, token, header or {}, claims)

    good: dict[str, str] = {
        "a query and a fragment in htu": proof(htu=f"{address}?a=b#c"),
        "htu in capitals": proof(htu=upper),
        "members that nobody knows": proof({"x": "y"}, x=1),
        "not before now, for an hour": proof(nbf=now, exp=now + 3600),
    }
    for which, each in good.items():
        assert use(each) == 200, which
    assert use(proof(), name="DPOP") == 200
    head, body, signature = proof().split(".")
    other = Holder(client.rp, nonce=holder.nonce)
    bad: dict[str, str] = {
        "no JWT": "x",
        "no typ": proof({"typ": None}),
        "another typ": proof({"typ": "JWT"}),
        "no jwk": proof({"jwk": None}),
        "a private jwk": proof({"jwk": private}),
        "no alg": f"eyJ0eXAiOiJkcG9wK2p3dCJ9.{body}.{signature}",
        "none": f"eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6Im5vbmUifQ.{body}.",
        "another signature": f"{head}.{body}.{signature[:-6]}AAAAAA",
        **{f"no {name}": proof(**{name: None}) for name in ("jti", "htm", "htu", "iat", "ath")},
        "another method": proof(htm="PUT"),
        "another address": proof(htu="https://other.example/"),
        "an hour ahead": proof(iat=now + 3600),
        "an hour ago": proof(iat=now - 3600),
        "another token": proof(ath="x"),
        "another key": other.proof("GET", path, token),
    }
    for which, each in bad.items():
        assert use(each) == 401, which
    assert use(proof(), proof()) == 401, "two"
    once = proof()
    assert (use(once), use(once)) == (200, 401)
    assert (use(), use(scheme="Bearer")) == (401, 401)
    assert use(proof()) == 200
