"""The data sources' quick start takes good tokens of VAD and refuses what it says it refuses."""

import json
import time
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import jwt
import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from tests.support.documents import Reader, adapted, programs
from tests.support.person import FROUKE, Person
from tests.support.relying_party_client import RelyingParty, claims_of, new_key, public, sign
from tests.support.town import Town
from vad.sandbox.pgo_step_up import demanded
from vad.sandbox.token_check import PARENTAL_AUTHORITY, PARENTAL_AUTHORITY_AND_ASSENT, TokenCheck

DOCUMENT = "docs/quickstart-data-source.md"
IDENTIFIER = "http://localhost:8300"
SIGNING = new_key("forger", use="sig", alg="ES256")


@pytest.fixture
def check(the_town: Town, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give the document's program as a module."""
    monkeypatch.chdir(reader.folder)
    module = ModuleType("source_check")
    code = adapted(programs(DOCUMENT)["source_check.py"], {"http://localhost:8100": the_town.issuer})
    exec(compile(code, "source_check.py", "exec"), module.__dict__)  # noqa: S102 - the program of our own document
    return module


@pytest.fixture
def own_tokens(my_app: RelyingParty, new_person: Callable[[], Person], the_town: Town) -> dict[str, str]:
    """Give what the quick start's app got for a login with two sources: VAD's own token, an ID token, and more."""
    asked = my_app.ask(resources=(IDENTIFIER, the_town.address("hospital")), scope="openid 48")
    response = my_app.redeem(asked, new_person().authorize(asked, FROUKE))
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_a_good_token_names_the_person(check: ModuleType, my_app: RelyingParty, own_tokens: dict[str, str]) -> None:
    """A token that VAD made for this source gives the BSN; the app can't read it."""
    token = my_app.exchange(own_tokens["access_token"], IDENTIFIER).json()["access_token"]
    assert check.check(token, "48") == FROUKE
    assert FROUKE not in json.dumps(claims_of(token))


def test_tokens_for_others_are_refused(
    check: ModuleType, my_app: RelyingParty, own_tokens: dict[str, str], the_town: Town
) -> None:
    """VAD's own token, the ID token and the hospital's token are all signed by VAD, and none is for this source."""
    hospital = my_app.exchange(own_tokens["access_token"], the_town.address("hospital")).json()["access_token"]
    for token in (own_tokens["access_token"], own_tokens["id_token"], hospital, "nonsense", ""):
        with pytest.raises(check.Refused):
            check.check(token, "48")


def test_a_stop_counts_where_vad_is_asked(
    check: ModuleType, my_app: RelyingParty, own_tokens: dict[str, str], the_town: Town
) -> None:
    """The signature goes on being good; VAD says that the token is not, and never stands for somebody else's."""
    token = my_app.exchange(own_tokens["access_token"], IDENTIFIER).json()["access_token"]
    assert check.check_and_ask(token, "48") == FROUKE
    hospital = my_app.exchange(own_tokens["access_token"], the_town.address("hospital")).json()["access_token"]
    with pytest.raises(check.Refused):
        check.check_and_ask(hospital, "48")
    my_app.revoke(own_tokens["refresh_token"])
    with pytest.raises(check.Refused, match="not good any more"):
        check.check_and_ask(token, "48")
    assert check.check(token, "48") == FROUKE


def test_a_login_that_is_not_enough_is_told_which_will_do(check: ModuleType, forged: Callable[..., str]) -> None:
    """RFC 9470, section 3, and as the app of the other quick start reads it; a bad token hears nothing of it."""
    high = "http://eidas.europa.eu/LoA/high"
    now = int(time.time())
    assert check.check_login(forged(({}, {"acr": high, "auth_time": now}, {})), "48", [high], 900) == FROUKE
    for claims, why in (
        ({"auth_time": now}, "A different authentication level is required"),
        ({"acr": high}, "More recent authentication is required"),
        ({"acr": high, "auth_time": now - 1000}, "More recent authentication is required"),
    ):
        with pytest.raises(check.LoginNotEnough, match=why) as told:
            check.check_login(forged(({}, claims, {})), "48", [high], 900)
        assert demanded(401, str(told.value)) == {"acr_values": high, "max_age": "900"}
    with pytest.raises(check.Refused, match="scope"):
        check.check_login(forged(({}, {"scope": "49"}, {})), "48", [high], 900)


def _token(
    key: dict[str, Any], header: dict[str, Any], claims: dict[str, Any], inner: dict[str, Any], issuer: str
) -> str:
    now = int(time.time())
    content = {"sub": FROUKE, "sub_id_type": "urn:nl-eid-gdi:1.0:id:BSN", "aud": IDENTIFIER, "jti": "one", **inner}
    recipient = ECKey.import_key(public(key))
    sealed = jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A256GCM"}, json.dumps(content), recipient)
    whole = {
        "iss": issuer,
        "aud": IDENTIFIER,
        "sub": "pairwise",
        "client_id": "my-app",
        "scope": "48",
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": "one",
        "authorization_details": [_ground("self")],
        "subject_identifier": sealed,
        **claims,
    }
    present = {name: _by(issuer, value) for name, value in whole.items() if value is not None}
    if header.get("alg") == "none":
        return jwt.encode(present, "", algorithm="none", headers={"typ": "at+jwt", "kid": "forger"})
    return sign(present, SIGNING, {"typ": "at+jwt", **header})


def _by(issuer: str, value: Any) -> Any:
    """The value with the name of this town's issuer where its actor has a stand-in for it."""
    if not isinstance(value, dict):
        return value
    return {name: issuer if inner == ISSUER else _by(issuer, inner) for name, inner in value.items()}


def _ground(basis: object) -> dict[str, Any]:
    return {"type": "nl.vad.representation", "basis": basis, "locations": [IDENTIFIER]}


ISSUER = "the issuer"
"""Stands for the address of the town, which is not known yet here."""
ACT = {"iss": ISSUER, "sub": "the parent"}
ACTING = {"act": ACT, "authorization_details": [_ground(PARENTAL_AUTHORITY)]}
GOOD: tuple[dict[str, Any], dict[str, Any], dict[str, Any]] = ({}, {}, {})
PARENT: tuple[dict[str, Any], dict[str, Any], dict[str, Any]] = ({}, ACTING, {})
BAD: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "an ID token's type": ({"typ": "JWT"}, {}, {}),
    "no algorithm": ({"alg": "none"}, {}, {}),
    "an unknown key": ({"kid": "nobody"}, {}, {}),
    "another issuer": ({}, {"iss": "https://elsewhere.example"}, {}),
    "another audience": ({}, {"aud": "https://elsewhere.example"}, {}),
    "a list of audiences": ({}, {"aud": [IDENTIFIER]}, {}),
    "expired": ({}, {"exp": int(time.time()) - 61}, {}),
    "not yet valid": ({}, {"nbf": int(time.time()) + 3600}, {}),
    "another data service": ({}, {"scope": "49 480"}, {}),
    "no token id": ({}, {"jti": None}, {}),
    "no identifier": ({}, {"subject_identifier": None}, {}),
    "an identifier in clear": ({}, {"subject_identifier": FROUKE}, {}),
    "bound to a key": ({}, {"cnf": {"jkt": "x"}}, {}),
    "an actor at one's own data": ({}, {"act": ACT}, {}),
    "another basis": ({}, {"authorization_details": [_ground("mandate")]}, {}),
    "another basis, with an actor": ({}, {"act": ACT, "authorization_details": [_ground("mandate")]}, {}),
    "parental authority of nobody": ({}, {"authorization_details": [_ground(PARENTAL_AUTHORITY)]}, {}),
    "an actor without a name": ({}, ACTING | {"act": {"iss": ISSUER}}, {}),
    "an actor of another issuer": ({}, ACTING | {"act": ACT | {"iss": "https://elsewhere.example"}}, {}),
    "an actor with an actor": ({}, ACTING | {"act": ACT | {"act": ACT}}, {}),
    "an actor who is the person": ({}, ACTING | {"act": ACT | {"sub": "pairwise"}}, {}),
    "a ground at another source": ({}, {"authorization_details": [_ground("self") | {"locations": ["x"]}]}, {}),
    "two grounds": ({}, {"authorization_details": [_ground("self"), _ground("self")]}, {}),
    "no basis": ({}, {"authorization_details": []}, {}),
    "the identifier of another source": ({}, {}, {"aud": "https://elsewhere.example"}),
    "the identifier of another token": ({}, {}, {"jti": "two"}),
    "another kind of identifier": ({}, {}, {"sub_id_type": "urn:nl-vad:1.0:id:RID"}),
    "an inner actor": ({}, {}, {"act": {"sub": "x"}}),
    "no BSN": ({}, {}, {"sub": "123456789"}),
}


