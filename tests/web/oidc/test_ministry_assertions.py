"""Assertions of the DVP proxy: two that it signs in one second are the same text, and serve two people all the same."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from joserfc.jwk import RSAKey

from tests.support.ministry import OPEN, PROXY, DvpProxy
from tests.support.person import PIETER, Person
from tests.support.relying_party_client import ASSERTION_TYPE, Asked
from tests.support.town import Town

UNPROVED = {"error": "invalid_client", "error_description": "the client is not proved"}


@pytest.fixture
def proxy(vad_town: Town, ministry_key: RSAKey) -> DvpProxy:
    """Give the DVP proxy, which proves itself with its key."""
    return DvpProxy(vad_town.issuer, PROXY, ministry_key)


@pytest.fixture
def proof(proxy: DvpProxy) -> Mapping[str, str]:
    """Give what it proves itself with in one and the same second."""
    return proxy.proof()


def with_code(town: Town, proxy: DvpProxy, bsn: str) -> tuple[Asked, str]:
    """A person at the door of the proxy, with a code."""
    asked = proxy.ask()
    return asked, Person(town, "rp.example").authorize(asked, bsn)


def test_two_people_in_one_second(vad_town: Town, proxy: DvpProxy, proof: Mapping[str, str]) -> None:
    """Both get their tokens, at the same moment; a code that was redeemed is no reason to take the assertion again.

    That takes nothing back either: whoever comes with it then has proved nothing.
    """
    logins = [with_code(vad_town, proxy, bsn) for bsn in ("999991772", PIETER)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda login: proxy.redeem(login[0], login[1], proof), logins))
    assert [answer.status_code for answer in answers] == [200, 200], [answer.text for answer in answers]
    names = [proxy.userinfo(answer.json()["access_token"]).json()["person"]["name"] for answer in answers]
    assert [name["first_name"] for name in names] == ["Frouke", "Pieter Willem"]
    for asked, code in logins:
        again = proxy.redeem(asked, code, proof)
        assert (again.status_code, again.json()) == (401, UNPROVED)
    assert all(proxy.userinfo(answer.json()["access_token"]).status_code == 200 for answer in answers)


def test_a_stolen_assertion_opens_nothing(
    vad_town: Town, ministry_key: RSAKey, proxy: DvpProxy, proof: Mapping[str, str], person: Person
) -> None:
    """Once it was used it proves nothing without a living code of that very client and the verifier of its challenge.

    Nor anywhere but where the code is redeemed. And who tries spends nobody's code.
    """
    assert proxy.redeem(proxy.ask(), "no-such-code", proof).json()["error"] == "invalid_grant"
    asked = proxy.ask()
    code = person.authorize(asked)
    theirs = DvpProxy(vad_town.issuer, OPEN).ask()
    their_code = Person(vad_town, "rp.example").authorize(theirs, PIETER)
    for login in ((proxy.ask(), code), (theirs, their_code), (asked, "no-such-code"), (asked, "")):
        refused = proxy.redeem(*login, proof)
        assert (refused.status_code, refused.json()) == (401, UNPROVED)
    # With code and verifier beside it, at every other endpoint and for every other grant.
    beside = {"client_id": PROXY, "code": code, "code_verifier": asked.code_verifier, "token": "x", **proof}
    for endpoint in ("introspect", "revoke", "par"):
        refused = requests.post(f"{vad_town.issuer}/{endpoint}", beside, timeout=20)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), endpoint
    refused = requests.post(f"{vad_town.issuer}/token", {**beside, "grant_type": "refresh_token"}, timeout=20)
    assert refused.json() == UNPROVED
    assert proxy.redeem(asked, code).status_code == 200
    # Another key's signature over the same text, or an end that came, is no better for the code.
    asked = proxy.ask()
    code, now = person.authorize(asked), int(time.time())
    other = DvpProxy(vad_town.issuer, PROXY, RSAKey.generate_key(2048))
    for forged in (other.proof(), {**proof, "client_assertion": proxy.assertion(exp=now - 1, nbf=now - 70)}):
        assert proxy.redeem(asked, code, forged).json() == UNPROVED
    # Whoever was first with an assertion keeps the rightful one from nothing.
    assert proxy.redeem(asked, code, proof).status_code == 200


def test_one_that_has_a_name_counts_once(proxy: DvpProxy, person: Person) -> None:
    """A `jti` is used once, beside whatever code: who can name its assertions names each."""
    now = int(time.time())
    named = {"client_assertion": proxy.assertion(jti="named", iat=now), "client_assertion_type": ASSERTION_TYPE}
    assert proxy.redeem(proxy.ask(), "no-such-code", named).json()["error"] == "invalid_grant"
    asked = proxy.ask()
    assert proxy.redeem(asked, person.authorize(asked), named).json() == UNPROVED
