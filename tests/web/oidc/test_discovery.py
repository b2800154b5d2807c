"""What the discovery document says follows from the profiles that an installation allows, member by member."""

from typing import Any

import pytest

from vad.domain.profile import Profile
from vad.domain.profiles_allowed import Profiles
from vad.web.oidc.discovery import Installation, discovery

NLGOV, FAPI2, BASIC, MINISTRY = Profile
AT = "https://vad.example"
ALIAS = "https://mtls.vad.example"
REFRESH, EXCHANGE = "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"
MODERN = ["ECDH-ES", "ECDH-ES+A256KW", "RSA-OAEP-256"]
CONTENT = ["A256GCM", "A128CBC-HS256"]
ALWAYS: dict[str, Any] = {
    "issuer": AT,
    **{f"{name}_endpoint": f"{AT}/{name}" for name in ("token", "userinfo")},
    "authorization_endpoint": f"{AT}/authorize",
    "introspection_endpoint": f"{AT}/introspect",
    "revocation_endpoint": f"{AT}/revoke",
    "jwks_uri": f"{AT}/jwks",
    "end_session_endpoint": f"{AT}/logout",
    "response_types_supported": ["code"],
    "response_modes_supported": ["query", "form_post"],
    "subject_types_supported": ["pairwise"],
    # NL GOV Assurance profile for OpenID Connect, "Discovery": what `sub_id_type` may be in an ID token.
    "sub_id_types_supported": ["urn:nl-eid-gdi:1.0:id:Pseudonym"],
    # Data sources get these answers, and follow no profile.
    "introspection_encryption_alg_values_supported": MODERN,
    "introspection_encryption_enc_values_supported": CONTENT,
    "code_challenge_methods_supported": ["S256"],
    "acr_values_supported": [
        "http://eidas.europa.eu/LoA/low",
        "http://eidas.europa.eu/LoA/substantial",
        "http://eidas.europa.eu/LoA/high",
    ],
    "display_values_supported": ["page", "popup", "touch", "wap"],
    "prompt_values_supported": ["none", "login", "consent", "select_account"],
    "ui_locales_supported": ["nl", "en"],
    "claims_parameter_supported": True,
    "authorization_response_iss_parameter_supported": True,
    "backchannel_logout_supported": True,
    "backchannel_logout_session_supported": True,
}
CLAIMS = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "sid", "sub_id_type", "person"]
KEYS, SECRETS = ["private_key_jwt"], ["client_secret_basic", "client_secret_post"]
FAPI, GOVERNMENT = ["PS256", "ES256", "EdDSA"], ["ES256", "PS256", "RS256", "EdDSA"]


def said(  # noqa: PLR0913 - what differs
    *,
    methods: list[str],
    nothing: bool = False,
    assertions: list[str],
    asking: list[str],
    objects: list[str],
    tokens: list[str],
    grants: tuple[str, ...] = ("authorization_code", REFRESH, EXCHANGE),
    key_management: list[str] = MODERN,
    content: list[str] = CONTENT,
    pushed: bool | None = False,
    by_reference: bool = True,
    acting: bool = True,
) -> dict[str, Any]:
    """The whole document. `pushed`: whether each request has to be pushed, or None where none can be."""
    known = {
        **ALWAYS,
        "scopes_supported": ["openid", "48", *(["mandates"] if acting else [])],
        "claims_supported": [*CLAIMS, *(["represents", "represented"] if acting else [])],
        "grant_types_supported": list(grants),
        "id_token_signing_alg_values_supported": tokens,
        "userinfo_signing_alg_values_supported": tokens,
        # Data sources ask as well, and go by no profile.
        "introspection_signing_alg_values_supported": sorted({*tokens, "ES256", "PS256"}),
        "introspection_endpoint_auth_signing_alg_values_supported": asking,
        "introspection_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": assertions,
        "token_endpoint_auth_methods_supported": [*methods, *(["none"] if nothing else [])],
        "token_endpoint_auth_signing_alg_values_supported": assertions,
        "request_parameter_supported": bool(objects),
        "request_uri_parameter_supported": by_reference,
    }
    for what in ("id_token", "userinfo"):
        known[f"{what}_encryption_alg_values_supported"] = key_management
        known[f"{what}_encryption_enc_values_supported"] = content
    if acting:
        known["authorization_details_types_supported"] = ["nl.vad.representation"]
    if pushed is not None:
        known["pushed_authorization_request_endpoint"] = f"{AT}/par"
        known["require_pushed_authorization_requests"] = pushed
        known["dpop_signing_alg_values_supported"] = ["ES256", "PS256", "EdDSA"]
    if objects:
        known["request_object_signing_alg_values_supported"] = objects
        known["require_signed_request_object"] = False
        known["request_object_encryption_alg_values_supported"] = ["ECDH-ES"]
        known["request_object_encryption_enc_values_supported"] = CONTENT
    if by_reference:
        known["require_request_uri_registration"] = True
    return known


