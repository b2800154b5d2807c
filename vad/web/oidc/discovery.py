"""The discovery document: what an installation allows, and nothing else (OIDC Discovery section 3, RFC 8414)."""

from dataclasses import dataclass

from vad.domain import standard_claims
from vad.domain.assurance import LevelOfAssurance
from vad.domain.authorization_details import TYPES
from vad.domain.claims import PSEUDONYM_TYPE
from vad.domain.client import API_SCOPES
from vad.domain.profile import MODERN_ENCRYPTION
from vad.domain.profiles_allowed import Profiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What the discovery document follows from."""

    issuer: str
    profiles: Profiles
    data_services: tuple[str, ...] = ()
    """Their ids are scopes."""
    algorithms: tuple[str, ...] = ()
    """What tokens are signed with."""
    request_encryption: tuple[str, ...] = ()
    certificate_origin: str = ""
    standard_claims: bool = False
    """Whether people share claims about themselves (OIDC Core section 5.1)."""
    registers: bool = False
    """Whether apps register themselves."""


def discovery(known: Installation) -> dict[str, object]:
    """The discovery document: what this installation allows, and nothing else."""
    issuer, profiles = known.issuer, known.profiles
    key_management, content = (list(names) for names in profiles.answer_encryption)
    methods, assertions = list(profiles.client_authentication), list(profiles.assertion_algorithms)
    of_callers = list(profiles.assertion_algorithms_of_callers)
    signed = [each for each in known.algorithms if each in profiles.id_token_algorithms]
    signed_for_callers = [each for each in known.algorithms if each in {*profiles.id_token_algorithms, *of_callers}]
    members: dict[str, object] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "introspection_endpoint": f"{issuer}/introspect",
        "revocation_endpoint": f"{issuer}/revoke",
        **_pushed(profiles, issuer),
        "jwks_uri": f"{issuer}/jwks",
        "end_session_endpoint": f"{issuer}/logout",
        **({"registration_endpoint": f"{issuer}/register"} if known.registers else {}),
        "scopes_supported": [
            "openid",
            *known.data_services,
            *(sorted(API_SCOPES) if profiles.acting else ()),
            *(standard_claims.OF_SCOPE if known.standard_claims else ()),
        ],
        "authorization_details_types_supported": list(TYPES) if profiles.acting else [],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": list(profiles.grant_types),
        "subject_types_supported": ["pairwise"],
        "sub_id_types_supported": [PSEUDONYM_TYPE],
        "id_token_signing_alg_values_supported": signed,
        "id_token_encryption_alg_values_supported": key_management,
        "id_token_encryption_enc_values_supported": content,
        "userinfo_signing_alg_values_supported": signed,
        "userinfo_encryption_alg_values_supported": key_management,
        "userinfo_encryption_enc_values_supported": content,
        "token_endpoint_auth_methods_supported": [*methods, *(["none"] if profiles.unproved_clients else [])],
        "token_endpoint_auth_signing_alg_values_supported": assertions,
        "introspection_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_signing_alg_values_supported": of_callers,
        "introspection_signing_alg_values_supported": signed_for_callers,
        # Sources follow no profile.
        "introspection_encryption_alg_values_supported": list(dict(MODERN_ENCRYPTION)),
        "introspection_encryption_enc_values_supported": list(dict.fromkeys(enc for _, enc in MODERN_ENCRYPTION)),
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": assertions,
        **_certificates(profiles, known.certificate_origin),
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(profiles.dpop_algorithms),
        "acr_values_supported": [level.uri for level in LevelOfAssurance if level > LevelOfAssurance.BASIS],
        "claims_supported": [
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "acr",
            "sid",
            "sub_id_type",
            "person",
            *(("represents", "represented") if profiles.acting else ()),
            *(standard_claims.NAMES if known.standard_claims else ()),
        ],
        "display_values_supported": ["page", "popup", "touch", "wap"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["nl", "en"],
        "claims_parameter_supported": True,
        **_request_objects(profiles, known.request_encryption),
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }
    # RFC 8414 section 3.2: what has no values is left out.
    return {name: value for name, value in members.items() if value != []}


def _pushed(profiles: Profiles, issuer: str) -> dict[str, object]:
    """What is said of requests that are pushed (RFC 9126 section 5)."""
    if not profiles.pushed_request:
        return {}
    required = {"require_pushed_authorization_requests": profiles.pushed_request_required}
    return {"pushed_authorization_request_endpoint": f"{issuer}/par", **required}


def _request_objects(profiles: Profiles, encryption: tuple[str, ...]) -> dict[str, object]:
    """What is said of request objects, by value and at an address of the client (OIDC Discovery section 3).

    `request_uri` is told where it is not there: left out it would count as supported.
    """
    supported = bool(profiles.request_object_algorithms)
    said: dict[str, object] = {
        "request_parameter_supported": supported,
        "request_uri_parameter_supported": profiles.request_uri,
    }
    if supported:
        said["request_object_signing_alg_values_supported"] = list(profiles.request_object_algorithms)
        said["require_signed_request_object"] = False
        if encryption:
            said["request_object_encryption_alg_values_supported"] = list(encryption)
            said["request_object_encryption_enc_values_supported"] = ["A256GCM", "A128CBC-HS256"]
    if profiles.request_uri:
        said["require_request_uri_registration"] = True
    return said


def _certificates(profiles: Profiles, origin: str) -> dict[str, object]:
    """What is said of certificates (RFC 8705 sections 3.3 and 5); `origin`: where apps with one come, if elsewhere."""
    if not profiles.certificate_bound_tokens:
        return {}
    pushed = {"pushed_authorization_request_endpoint": "/par"} if profiles.pushed_request else {}
    aliases = {name: f"{origin}{path}" for name, path in {**_ALIASED, **pushed}.items()}
    bound = {"tls_client_certificate_bound_access_tokens": True}
    return {**bound, **({"mtls_endpoint_aliases": aliases} if origin else {})}


_ALIASED = {
    "token_endpoint": "/token",
    "userinfo_endpoint": "/userinfo",
    "introspection_endpoint": "/introspect",
    "revocation_endpoint": "/revoke",
}
