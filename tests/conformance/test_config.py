"""Config OP, and what the plans for logout and FAPI 2.0 read of discovery, member by member."""

from typing import Any
from urllib.parse import urlsplit

import requests

from tests.conformance.fapi2_client import WHOLE
from tests.conformance.playing import FAPI2, SIGNED, plays
from tests.support.town import Town
from vad.domain.profile import Profile
from vad.domain.profiles_allowed import Profiles
from vad.web.oidc.discovery import Installation, discovery

FAPI = {"PS256", "ES256", "EdDSA"}


@plays("oidcc-discovery-endpoint-verification")
def test_oidcc_discovery_endpoint_verification(vad_town: Town, known: dict[str, Any]) -> None:
    """The issuer is where the document is, all addresses are its own; what Discovery section 3 requires is there."""
    assert known["issuer"] == vad_town.issuer
    scheme = urlsplit(vad_town.issuer).scheme
    for name, value in known.items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith(f"{vad_town.issuer}/"), name
            assert (urlsplit(value).scheme, urlsplit(value).query, urlsplit(value).fragment) == (scheme, "", "")
    assert set(known["response_types_supported"]) & {"code", "id_token", "code id_token"}
    assert set(known["subject_types_supported"]) <= {"pairwise", "public"}
    assert "RS256" in known["id_token_signing_alg_values_supported"]
    assert "RS256" in known["request_object_signing_alg_values_supported"]
    assert "authorization_code" in known["grant_types_supported"]
    assert "openid" in known["scopes_supported"]
    assert not [scope for scope in known["scopes_supported"] if not scope or set(scope) & set(' "\\')]
    assert {"sub", "represents", "represented"} <= {*known["claims_supported"]}
    assert known["claims_parameter_supported"] is True
    assert all(tag == tag.lower() for tag in known["ui_locales_supported"])
    assert isinstance(known["code_challenge_methods_supported"], list)
    for key in requests.get(known["jwks_uri"], timeout=20).json()["keys"]:
        assert key["kid"]
        assert not {"d", "k", "p", "q"} & key.keys()


@plays("oidcc-rp-initiated-logout-discovery-endpoint-verification")
def test_discovery_of_rp_initiated_logout(vad_town: Town, known: dict[str, Any]) -> None:
    """RP-Initiated Logout section 2.1."""
    assert known["end_session_endpoint"] == f"{vad_town.issuer}/logout"


@plays("oidcc-backchannel-logout-discovery-endpoint-verification")
def test_discovery_of_back_channel_logout(known: dict[str, Any]) -> None:
    """Back-Channel Logout section 2.1; and where the browser is sent, by which it is begun."""
    assert known["backchannel_logout_supported"] is True
    assert known["backchannel_logout_session_supported"] is True
    assert known["end_session_endpoint"]


@plays(FAPI2 + "discovery-end-point-verification", also=SIGNED)
def test_discovery_of_the_plans_for_fapi2(vad_town: Town, known: dict[str, Any], way: str) -> None:
    """What both profiles demand; with signed requests, by which algorithms they are signed."""
    assert known["issuer"] == vad_town.issuer
    oauth = requests.get(f"{vad_town.issuer}/.well-known/oauth-authorization-server", timeout=20)
    assert (oauth.headers["Content-Type"], oauth.json()) == ("application/json", known), "what plain OAuth reads"
    for name in ("authorization_endpoint", "token_endpoint", "pushed_authorization_request_endpoint", "jwks_uri"):
        assert known[name].startswith(f"{vad_town.issuer}/"), name
    assert known["response_types_supported"] == ["code"]
    assert known["authorization_response_iss_parameter_supported"] is True
    assert isinstance(known["require_pushed_authorization_requests"], bool)
    # That of the set-up for these plans names less than the tests' own.
    profiles, keys = Profiles((Profile.NLGOV, Profile.FAPI2)), tuple(known["id_token_signing_alg_values_supported"])
    alone: Any = discovery(Installation(issuer=vad_town.issuer, profiles=profiles, algorithms=keys))
    for document in (known, alone):
        for name in ("id_token", "token_endpoint_auth", "dpop", *(("request_object",) if way else ())):
            assert set(document[f"{name}_signing_alg_values_supported"]) & FAPI, name
        assert set(document.get("userinfo_signing_alg_values_supported", FAPI)) & FAPI
    assert set(known["dpop_signing_alg_values_supported"]) <= FAPI
    assert {*WHOLE.split()} <= {*alone["scopes_supported"]}
    assert "private_key_jwt" in known["token_endpoint_auth_methods_supported"]
    assert "S256" in known["code_challenge_methods_supported"]