@pytest.fixture
def forged(
    check: ModuleType, reader: Reader, the_town: Town
) -> Callable[[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]], str]:
    """Give a maker of tokens signed by a key that the source takes for VAD's: only what they say can betray them."""
    known = {"forger": public(SIGNING)}
    check.__dict__["ISSUER_KEYS"] = SimpleNamespace(get=known.get)
    key = json.loads((reader.folder / "my-source" / "private-key.json").read_text())
    return lambda parts: _token(key, *parts, the_town.issuer)


def test_the_forger_can_make_a_good_token(check: ModuleType, forged: Callable[..., str]) -> None:
    """Otherwise the refusals below would say nothing."""
    assert check.check(forged(GOOD), "48") == FROUKE
    assert check.check(forged(PARENT), "48") == FROUKE


def test_a_child_who_agreed(check: ModuleType, forged: Callable[..., str]) -> None:
    """The ground of a parent of a child of 12 to 15: as good as the other, and worth nothing without an actor."""
    agreed = {"authorization_details": [_ground(PARENTAL_AUTHORITY_AND_ASSENT)]}
    assert check.check(forged(({}, ACTING | agreed, {})), "48") == FROUKE
    for details in (agreed, {"act": ACT, "authorization_details": [_ground([PARENTAL_AUTHORITY])]}):
        with pytest.raises(check.Refused, match="ground"):
            check.check(forged(({}, details, {})), "48")


