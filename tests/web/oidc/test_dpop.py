"""Tokens bound to a key of the app (DPoP, RFC 9449), from the code to userinfo."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.consent_page import LAB
from tests.support.key_holder import Holder
from tests.support.person import Person
from tests.support.relying_party_client import (
    ACCESS_TOKEN,
    ASSERTION_TYPE,
    TOKEN_EXCHANGE,
    Asked,
    RelyingParty,
    claims_of,
)


@pytest.fixture
def holder(rp: RelyingParty) -> Holder:
    """Give an app with a key of its own."""
    return Holder(rp)


def bound(holder: Holder, person: Person, **changes: Any) -> tuple[dict[str, Any], Asked]:
    """Tokens that are bound to the holder's key."""
    asked = holder.rp.ask(**changes)
    answer = holder.redeem(asked, person.authorize(asked))
    assert answer.status_code == 200, answer.text
    return answer.json(), asked


def test_the_way_of_bound_tokens(holder: Holder, person: Person) -> None:
    """Sections 5, 6.1 and 7: `cnf` names the key in each token, and a proof opens userinfo."""
    held, _asked = bound(holder, person, resources=(LAB,), scope="openid 51")
    assert held["token_type"] == "DPoP"
    assert claims_of(held["access_token"])["cnf"] == {"jkt": holder.jkt}
    assert holder.userinfo(held["access_token"]).json()["sub"] == claims_of(held["id_token"])["sub"]
    told = holder.rp.introspect(held["access_token"]).json()
    assert (told["cnf"], told["token_type"]) == ({"jkt": holder.jkt}, "DPoP")
    at_source = holder.post("/token", _exchange(held["access_token"])).json()
    assert claims_of(at_source["access_token"])["cnf"] == {"jkt": holder.jkt}
    refreshed = holder.post("/token", _refresh(held["refresh_token"])).json()
    assert (refreshed["token_type"], claims_of(refreshed["access_token"])["cnf"]) == ("DPoP", {"jkt": holder.jkt})


def test_a_nonce_is_asked_for_before_anything_is_spent(holder: Holder, person: Person) -> None:
    """Section 8: the first try costs nothing, neither the code nor what proves the app, at each endpoint for proofs."""
    asked = holder.rp.ask()
    form = {"grant_type": "authorization_code", "code": person.authorize(asked), "code_verifier": asked.code_verifier}
    form["redirect_uri"] = holder.rp.redirect_uri
    for path, fields, done in (("/token", form, 200), ("/par", dict(holder.rp.ask().parameters), 201)):
        same, holder.nonce = {**fields, **_proving(holder.rp)}, ""
        first = _sent(holder, path, same)
        assert (first.status_code, first.json()["error"]) == (400, "use_dpop_nonce")
        holder.nonce = first.headers["DPoP-Nonce"]
        assert _sent(holder, path, same).status_code == done
        assert _sent(holder, path, same).json()["error"] == "invalid_client", "it counts once"


@pytest.mark.parametrize("path", ["/token", "/par"])
def test_a_stranger_hears_of_a_nonce_alone(holder: Holder, path: str) -> None:
    """Whoever is not proved is told nothing else of their proof, good or bad."""
    stranger = {**_proving(holder.rp), "grant_type": "refresh_token", "refresh_token": "x", "client_assertion": "x"}
    wanted = _sent(holder, path, stranger)
    assert wanted.json()["error"] == "use_dpop_nonce"
    holder.nonce = wanted.headers["DPoP-Nonce"]
    for changes in ({}, {"htm": "GET"}, {"iat": 1}, {"htu": "https://evil.example"}):
        assert _sent(holder, path, stranger, **changes).json()["error"] == "invalid_client"
    broken = requests.post(holder.rp.issuer + path, stranger, headers={"DPoP": "x"}, timeout=20)
    assert broken.json()["error"] == "invalid_client"


def test_another_key_opens_nothing(holder: Holder, person: Person) -> None:
    """Section 5: an access token is worth nothing with another key, or with none; a refresh token nothing with none."""
    held, _asked = bound(holder, person, resources=(LAB,), scope="openid 51")
    thief = Holder(holder.rp)
    assert thief.post("/token", _exchange(held["access_token"])).json()["error"] == "invalid_dpop_proof"
    for form in (_refresh(held["refresh_token"]), _exchange(held["access_token"])):
        assert holder.rp.token(form).json()["error"] == "invalid_request"
    assert thief.userinfo(held["access_token"]).status_code == 401
    assert holder.post("/token", _refresh(held["refresh_token"])).status_code == 200


