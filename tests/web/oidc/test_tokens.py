"""What stands in the tokens, and what nobody can tell from them (docs/protocol.md, Tokens; rules 31 to 34)."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet

from tests.support.person import FROUKE, PIETER, Person
from tests.support.relying_party_client import RelyingParty, claims_of, header_of
from tests.support.town import Town
from tests.web.oidc.inside import SOURCE, SOUTH

SUBSTANTIAL = "http://eidas.europa.eu/LoA/substantial"
PSEUDONYM = "urn:nl-eid-gdi:1.0:id:Pseudonym"
SCOPE = "openid 48 51"
NAMES = ("Frouke", "Jansen")
COMMON = {"iss", "aud", "azp", "client_id", "scope", "acr", "auth_time", "iat", "nbf", "exp", "authorization_details"}
"""What says nothing of who it is about, or is the same for everybody who asks the same."""


def verified(issuer: str, token: str, algorithm: str = "ES256") -> dict[str, Any]:
    """The claims, when the published key and exactly this algorithm check the signature."""
    keys = requests.get(f"{issuer}/jwks", timeout=20).json()
    return dict(jwt.decode(token, KeySet.import_key_set(keys), algorithms=[algorithm]).claims)


def log_in(rp: RelyingParty, person: Person, bsn: str = FROUKE, *resources: str) -> tuple[str, dict[str, Any]]:
    """The nonce that was sent, and the answer of the token endpoint."""
    asked = rp.ask(scope=SCOPE, resources=resources or (SOURCE, SOUTH))
    answer = rp.redeem(asked, person.authorize(asked, bsn))
    assert answer.status_code == 200, answer.text
    return dict(asked.parameters)["nonce"], answer.json()


def at(rp: RelyingParty, answer: dict[str, Any], source: str) -> dict[str, Any]:
    """The claims of the token for a source."""
    return claims_of(rp.exchange(answer["access_token"], source).json()["access_token"])


def test_the_id_token(rp: RelyingParty, person: Person) -> None:
    """Exactly the claims of docs/protocol.md, for 300 seconds (OIDC Core section 2, NL GOV)."""
    nonce, answer = log_in(rp, person)
    token = answer["id_token"]
    assert header_of(token) == {"alg": "ES256", "typ": "JWT", "kid": header_of(token)["kid"]}
    claims = verified(rp.issuer, token)
    issued = claims["iat"]
    half = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
    assert claims == {
        "iss": rp.issuer,
        "aud": "rp-one",
        "azp": "rp-one",
        "sub": claims["sub"],
        "sub_id_type": PSEUDONYM,
        "nonce": nonce,
        "jti": claims["jti"],
        "iat": issued,
        "nbf": issued,
        "exp": issued + 300,
        "auth_time": claims["auth_time"],
        "acr": SUBSTANTIAL,
        "sid": claims["sid"],
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
    }
    assert issued - 60 <= claims["auth_time"] <= issued
    assert all(len(claims[name]) >= 22 for name in ("sub", "jti", "sid"))


def test_the_issuers_own_access_token(rp: RelyingParty, person: Person) -> None:
    """It is for the issuer alone and names nobody to a source (docs/protocol.md)."""
    _, answer = log_in(rp, person)
    token = answer["access_token"]
    assert header_of(token) == {"alg": "ES256", "typ": "at+jwt", "kid": header_of(token)["kid"]}
    claims = verified(rp.issuer, token)
    issued = claims["iat"]
    assert claims == {
        "iss": rp.issuer,
        "aud": rp.issuer,
        "client_id": "rp-one",
        "azp": "rp-one",
        "sub": claims["sub"],
        "scope": SCOPE,
        "acr": SUBSTANTIAL,
        "auth_time": claims["auth_time"],
        "iat": issued,
        "nbf": issued,
        "exp": issued + 300,
        "jti": claims["jti"],
    }
    assert (answer["expires_in"], answer["scope"], answer["token_type"]) == (300, SCOPE, "Bearer")
    details = {"authorization_details"}
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token", "refresh_token"} | details


def test_a_sources_access_token(rp: RelyingParty, person: Person) -> None:
    """Exactly the claims of docs/protocol.md: one audience, no `act`, no `sid`, what was granted (RFC 9068, 9396)."""
    _, answer = log_in(rp, person)
    exchanged = rp.exchange(answer["access_token"], SOURCE).json()
    token = exchanged["access_token"]
    assert header_of(token) == {"alg": "ES256", "typ": "at+jwt", "kid": header_of(token)["kid"]}
    claims = verified(rp.issuer, token)
    issued = claims["iat"]
    assert claims == {
        "iss": rp.issuer,
        "aud": SOURCE,
        "client_id": "rp-one",
        "azp": "rp-one",
        "sub": claims["sub"],
        "scope": "48 51",
        "authorization_details": [{"type": "nl.vad.representation", "basis": "self", "locations": [SOURCE]}],
        "acr": SUBSTANTIAL,
        "auth_time": claims["auth_time"],
        "iat": issued,
        "nbf": issued,
        "exp": issued + exchanged["expires_in"],
        "jti": claims["jti"],
        "subject_identifier": claims["subject_identifier"],
    }
    assert 0 < exchanged["expires_in"] <= 900


def test_the_sealed_subject(rp: RelyingParty, person: Person, source_key: dict[str, object]) -> None:
    """The source alone opens it; it is bound to this token and this source (rule 33)."""
    _, answer = log_in(rp, person)
    claims = at(rp, answer, SOURCE)
    sealed = claims["subject_identifier"]
    assert {name: header_of(sealed)[name] for name in ("alg", "enc", "kid")} == {
        "alg": "ECDH-ES",
        "enc": "A256GCM",
        "kid": "source",
    }
    plain = opened(sealed, source_key)
    assert plain == {"sub": plain["sub"], "sub_id_type": PSEUDONYM, "aud": SOURCE, "jti": claims["jti"]}
    assert plain["sub"] != claims["sub"]


def test_other_registered_algorithms(
    rs256_rp: RelyingParty, rp: RelyingParty, new_person: Callable[[], Person]
) -> None:
    """An ID token is signed as the client is registered, an access token as its source is."""
    _, answer = log_in(rs256_rp, new_person())
    id_token = verified(rp.issuer, answer["id_token"], "RS256")
    half = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
    assert id_token["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert verified(rp.issuer, answer["access_token"], "ES256")["aud"] == rp.issuer
    south = rs256_rp.exchange(answer["access_token"], SOUTH).json()["access_token"]
    assert (verified(rp.issuer, south, "RS256")["aud"], header_of(south)["typ"]) == (SOUTH, "at+jwt")
    north = rs256_rp.exchange(answer["access_token"], SOURCE).json()["access_token"]
    assert verified(rp.issuer, north, "ES256")["aud"] == SOURCE


def test_two_apps_cannot_compare(rp: RelyingParty, other_rp: RelyingParty, new_person: Callable[[], Person]) -> None:
    """No value of one person's tokens at one app stands in those at another, in the same browser session (rule 32)."""
    person = new_person()
    answers = [log_in(app, person)[1] for app in (rp, other_rp)]
    seen: list[set[str]] = []
    for app, answer in zip((rp, other_rp), answers, strict=True):
        tokens = [claims_of(answer["id_token"]), claims_of(answer["access_token"]), at(app, answer, SOURCE)]
        seen.append({str(value) for claims in tokens for name, value in claims.items() if name not in COMMON})
        seen[-1] -= {PSEUDONYM}
    assert not seen[0] & seen[1]


