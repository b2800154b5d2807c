"""`fapi2-security-profile-final-dpop-negative-tests`: proofs with one thing wrong, where a token is used (RFC 9449)."""

import time
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import requests
from jwt.algorithms import ECAlgorithm

from tests.conformance.fapi2_client import Fapi2Client
from tests.support.key_holder import Holder
from tests.support.person import Person
from tests.support.relying_party_client import claims_of


def made(holder: Holder, path: str, token: str, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A proof with changes; None leaves a member out."""
    good = claims_of(holder.proof("GET", path, token))
    jwk = ECAlgorithm.to_jwk(holder.key.public_key(), as_dict=True)
    head = {"typ": "dpop+jwt", "jwk": jwk, **header}
    said = {name: value for name, value in (good | claims).items() if value is not None}
    return jwt.encode(said, holder.key, "ES256", {name: value for name, value in head.items() if value is not None})


@pytest.mark.parametrize("path", ["/userinfo", "/v1/mandates"])
def test_dpop_negative_tests(client: Fapi2Client, person: Person, path: str) -> None:
    """Each is 401, and the good ones around them are 200: so it was the proof, and not the token."""
    holder, now = client.holder, int(time.time())
    scope = {"/userinfo": "openid", "/v1/mandates": "mandates"}[path]
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
