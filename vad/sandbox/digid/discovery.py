"""The mock DigiD's provider metadata."""

from typing import Any

from vad.sandbox.digid.config import Config
from vad.sandbox.digid.levels import LEVELS


def discovery(config: Config) -> dict[str, Any]:
    """Return what `/.well-known/openid-configuration` says."""
    return config.discovery(*(level.uri for level in LEVELS)) | {
        "id_token_encryption_alg_values_supported": ["ECDH-ES"],
        "id_token_encryption_enc_values_supported": ["A256GCM"],
        "claims_supported": ["sub", "sub_id_type", "acr", "auth_time", "nonce"],
        "ui_locales_supported": ["nl", "en"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