EVERY = ["ES256", "PS256", "RS256"]
GOVERNED: dict[str, Any] = {
    "methods": KEYS,
    "assertions": GOVERNMENT,
    "asking": GOVERNMENT,
    "objects": GOVERNMENT,
    "tokens": EVERY,
}
SETS: dict[tuple[Profile, ...], dict[str, Any]] = {
    (NLGOV,): said(**GOVERNED),
    (FAPI2,): said(
        methods=KEYS,
        assertions=FAPI,
        asking=FAPI,
        objects=FAPI,
        tokens=["ES256", "PS256"],
        pushed=True,
        by_reference=False,
    ),
    (BASIC,): said(**{**GOVERNED, "methods": [*SECRETS, *KEYS]}),
    (MINISTRY,): said(
        methods=[*KEYS, *SECRETS],
        nothing=True,
        assertions=["RS256"],
        asking=["RS256", "ES256", "PS256", "EdDSA"],
        objects=[],
        tokens=["RS256"],
        grants=("authorization_code",),
        key_management=["RSA-OAEP"],
        content=["A128CBC-HS256"],
        pushed=None,
        by_reference=False,
        acting=False,
    ),
    # The sets of the demo: as it is, for the conformance suite, and for the ministry's clients.
    (NLGOV, FAPI2): said(**GOVERNED),
    (NLGOV, BASIC): said(**{**GOVERNED, "methods": [*KEYS, *SECRETS]}),
    (NLGOV, MINISTRY): said(
        **{**GOVERNED, "methods": [*KEYS, *SECRETS]},
        nothing=True,
        key_management=[*MODERN, "RSA-OAEP"],
    ),
}


def installation(allowed: tuple[Profile, ...], *, certificates: bool = False) -> Installation:
    """One that has keys for everything."""
    return Installation(
        issuer=AT,
        profiles=Profiles(allowed, certificates),
        data_services=("48",),
        algorithms=tuple(EVERY),
        request_encryption=("ECDH-ES",),
        certificate_origin=ALIAS if certificates else "",
    )


@pytest.mark.parametrize("allowed", SETS, ids="+".join)
def test_the_whole_document(allowed: tuple[Profile, ...]) -> None:
    """Exactly these members with these values; and none without any (RFC 8414 section 3.2)."""
    assert discovery(installation(allowed)) == SETS[allowed]
    bare = discovery(Installation(issuer=AT, profiles=Profiles(allowed)))
    assert [name for name, value in bare.items() if value in ([], {}, "")] == []


@pytest.mark.parametrize("allowed", SETS, ids="+".join)
def test_behind_a_proxy_that_passes_certificates_on(allowed: tuple[Profile, ...]) -> None:
    """The methods of RFC 8705, its member and its addresses, where some profile has use for them."""
    found: dict[str, Any] = discovery(installation(allowed, certificates=True))
    without = SETS[allowed]
    differs = {name: value for name, value in found.items() if value != without.get(name)}
    assert without.keys() <= found.keys()
    if allowed == (MINISTRY,):
        assert differs == {}
        return
    paths = {"token": "token", "userinfo": "userinfo", "introspection": "introspect", "revocation": "revoke"}
    assert differs.pop("mtls_endpoint_aliases") == {
        **{f"{name}_endpoint": f"{ALIAS}/{path}" for name, path in paths.items()},
        "pushed_authorization_request_endpoint": f"{ALIAS}/par",
    }
    assert differs.pop("tls_client_certificate_bound_access_tokens") is True
    assert differs.keys() == {f"{name}_endpoint_auth_methods_supported" for name in ("token", *list(paths)[2:])}
    for name, methods in differs.items():
        assert set(methods) - set(without[name]) == {"tls_client_auth", "self_signed_tls_client_auth"}
