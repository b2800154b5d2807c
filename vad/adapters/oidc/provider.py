"""The provider's metadata (OpenID Connect Discovery 1.0) and its public keys, as its issuer publishes them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from vad.adapters.http.caller import JSON, JWK_SET, HttpCaller
from vad.adapters.http.remembered import Remembered
from vad.domain.errors import RegisterUnavailableError

Jwks = tuple[Mapping[str, Any], ...]
_PORTS = {"http": 80, "https": 443}
_DEMANDED = {
    "response_types_supported": "code",
    "code_challenge_methods_supported": "S256",
    "token_endpoint_auth_methods_supported": "private_key_jwt",
    "scopes_supported": "openid",
}
"""What we need of a provider, where it says what it supports."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where the provider is, and whether its answers name it (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool


class Provider:
    """One OpenID provider. Nothing is fetched before it is needed."""

    def __init__(self, issuer: str, caller: HttpCaller, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer
        self._caller = caller
        self.metadata: Remembered[Metadata] = Remembered(self._read_metadata, monotonic)
        self.keys: Remembered[Jwks] = Remembered(self._read_keys, monotonic)

    def _read_metadata(self) -> Metadata:
        raw = self._caller.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration").json
        if not isinstance(raw, dict) or raw.get("issuer") != self.issuer:
            raise RegisterUnavailableError("provider: somebody else's metadata")  # Discovery 1.0, section 4.3
        for name, needed in _DEMANDED.items():
            if name in raw and (not isinstance(raw[name], list) or needed not in raw[name]):
                raise RegisterUnavailableError(f"provider: {name} lacks {needed}")
        return Metadata(
            authorization_endpoint=self._own_address(raw, "authorization_endpoint"),
            token_endpoint=self._own_address(raw, "token_endpoint"),
            jwks_uri=self._own_address(raw, "jwks_uri"),
            names_itself=raw.get("authorization_response_iss_parameter_supported") is True,
        )

    def _read_keys(self) -> Jwks:
        raw = self._caller.get(self.metadata.get().jwks_uri, content_types=(JSON, JWK_SET)).json
        keys = raw.get("keys") if isinstance(raw, dict) else None
        if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
            raise RegisterUnavailableError("provider: not a JWK set")
        # Public keys to verify with, and nothing else: an `oct` key would turn a signature into a shared secret.
        signing = tuple(key for key in keys if key.get("kty") in {"EC", "RSA"} and key.get("use", "sig") == "sig")
        if not signing:
            raise RegisterUnavailableError("provider: no signing key")
        return signing

    def _own_address(self, raw: Mapping[str, Any], name: str) -> str:
        """An endpoint on the issuer's own origin: metadata must not lead people or secrets elsewhere."""
        address = raw.get(name)
        if not isinstance(address, str) or not address.isascii() or not address.isprintable() or " " in address:
            raise RegisterUnavailableError(f"provider: no {name}")
        if _origin(address) is None or _origin(address) != _origin(self.issuer):
            raise RegisterUnavailableError(f"provider: {name} is not at the issuer")
        return address


def _origin(address: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what is no plain address."""
    try:
        parts: SplitResult = urlsplit(address)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    if not parts.hostname or "@" in parts.netloc or parts.fragment:
        return None
    return parts.scheme, parts.hostname, port
