"""The `claims` parameter (OIDC Core section 5.5), read strictly; what VAD does not know is passed over."""

import json
from typing import Any

import pytest

from tests.domain.authorization_examples import step
from tests.domain.domain_examples import authorization_request, session
from vad.domain.assurance import LevelOfAssurance
from vad.domain.authorization import Issue, LevelUnmet, LogIn
from vad.domain.errors import ProtocolError
from vad.domain.requested_claims import RequestedClaims, read

LOW, SUBSTANTIAL, HIGH = (f"http://eidas.europa.eu/LoA/{each}" for each in ("low", "substantial", "high"))
MIDDEN, SUBSTANTIEEL, HOOG = LevelOfAssurance.MIDDEN, LevelOfAssurance.SUBSTANTIEEL, LevelOfAssurance.HOOG
NOTHING = RequestedClaims()


def asked(**members: Any) -> RequestedClaims:
    """Read what asks this."""
    return read(json.dumps(members))


def error_of(text: str) -> str:
    """The error that it is refused with."""
    with pytest.raises(ProtocolError) as refused:
        read(text)
    assert text not in str(refused.value)
    return refused.value.error


def test_what_is_not_known_is_no_error() -> None:
    """Section 5.5.1: other members, other claims and their values, essential or not, change nothing."""
    assert read("") == asked() == asked(id_token={}, userinfo={}) == asked(id_token=None, userinfo=None) == NOTHING
    assert asked(other=["x"], id_token={"bsn": {"essential": True}, "person": None}) == NOTHING
    assert asked(userinfo={"name#nl": {"other": {}}, "person": {"essential": True}}) == NOTHING
    assert asked(id_token={"sub": None, "acr": None, "auth_time": {"essential": True}}) == NOTHING
    assert asked(id_token={"acr": {"essential": True}}) == NOTHING
    assert asked(userinfo={"acr": {"essential": True, "value": HIGH}}) == NOTHING


def test_standard_claims() -> None:
    """Section 5.1: each for the place that it is asked for; essential or with a value, it is asked for no otherwise."""
    wanted = asked(userinfo={"email": {"value": 1}, "name": {"essential": True}}, id_token={"phone_number": None})
    assert wanted == RequestedClaims(at_userinfo=("name", "email"), in_id_token=("phone_number",))


def test_a_level_that_is_wanted_or_demanded() -> None:
    """Section 5.5.1.1: voluntary as in `acr_values`; essential, one of them must come. Unknown ones are passed over."""
    assert asked(id_token={"acr": {"values": ["x", HIGH, LOW]}}).levels == (HOOG, MIDDEN)
    assert asked(id_token={"acr": {"value": SUBSTANTIAL}}).levels == (SUBSTANTIEEL,)
    assert asked(id_token={"acr": {"value": "x"}}) == NOTHING
    essential = asked(id_token={"acr": {"essential": True, "values": ["x", HIGH]}})
    assert (essential.levels, essential.demanded_levels) == ((), (HOOG,))
    unknown = {"id_token": {"acr": {"essential": True, "values": ["x"]}}}
    assert error_of(json.dumps(unknown)) == "unmet_authentication_requirements"


def test_whom_sub_must_be() -> None:
    """Section 5.5.1: the person of that name alone; both members are about the same one."""
    one, several = {"sub": {"value": "frouke"}}, {"sub": {"values": ["pieter", "frouke"]}}
    assert asked(id_token=one).subjects == asked(userinfo=one).subjects == ("frouke",)
    assert asked(id_token=one, userinfo=several).subjects == ("frouke",)
    assert asked(id_token=several).subjects == ("pieter", "frouke")
    assert error_of(json.dumps({"id_token": one, "userinfo": {"sub": {"value": "pieter"}}})) == "invalid_request"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '"x"',
        '{"id_token": []}',
        '{"userinfo": "sub"}',
        '{"id_token": {"sub": "frouke"}}',
        '{"id_token": {"acr": {"essential": "yes"}}}',
        '{"id_token": {"acr": {"value": 1}}}',
        '{"id_token": {"acr": {"values": "x"}}}',
        '{"id_token": {"acr": {"values": []}}}',
        '{"id_token": {"acr": {"values": ["x", 1]}}}',
        '{"id_token": {"sub": {"value": "a", "values": ["a"]}}}',
        '{"id_token": {"sub": {"value": ""}}}',
        '{"id_token": {"sub": {"value": "' + "x" * 300 + '"}}}',
        '{"id_token": {"sub": null, "sub": {"value": "a"}}}',
        r'{"id_token": {"sub": {"value": "\ud800"}}}',
        '{"id_token": {"x": ' + "[" * 40 + "]" * 40 + "}}",
    ],
)
def test_what_is_malformed_is_refused(text: str) -> None:
    """Never half understood: a request that VAD reads otherwise than the app meant it would name somebody else."""
    assert error_of(text) == "invalid_request"


def test_an_essential_acr_is_that_one_or_none() -> None:
    """OIDC Core 5.5.1.1: one at another level, a higher one too, is done anew; then the app hears that it failed."""
    for demanded, of_login, came in (
        ((SUBSTANTIEEL,), SUBSTANTIEEL, None),
        ((HOOG, SUBSTANTIEEL), HOOG, None),
        ((SUBSTANTIEEL,), HOOG, LogIn(SUBSTANTIEEL)),
        ((HOOG,), SUBSTANTIEEL, LogIn(HOOG)),
        ((MIDDEN,), SUBSTANTIEEL, LevelUnmet()),
    ):
        asked = authorization_request(demanded_levels=demanded)
        given = step(request=asked, session=session(level=of_login))
        assert isinstance(given, Issue) if came is None else given == came, (demanded, of_login)
    answered = authorization_request(demanded_levels=(SUBSTANTIEEL,), login_answered=True)
    assert step(request=answered, session=session(level=HOOG)) == LevelUnmet()
    assert step(request=answered, session=None) == LogIn(SUBSTANTIEEL)
    assert step(request=authorization_request(demanded_levels=(MIDDEN,)), session=None) == LevelUnmet()
