"""Userinfo (OIDC Core section 5.3): name and age of who logged in, for the issuer's own access token alone."""

import pytest
import requests

from tests.support.person import Person, tokens
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.support.town import Town
from tests.web.oidc.inside import SOURCE, Inside


@pytest.fixture
def held(rp: RelyingParty, person: Person) -> dict[str, str]:
    """Give the tokens of a fresh login of Frouke Jansen."""
    return tokens(rp, person, (SOURCE,), "openid 48")


def test_who_logged_in(vad_town: Town, rp: RelyingParty, held: dict[str, str]) -> None:
    """`sub` is that of the ID token; by header and by form the answer is the same, and nobody keeps it."""
    response = rp.userinfo(held["access_token"])
    body, claims = response.json(), claims_of(held["id_token"])
    assert response.headers["Cache-Control"] == "no-store"
    assert body.keys() == {"sub", "sub_id_type", "person"}
    assert (body["sub"], body["sub_id_type"]) == (claims["sub"], claims["sub_id_type"])
    assert body["person"]["name"] == "Frouke Jansen"
    assert 16 <= body["person"]["age"] < 130
    address = f"{vad_town.issuer}/userinfo"
    posted = requests.post(address, data={"access_token": held["access_token"]}, timeout=20)
    headed = requests.post(address, headers={"Authorization": f"bearer {held['access_token']}"}, timeout=20)
    assert posted.json() == headed.json() == body


def refused(response: requests.Response, error: str = "invalid_token", status: int = 401) -> bool:
    """Whether this is that refusal, in body and challenge alike (RFC 6750 section 3)."""
    challenge = response.headers["WWW-Authenticate"]
    return response.status_code == status and response.json()["error"] == error and f'error="{error}"' in challenge


def test_no_other_token_will_do(rp: RelyingParty, held: dict[str, str], inside: Inside) -> None:
    """A source's token, an ID token, a refresh token, an altered or expired token and nonsense are refused."""
    own = held["access_token"]
    source = rp.exchange(own, SOURCE).json()["access_token"]
    expired = inside.resigned(own, exp=claims_of(own)["iat"])
    for token in (source, held["id_token"], held["refresh_token"], own[:-4] + "AAAA", expired, "x"):
        assert refused(rp.userinfo(token))


def test_how_a_token_comes(vad_town: Town, held: dict[str, str]) -> None:
    """None, or another scheme: a bare challenge. In the query, or twice: `invalid_request` (RFC 6750 section 3.1)."""
    address, own = f"{vad_town.issuer}/userinfo", held["access_token"]
    bare = requests.get(address, timeout=20)
    challenges = 'Bearer realm="vad", DPoP algs="ES256 PS256 EdDSA"'
    assert (bare.status_code, bare.headers["WWW-Authenticate"]) == (401, challenges)
    assert refused(requests.get(address, params={"access_token": own}, timeout=20), "invalid_request", 400)
    basic = {"Authorization": "Basic eDp5"}
    other = requests.get(address, headers=basic, timeout=20)
    assert (other.status_code, other.headers["WWW-Authenticate"]) == (401, challenges)
    nothing = requests.get(address, headers={"Authorization": "Bearer"}, timeout=20)
    assert refused(nothing, "invalid_request", 400)
    bearer = {"Authorization": f"Bearer {own}"}
    twice = requests.post(address, headers=bearer, data={"access_token": own}, timeout=20)
    assert refused(twice, "invalid_request", 400)


def test_what_was_stopped_says_no_more(rp: RelyingParty, held: dict[str, str], person: Person) -> None:
    """After logging out the token is not valid any more (rule 2)."""
    person.log_out()
    assert refused(rp.userinfo(held["access_token"]))


def test_a_register_that_is_away(vad_town: Town, rp: RelyingParty, held: dict[str, str], inside: Inside) -> None:
    """A name that is at hand is told; without one the answer is 503, never an empty person."""
    with vad_town.misbehaving("brp", "error500"):
        assert rp.userinfo(held["access_token"]).json()["person"]["name"] == "Frouke Jansen"
        for key in inside.redis.scan_iter("vad:*:name"):
            inside.redis.delete(key)
        response = rp.userinfo(held["access_token"])
        assert (response.status_code, response.json()["error"]) == (503, "temporarily_unavailable")
        assert "Retry-After" in response.headers
    # The circuit may stay open for a moment; a login through the mended register proves that it closes again.