def test_an_app_that_proves_itself_refreshes_with_another_key(holder: Holder, person: Person) -> None:
    """Section 5: its refresh tokens are bound to the app; each access token is to the key that it was got with."""
    held, _asked = bound(holder, person, resources=(LAB,), scope="openid 51")
    second = Holder(holder.rp)
    got = second.post("/token", _refresh(held["refresh_token"])).json()
    assert (got["token_type"], claims_of(got["access_token"])["cnf"]) == ("DPoP", {"jkt": second.jkt})
    for mine, other, token in ((second, holder, got["access_token"]), (holder, second, held["access_token"])):
        assert other.userinfo(token).status_code == 401
        assert mine.userinfo(token).status_code == 200
        assert holder.rp.introspect(token).json()["cnf"] == {"jkt": mine.jkt}
        assert other.post("/token", _exchange(token)).json()["error"] == "invalid_dpop_proof"
        assert holder.rp.token(_exchange(token)).json()["error"] == "invalid_request"
        at_source = mine.post("/token", _exchange(token)).json()
        assert claims_of(at_source["access_token"])["cnf"] == {"jkt": mine.jkt}
    assert holder.rp.token(_refresh(got["refresh_token"])).json()["error"] == "invalid_request"


def test_the_same_successor_goes_to_the_same_key(holder: Holder, person: Person) -> None:
    """A refresh whose answer got lost is repeated with its own key: another one gets nothing, and ends nothing."""
    held, _asked = bound(holder, person)
    second, form = Holder(holder.rp), _refresh(held["refresh_token"])
    first = second.post("/token", form).json()
    for other in (holder, Holder(holder.rp)):
        assert other.post("/token", form).json()["error"] == "invalid_dpop_proof"
    again = second.post("/token", form).json()
    assert again["refresh_token"] == first["refresh_token"]
    assert claims_of(again["access_token"])["cnf"] == {"jkt": second.jkt}
    assert holder.post("/token", _refresh(first["refresh_token"])).status_code == 200


def test_two_keys_at_once(holder: Holder, person: Person) -> None:
    """Of two refreshes at the same moment with keys of their own one gets tokens; the other is no twin of it."""
    held, _asked = bound(holder, person)
    both = (holder, Holder(holder.rp, nonce=holder.nonce))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda each: each.post("/token", _refresh(held["refresh_token"])), both))
    assert sorted(each.status_code for each in answers) == [200, 400]
    assert {each.json().get("error") for each in answers} == {None, "invalid_dpop_proof"}


def test_exchanging_loosens_nothing(holder: Holder, rp: RelyingParty, person: Person) -> None:
    """Design of the exchange: the same binding, also where the app bound this one token and not its refresh token."""
    asked = rp.ask(resources=(LAB,), scope="openid 51")
    unbound = rp.redeem(asked, person.authorize(asked)).json()
    held = holder.post("/token", _refresh(unbound["refresh_token"])).json()
    assert claims_of(held["access_token"])["cnf"] == {"jkt": holder.jkt}
    form = _exchange(held["access_token"])
    assert rp.token(form).json()["error"] == "invalid_request"
    assert Holder(rp).post("/token", form).json()["error"] == "invalid_dpop_proof"
    assert claims_of(holder.post("/token", form).json()["access_token"])["cnf"] == {"jkt": holder.jkt}
    assert "cnf" not in claims_of(rp.token(_exchange(unbound["access_token"])).json()["access_token"])


def test_userinfo_takes_the_proof_with_the_token(holder: Holder, person: Person) -> None:
    """Section 7.1 and 7.2: no bearer use of a bound token, no proof of another request, and none twice."""
    held, _asked = bound(holder, person)
    token = held["access_token"]
    assert holder.rp.userinfo(token).status_code == 401
    assert holder.userinfo(token, "Bearer").status_code == 401
    surrogate = "\ud800"  # JSON has an escape for it, and no encoding does
    wrong: list[dict[str, Any]] = [{"htm": "POST"}, {"htu": "https://evil.example/userinfo"}, {"ath": "x"}, {"iat": 1}]
    wrong += [{"ath": surrogate}, {"jti": surrogate}, {"x": surrogate}, {"ath": "\x00"}]
    for changes in wrong:
        refused = holder.userinfo(token, **changes)
        assert refused.status_code == 401
        assert 'error="invalid_dpop_proof"' in refused.headers["WWW-Authenticate"]
    assert holder.userinfo(token, jti="once").status_code == 200
    assert holder.userinfo(token, jti="once").status_code == 401
    without = requests.get(f"{holder.rp.issuer}/userinfo", headers={"Authorization": f"DPoP {token}"}, timeout=20)
    assert without.status_code == 401
    holder.nonce = "old"
    wanted = holder.userinfo(token)
    assert 'DPoP algs="ES256 PS256 EdDSA"' in wanted.headers["WWW-Authenticate"]
    assert 'error="use_dpop_nonce"' in wanted.headers["WWW-Authenticate"]
    holder.nonce = wanted.headers["DPoP-Nonce"]
    assert holder.userinfo(token).status_code == 200