def test_two_sources_cannot_compare(rp: RelyingParty, person: Person, source_key: dict[str, object]) -> None:
    """No value in one source's token stands in another's, inside and outside the seal (rules 32 and 33)."""
    _, answer = log_in(rp, person)
    seen = []
    for source in (SOURCE, SOUTH):
        claims = at(rp, answer, source)
        plain = opened(claims["subject_identifier"], source_key)
        seen.append({claims["sub"], claims["jti"], claims["subject_identifier"], plain["sub"], plain["jti"]})
        assert "sid" not in claims
    own = claims_of(answer["access_token"])
    seen.append({own["sub"], own["jti"]})
    assert not seen[0] & seen[1]
    assert not seen[2] & (seen[0] | seen[1])


def test_one_app_knows_its_people_again(
    rp: RelyingParty, new_person: Callable[[], Person], source_key: dict[str, object]
) -> None:
    """Over two logins in two browsers everything that names the person stays, and everything else changes."""
    answers = [log_in(rp, new_person())[1] for _ in range(2)]
    id_tokens = [claims_of(answer["id_token"]) for answer in answers]
    assert id_tokens[0]["sub"] == id_tokens[1]["sub"]
    assert all(id_tokens[0][name] != id_tokens[1][name] for name in ("sid", "jti", "nonce"))
    at_source = [at(rp, answer, SOURCE) for answer in answers]
    assert at_source[0]["sub"] == at_source[1]["sub"]
    sealed = [opened(claims["subject_identifier"], source_key) for claims in at_source]
    assert sealed[0]["sub"] == sealed[1]["sub"]
    stranger = claims_of(log_in(rp, new_person(), PIETER)[1]["id_token"])
    assert stranger["sub"] != id_tokens[0]["sub"]


