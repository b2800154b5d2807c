"""The mock DigiD's provider metadata (OpenID Connect Discovery 1.0, RFC 8414, RFC 9207)."""

from typing import Any

from vad.sandbox.digid.levels import LEVELS


def discovery(issuer: str) -> dict[str, Any]:
    """Return what `/.well-known/openid-configuration` says."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "scopes_supported": ["openid"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "acr_values_supported": [level.uri for level in LEVELS],
        "id_token_signing_alg_values_supported": ["ES256"],
        "id_token_encryption_alg_values_supported": ["ECDH-ES"],
        "id_token_encryption_enc_values_supported": ["A256GCM"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "sub_id_type", "acr", "auth_time", "nonce"],
        "ui_locales_supported": ["nl", "en"],
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