def test_a_proof_without_its_token_is_not_remembered(holder: Holder, person: Person, backroom: Backroom) -> None:
    """Anybody can make proofs: with a token that VAD did not sign, or of another kind, none takes a place in Redis."""
    held, _asked = bound(holder, person)
    assert holder.userinfo(held["access_token"], jti="known").status_code == 200

    def remembered() -> int:
        return len(set(backroom.redis.client.scan_iter("*used*")))

    before = remembered()
    for number, token in enumerate(("x", "e30.e30.e30", held["id_token"], held["access_token"][:-4] + "AAAA")):
        refused = holder.userinfo(token, jti=f"made-up-{number}")
        assert refused.status_code == 401
        assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
    assert remembered() == before
    assert holder.userinfo(held["access_token"], jti="known-too").status_code == 200
    assert remembered() == before + 1


def test_a_token_that_is_not_bound_goes_without(holder: Holder, rp: RelyingParty, person: Person) -> None:
    """Section 7.1: the scheme DPoP is for bound tokens alone."""
    asked = rp.ask()
    held = rp.redeem(asked, person.authorize(asked)).json()
    assert held["token_type"] == "Bearer"
    assert holder.post("/token", {"grant_type": "x"}).status_code == 400
    assert holder.userinfo(held["access_token"]).status_code == 401
    assert rp.userinfo(held["access_token"]).status_code == 200


def test_a_code_is_bound_when_it_is_asked_for(holder: Holder, person: Person) -> None:
    """Section 10: `dpop_jkt` binds the code, and a thief's key does not redeem it (code injection)."""
    asked = holder.rp.ask(dpop_jkt=holder.jkt)
    thief = Holder(holder.rp)
    assert thief.redeem(asked, person.authorize(asked)).json()["error"] == "invalid_dpop_proof"
    again = holder.rp.ask(dpop_jkt=holder.jkt)
    assert holder.redeem(again, person.authorize(again)).json()["token_type"] == "DPoP"
    without = holder.rp.ask(dpop_jkt=holder.jkt)
    assert holder.rp.redeem(without, person.authorize(without)).json()["error"] == "invalid_request"


def test_a_proof_at_par_binds_the_code(holder: Holder, person: Person) -> None:
    """Section 10.1: as if `dpop_jkt` had said so; both, and they differ, is refused."""
    asked = holder.rp.ask()
    pushed = holder.post("/par", dict(asked.parameters))
    assert pushed.status_code == 201, pushed.text
    pairs = [("client_id", holder.rp.client_id), ("request_uri", pushed.json()["request_uri"])]
    brought = Asked(pairs, asked.code_verifier, f"{holder.rp.issuer}/authorize?{urlencode(pairs)}")
    assert Holder(holder.rp).redeem(brought, person.authorize(brought)).json()["error"] == "invalid_dpop_proof"
    other = holder.post("/par", {**dict(holder.rp.ask().parameters), "dpop_jkt": Holder(holder.rp).jkt})
    assert other.json()["error"] == "invalid_dpop_proof"


@pytest.mark.parametrize("value", ["x", "x" * 44, "é" * 43, "a" * 42 + "="])
def test_a_thumbprint_that_is_none(rp: RelyingParty, person: Person, value: str) -> None:
    """Section 10: 43 characters of base64url."""
    person.open(rp.ask(dpop_jkt=value).url)
    assert person.answer is not None
    assert person.answer["error"] == "invalid_request"


def test_two_proofs_are_none(holder: Holder) -> None:
    """Section 4.3, check 1."""
    both = f"{holder.proof('POST', '/token')}, {holder.proof('POST', '/token')}"
    fields = {"client_id": holder.rp.client_id, "client_assertion_type": ASSERTION_TYPE, "grant_type": "refresh_token"}
    fields |= {"client_assertion": holder.rp.assertion(), "refresh_token": "x"}
    refused = requests.post(f"{holder.rp.issuer}/token", fields, headers={"DPoP": both}, timeout=20)
    assert refused.json()["error"] == "invalid_dpop_proof"


def _proving(rp: RelyingParty) -> dict[str, str]:
    return {"client_id": rp.client_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": rp.assertion()}


def _sent(holder: Holder, path: str, fields: dict[str, str], **changes: Any) -> requests.Response:
    """Post this as it is, with a new proof; `changes` are to its claims."""
    proof = {"DPoP": holder.proof("POST", path, **changes)}
    return requests.post(holder.rp.issuer + path, fields, headers=proof, timeout=20)


def _exchange(token: str) -> dict[str, str]:
    return {
        "grant_type": TOKEN_EXCHANGE,
        "subject_token": token,
        "subject_token_type": ACCESS_TOKEN,
        "resource": LAB,
    }


def _refresh(token: str) -> dict[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": token}