def test_a_source_that_takes_no_part_in_acting(check: ModuleType, forged: Callable[..., str]) -> None:
    """One line of the document's check, as its registration says."""
    check.__dict__["REPRESENTATION"] = False
    assert check.check(forged(GOOD), "48") == FROUKE
    with pytest.raises(check.Refused, match="somebody acts for another"):
        check.check(forged(PARENT), "48")


@pytest.mark.parametrize("parts", BAD.values(), ids=BAD.keys())
def test_what_must_be_refused_is_refused(check: ModuleType, forged: Callable[..., str], parts: Any) -> None:
    """One thing is wrong in each; each row of the document's table is among them."""
    with pytest.raises(check.Refused):
        check.check(forged(parts), "48")


def test_the_demo_s_own_check_agrees(
    reader: Reader, the_town: Town, forged: Callable[..., str], check: ModuleType
) -> None:
    """The check that the document says to take over whole refuses the same and takes the same."""
    key = ECKey.import_key(json.loads((reader.folder / "my-source" / "private-key.json").read_text()))
    whole = TokenCheck(the_town.issuer, IDENTIFIER, "bsn_jwe", key, check.ISSUER_KEYS.get)
    for parts in (GOOD, PARENT):
        assert whole.check(forged(parts), "48").identifier == FROUKE
    for parts in BAD.values():
        with pytest.raises(Exception, match=r"^[a-z_]+$"):
            whole.check(forged(parts), "48")
