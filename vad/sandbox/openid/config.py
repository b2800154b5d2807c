"""What every mock identity provider must be told: who it is, and who its one relying party is."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from vad.sandbox.fields import ConfigError, table, text, texts
from vad.sandbox.openid.requests import origin

NAMES: Final = ("issuer", "client_id", "redirect_uris", "jwks_uri", "signing_key", "form_origins")
_LOOPBACK = ("localhost", "127.0.0.1")


@dataclass(frozen=True, kw_only=True)
class ProviderConfig:
    """What all of them have.

    `jwks_uri` is where the relying party publishes its keys. `signing_key` is the provider's own private P-256 key as a
    JWK with a `kid`. `form_origins` are where its redirect URI may send a browser on at once: Chromium applies
    `form-action` to every redirect that follows a form.
    """

    issuer: str
    client_id: str
    redirect_uris: tuple[str, ...]
    jwks_uri: str
    signing_key: Mapping[str, Any] = field(repr=False)
    form_origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for uri in (self.issuer, self.jwks_uri, *self.redirect_uris):
            parts = urlsplit(uri)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.fragment:
                raise ConfigError("issuer, jwks_uri and redirect_uris must be http(s) addresses without a fragment")
        if not self.redirect_uris:
            raise ConfigError("redirect_uris must hold at least one address")
        key = self.private_key()
        if not key.is_private or key.curve_name != "P-256" or not key.kid:
            raise ConfigError("signing_key must be a private P-256 key with a kid")

    def private_key(self) -> ECKey:
        """Return the key that signs ID tokens; raises `ConfigError` when it is no EC key."""
        try:
            return ECKey.import_key(dict(self.signing_key))
        except (JoseError, ValueError, TypeError, KeyError):
            raise ConfigError("signing_key must be an EC key as a JWK") from None

    def public_key(self) -> dict[str, Any]:
        """The same for everybody, as its JWK set holds it."""
        return self.private_key().as_dict(private=False) | {"use": "sig", "alg": "ES256"}

    def to_json(self) -> dict[str, Any]:
        """Return the configuration, private key included, as plain JSON values."""
        return asdict(self) | {
            "redirect_uris": list(self.redirect_uris),
            "form_origins": list(self.form_origins),
            "signing_key": dict(self.signing_key),
        }

    def discovery(self, *acr_values: str) -> dict[str, Any]:
        """What both say in `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0, RFC 8414, RFC 9207)."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "scopes_supported": ["openid"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "acr_values_supported": list(acr_values),
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def content_security_policy(self) -> str:
        """Nothing but our own style, and forms that end at the client.

        Chromium applies `form-action` to every redirect after a form, also to those of the client itself; on a
        developer's machine that may be any port.
        """
        targets = ["'self'", *self.form_origins]
        for uri in self.redirect_uris:
            parts = urlsplit(uri)
            local = parts.hostname in _LOOPBACK or str(parts.hostname).endswith(".localhost")
            targets.append(f"{parts.scheme}://{parts.hostname}:*" if local else origin(uri))
        return (
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action {' '.join(dict.fromkeys(targets))}"
        )


def shared(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Read what all of them have from what `to_json` wrote. Raises `ConfigError` with one line."""
    return {
        "issuer": text(raw, "issuer"),
        "client_id": text(raw, "client_id"),
        "redirect_uris": texts(raw, "redirect_uris"),
        "jwks_uri": text(raw, "jwks_uri"),
        "signing_key": table(raw, "signing_key"),
        "form_origins": texts(raw, "form_origins") if "form_origins" in raw else (),
    }
