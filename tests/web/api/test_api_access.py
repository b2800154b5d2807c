"""Who gets in at `/v1`, and what everybody else hears."""

import pytest
import requests

from tests.support.api_client import HENDRIKS_NAME, SCOPE, Api, Household
from tests.support.key_holder import Holder
from tests.support.mandate_pages import log_in_for
from tests.support.person import HENDRIK, SAMIRA
from tests.support.relying_party_client import RelyingParty

SOURCE = "https://source.example"


def _refused(answer: requests.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["API-Version"] == "1.0.0"
    assert (answer.json()["type"], answer.json()["status"]) == ("about:blank", status)


def test_the_scope_is_the_persons_choice_and_its_end_counts_at_once(household: Household) -> None:
    """Nobody is given it unasked; who ticked it stops it with the app's other consents, and the token opens nothing."""
    rp, father = household.rp, household.father
    asked = rp.ask(resources=(SOURCE,), scope="openid 48 mandates")
    father.open(asked.url)
    page = father.log_in(HENDRIK)
    assert "zien en stoppen?" in page.text
    (box,) = (each for form in page.forms for each in form.fields if each.value == "mandates")
    assert not box.ticked
    # Left empty: the app gets everything else.
    father.press("consent-give", {"source-1": True, "duration-until-stopped": True})
    assert father.answer is not None
    granted = rp.redeem(asked, father.answer["code"]).json()
    assert granted["scope"] == "openid 48"
    _refused(Api(rp.issuer, granted["access_token"]).get("/mandates"), 403, "insufficient_scope")
    # Asked for again, it is the one thing on the page; a no is a no for this request.
    asked = rp.ask(resources=(SOURCE,), scope="openid 48 mandates")
    page = father.open(asked.url)
    assert "source-1" not in page.elements
    father.press("consent-give", {"duration-until-stopped": True})
    assert rp.redeem(asked, father.answer["code"]).json()["scope"] == "openid 48"
    asked = rp.ask(resources=(SOURCE,), scope="openid 48 mandates")
    father.open(asked.url)
    father.press("consent-give", {"api-mandates": True, "duration-until-stopped": True})
    assert father.answer is not None
    granted = rp.redeem(asked, father.answer["code"]).json()
    assert granted["scope"] == "openid 48 mandates"
    api = Api(rp.issuer, granted["access_token"])
    assert api.get("/mandates").status_code == 200
    at_source = rp.exchange(granted["access_token"], SOURCE).json()
    _refused(Api(rp.issuer, at_source["access_token"]).get("/mandates"), 401, "invalid_token")
    assert rp.refresh(granted["refresh_token"]).json()["scope"] == "openid 48 mandates"
    page = father.open(f"{rp.issuer}/mijn/toestemmingen")
    assert "Mijn machtigingen zien en stoppen" in page.text
    father.press("stop-1")
    answer = api.get("/mandates")
    _refused(answer, 401, "invalid_token")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="vad", error="invalid_token"')


def test_who_acts_for_another_has_no_say_there(household: Household) -> None:
    """Rule 26: a token of somebody who acts never holds the scope, whatever its app asked for."""
    household.authorise("48")
    rp, helper = household.rp, household.helper
    asked = rp.ask(resources=(SOURCE,), scope="openid 48 mandates")
    log_in_for(rp, helper, SAMIRA, HENDRIKS_NAME, asked)
    page = helper.press("acting-continue")
    assert "api-mandates" not in page.elements
    helper.consent()
    assert helper.answer is not None
    granted = rp.redeem(asked, helper.answer["code"]).json()
    assert granted["scope"] == "openid 48"
    answer = Api(rp.issuer, granted["access_token"]).get("/mandates")
    _refused(answer, 403, "insufficient_scope")
    assert 'scope="mandates"' in answer.headers["WWW-Authenticate"]


def test_only_an_app_that_is_registered_for_it(rp: RelyingParty, household: Household) -> None:
    """An app that asks for what it was not given at its registration is sent away."""
    household.father.open(rp.ask(scope=SCOPE).url)
    assert household.father.answer is not None
    assert household.father.answer["error"] == "invalid_scope"
    assert "not registered" in household.father.answer["error_description"]


def test_a_login_that_ended_opens_nothing(household: Household) -> None:
    """Logging out, and giving the token back: both count within the same second."""
    rp = household.rp
    held = household.log_in(household.father, HENDRIK)
    api = Api(rp.issuer, held["access_token"])
    assert api.get("/representations").status_code == 200
    household.father.log_out()
    _refused(api.get("/representations"), 401, "invalid_token")
    held = household.log_in(household.helper, SAMIRA)
    assert rp.revoke(held["refresh_token"]).status_code == 200
    _refused(Api(rp.issuer, held["access_token"]).get("/mandates"), 401, "invalid_token")


@pytest.mark.parametrize("header", [None, "Basic eDp5", "Bearer", "Bearer x", "bearer " + "x" * 17_000])
def test_without_a_token(vad_issuer: str, header: str | None) -> None:
    """RFC 6750: 401 with a challenge, which names an error only where a token was tried; before the body is read."""
    headers = {} if header is None else {"Authorization": header}
    for method, path in (("GET", "/mandates"), ("POST", "/mandates/x/revocations"), ("POST", "/nothing")):
        answer = requests.request(method, f"{vad_issuer}/v1{path}", headers=headers, data="{", timeout=20)
        if path != "/mandates":
            assert answer.status_code == 404
            continue
        _refused(answer, 401, "token_required" if header is None else "invalid_token")
        assert ("error=" in answer.headers["WWW-Authenticate"]) is (header is not None)


def test_a_token_in_the_address(vad_issuer: str) -> None:
    """It would end in logs, so it is refused wherever else one may be."""
    answer = requests.get(f"{vad_issuer}/v1/mandates?access_token=x", timeout=20)
    _refused(answer, 400, "invalid_request")


def test_a_token_that_is_bound_to_a_key_comes_with_its_proof(household: Household) -> None:
    """RFC 9449 section 7: for this request and this token; never as a bearer token, nor with another key."""
    holder = Holder(household.rp)
    asked, code = household.ask(household.father, HENDRIK)
    token = holder.redeem(asked, code).json()["access_token"]
    address = f"{household.rp.issuer}/v1/mandates"

    def come(by: Holder = holder, scheme: str = "DPoP", path: str = "/v1/mandates") -> requests.Response:
        headers = {"Authorization": f"{scheme} {token}", "DPoP": by.proof("GET", path, token)}
        answer = requests.get(address, headers=headers, timeout=20)
        assert answer.headers["DPoP-Nonce"]
        return answer

    assert come().status_code == 200
    _refused(come(scheme="Bearer"), 401, "invalid_token")
    _refused(Api(household.rp.issuer, token).get("/mandates"), 401, "invalid_token")
    _refused(come(path="/v1/mandates/x"), 401, "invalid_dpop_proof")
    thief = Holder(household.rp, nonce=holder.nonce)
    _refused(come(thief), 401, "invalid_token")
    holder.nonce = "old"
    wanted = come()
    _refused(wanted, 401, "use_dpop_nonce")
    challenges = wanted.raw.headers.getlist("WWW-Authenticate")
    assert [each.partition(" ")[0] for each in challenges] == ["Bearer", "DPoP"], "a header for each"
    assert 'DPoP algs="ES256 PS256 EdDSA", error="use_dpop_nonce"' in challenges[1]
    holder.nonce = wanted.headers["DPoP-Nonce"]
    assert come().status_code == 200
    bare = requests.get(address, headers={"Authorization": f"DPoP {token}"}, timeout=20)
    _refused(bare, 401, "invalid_dpop_proof")
