"""The claims of DigiD's ID token: each rule, at its edge."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.digid.digid_visit import AT, BSN, pending
from vad.adapters.digid.id_token import DigidIdTokenCheck
from vad.domain.assurance import LevelOfAssurance
from vad.domain.errors import LoginFailedError, LoginFailure
from vad.services.ports.outside import ActingIdentity, Identity
from vad.services.ports.volatile import PendingLogin

ISSUER = "https://digid.example"
NOW = int(AT.timestamp())
LOGIN = replace(pending(), began_at=AT - timedelta(minutes=4))
CHECK = DigidIdTokenCheck(ISSUER, "vad")
GOOD = {
    "iss": ISSUER,
    "aud": "vad",
    "sub": BSN,
    "sub_id_type": "urn:nl-eid-gdi:1.0:id:BSN",
    "acr": "http://eidas.europa.eu/LoA/substantial",
    "nonce": LOGIN.nonce,
    "auth_time": NOW,
    "iat": NOW,
    "exp": NOW + 300,
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(categories=None)) | st.just(NOW),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
)


def without(claim: str) -> dict[str, Any]:
    """Give good claims that lack one."""
    return {name: value for name, value in GOOD.items() if name != claim}


def own(claims: dict[str, Any], login: PendingLogin = LOGIN) -> Identity:
    """Give who logged in, for themself."""
    identity = CHECK.identity(claims, login, AT)
    assert isinstance(identity, Identity)
    return identity


def detail(claims: dict[str, Any]) -> str:
    """Give what the log would hold of a refusal."""
    with pytest.raises(LoginFailedError) as caught:
        CHECK.identity(claims, LOGIN, AT)
    assert caught.value.failure is LoginFailure.FAILED
    return caught.value.detail


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"azp": "vad"},
        {"nbf": NOW + 60},
        {"iat": NOW + 60},
        {"exp": NOW - 59},
        {"auth_time": NOW - 5 * 60},
        {"acr": "http://eidas.europa.eu/LoA/high"},
        {"jti": "anything", "amr": ["app"]},
    ],
)
def test_good_tokens_are_accepted(changes: dict[str, Any]) -> None:
    """Clocks may differ by a minute; what we don't know is none of our business (OIDC Core 2)."""
    assert own(GOOD | changes).bsn.reveal() == BSN


FOR_WHOM = {"iss": ISSUER, "sub": "999990019", "sub_id_type": "urn:nl-eid-gdi:1.0:id:BSN"}


@pytest.mark.parametrize("named", [FOR_WHOM, {name: value for name, value in FOR_WHOM.items() if name != "iss"}])
def test_who_logs_in_for_somebody_is_kept_apart_from_them(named: dict[str, str]) -> None:
    """NL GOV: `sub` is who logged in, `represents` for whom; two persons, and nothing that looks like one."""
    found = CHECK.identity(GOOD | {"represents": named}, LOGIN, AT)
    assert isinstance(found, ActingIdentity)
    assert (found.actor.bsn.reveal(), found.represented.reveal()) == (BSN, "999990019")
    assert not hasattr(found, "bsn")
    assert "99999" not in repr(found)


@pytest.mark.parametrize(
    "more",
    [
        {"represents": None},
        {"represents": {}},
        {"represents": "999990019"},
        {"represents": [FOR_WHOM]},
        {"represents": FOR_WHOM | {"iss": "https://elsewhere.example"}},
        {"represents": FOR_WHOM | {"sub": "123456789"}},
        {"represents": FOR_WHOM | {"sub": BSN}},
        {"represents": FOR_WHOM | {"sub_id_type": "urn:nl-eid-gdi:1.0:id:RSIN"}},
        {"represents": FOR_WHOM | {"represents": FOR_WHOM}},
        {"act": {"sub": "999990019"}},
        {"act": None},
        {"may_act": {"sub": "999990019"}},
        {"represents": FOR_WHOM, "act": {"sub": BSN}},
    ],
)
def test_whoever_it_may_be_for_nobody_is_let_in_by_guess(more: dict[str, Any]) -> None:
    """What cannot be read for sure, or has the other direction (RFC 8693), is never a login of one's own."""
    assert detail(GOOD | more).startswith(("id token: represents", "id token: act"))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sub_id_type", "acr", "nonce", "auth_time", "iat", "exp"])
def test_every_claim_is_needed(claim: str) -> None:
    """What is absent is not taken for granted."""
    assert claim in detail(without(claim))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": f"{ISSUER}/"},
        {"aud": ["vad"]},
        {"aud": ["vad", "other"]},
        {"azp": "other"},
        {"azp": None},
        {"sub": "999991771"},
        {"sub": "99991772"},
        {"sub": 999991772},
        {"sub": "٩٩٩٩٩١٧٧٢"},
        {"sub_id_type": "urn:nl-eid-gdi:1.0:id:Pseudonym"},
        {"acr": "http://eidas.europa.eu/LoA/HIGH"},
        {"acr": ["http://eidas.europa.eu/LoA/high"]},
        {"nonce": ""},
        {"nonce": "\ud800"},
        {"nonce": [LOGIN.nonce]},
        {"auth_time": NOW + 61},
        {"auth_time": NOW - 5 * 60 - 1},
        {"auth_time": str(NOW)},
        {"iat": NOW + 61},
        {"iat": True},
        {"nbf": NOW + 61},
        {"nbf": None},
        {"exp": NOW - 60},
        {"exp": float(NOW + 300)},
        {"exp": 10**30},
        {"exp": -1},
    ],
)
def test_wrong_values_are_refused(changes: dict[str, Any]) -> None:
    """Each is refused under its own name, and no value is repeated."""
    said = detail(GOOD | changes)
    assert next(iter(changes)) in said
    assert all(str(value) not in said for value in changes.values() if value)


def test_too_weak_a_login_is_told_apart() -> None:
    """Rule 35: the level that came back is compared, and Basis is below all that can be demanded."""
    for level in (LevelOfAssurance.BASIS, LevelOfAssurance.MIDDEN):
        with pytest.raises(LoginFailedError) as caught:
            CHECK.identity(GOOD | {"acr": level.uri}, LOGIN, AT)
        assert caught.value.failure is LoginFailure.LEVEL


def test_a_remembered_login_is_not_a_fresh_one() -> None:
    """A login from before the person left for DigiD is refused, however young: 60 s of skew and no more."""
    at_once = replace(LOGIN, began_at=AT)
    assert own(GOOD | {"auth_time": NOW - 60}, at_once).bsn.reveal() == BSN
    with pytest.raises(LoginFailedError) as caught:
        CHECK.identity(GOOD | {"auth_time": NOW - 61}, at_once, AT)
    assert (caught.value.failure, caught.value.detail) == (LoginFailure.FAILED, "id token: auth_time")


def test_a_clock_ahead_does_not_lengthen_the_session() -> None:
    """The moment of the login is at most now: the session's two hours are counted from it."""
    assert own(GOOD | {"auth_time": NOW + 59}).auth_time == AT


@given(st.sampled_from([*sorted(GOOD), "azp", "nbf", "represents"]), ANYTHING)
def test_nothing_else_goes_wrong(claim: str, value: object) -> None:
    """Whatever a claim holds, the token is accepted or refused; no other error comes out."""
    said = ""
    try:
        CHECK.identity(GOOD | {claim: value}, LOGIN, AT)
    except LoginFailedError as error:
        said = str(error)
    assert BSN not in said