def test_one_source_knows_its_people_by_every_app(
    rp: RelyingParty, other_rp: RelyingParty, new_person: Callable[[], Person], source_key: dict[str, object]
) -> None:
    """The source's own pseudonym is the same whichever app comes (rule 32); what the apps can read is not."""
    claims = [at(app, log_in(app, new_person())[1], SOURCE) for app in (rp, other_rp)]
    sealed = [opened(each["subject_identifier"], source_key)["sub"] for each in claims]
    assert sealed[0] == sealed[1]
    assert claims[0]["sub"] != claims[1]["sub"]


def test_nothing_names_the_person(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """No BSN and no name in any answer, in clear or in base64, nor in any address that the browser saw (rule 31)."""
    hospital = vad_town.address("hospital")
    asked = rp.ask(scope="openid 48", resources=(hospital, SOURCE))
    response = rp.redeem(asked, person.authorize(asked, FROUKE))
    exchanged = rp.exchange(response.json()["access_token"], hospital)
    hashed = [hashlib.sha256(FROUKE.encode()).hexdigest(), base64.b64encode(FROUKE.encode()).decode()]
    texts = [response.text, exchanged.text, *person.urls, str(person.answer)]
    for token in (*response.json().values(), exchanged.json()["access_token"]):
        if str(token).count(".") == 2:
            texts += [json.dumps(claims_of(token)), json.dumps(header_of(token))]
    for text in texts:
        assert not any(secret in text for secret in (FROUKE, *NAMES, *hashed)), text[:80]


@pytest.mark.parametrize("grant", ["code", "refresh", "exchange"])
def test_the_life_that_is_told_is_the_tokens_own(rp: RelyingParty, person: Person, grant: str) -> None:
    """`expires_in` is what is written in the token, to the second (RFC 6749 section 5.1)."""
    _, answer = log_in(rp, person)
    if grant == "refresh":
        answer = rp.refresh(answer["refresh_token"], resource=SOURCE).json()
    elif grant == "exchange":
        answer = rp.exchange(answer["access_token"], SOUTH).json()
    claims = claims_of(answer["access_token"])
    assert answer["expires_in"] == claims["exp"] - claims["iat"]


def opened(sealed: str, key: dict[str, object]) -> dict[str, Any]:
    """What stands inside, for the holder of the key."""
    private = ECKey.import_key(dict(key))  # type: ignore[arg-type]
    plain = jwe.decrypt_compact(sealed, private, algorithms=["ECDH-ES", "A256GCM"]).plaintext
    return dict(json.loads(plain or b""))
