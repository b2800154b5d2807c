"""Config OP, and what the plans for logout and FAPI 2.0 read of discovery, member by member."""

from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.town import Town

PATH = "/.well-known/openid-configuration"
FAPI = {"PS256", "ES256", "EdDSA"}


@pytest.fixture
def known(vad_town: Town) -> dict[str, Any]:
    """Give the discovery document."""
    found = requests.get(vad_town.issuer + PATH, timeout=20)
    assert (found.status_code, found.headers["Content-Type"]) == (200, "application/json")
    return dict(found.json())


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


def test_discovery_of_the_plans_for_logout(known: dict[str, Any]) -> None:
    """`oidcc-rp-initiated-logout-…` and `oidcc-backchannel-logout-discovery-endpoint-verification`."""
    assert known["end_session_endpoint"]
    assert known["backchannel_logout_supported"] is True
    assert known["backchannel_logout_session_supported"] is True


def test_discovery_of_the_plans_for_fapi2(known: dict[str, Any]) -> None:
    """`fapi2-security-profile-final-discovery-end-point-verification`, with what signed requests add."""
    assert known["response_types_supported"] == ["code"]
    assert known["authorization_response_iss_parameter_supported"] is True
    assert known["pushed_authorization_request_endpoint"]
    assert isinstance(known["require_pushed_authorization_requests"], bool)
    for name in ("id_token", "token_endpoint_auth", "request_object", "dpop"):
        assert set(known[f"{name}_signing_alg_values_supported"]) & FAPI, name
    assert set(known["dpop_signing_alg_values_supported"]) <= FAPI
    assert "private_key_jwt" in known["token_endpoint_auth_methods_supported"]
    assert "S256" in known["code_challenge_methods_supported"]


def test_discovery_of_the_dynamic_plan(known: dict[str, Any]) -> None:
    """It wants what OIDC Core section 15.2 has dynamic providers do, and VAD refuses: tokens in a redirect."""
    assert not {"id_token", "token id_token", "id_token token"} & set(known["response_types_supported"])
    assert "implicit" not in known["grant_types_supported"]
