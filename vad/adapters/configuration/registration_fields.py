"""What the members of registrations in TOML may hold."""

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from vad.domain.client import MOST_KEYS
from vad.domain.registration_fault import FaultError, FaultKind

Algorithm = Literal["ES256", "RS256", "PS256"]
ClientAlgorithm = Literal["ES256", "PS256", "RS256", "EdDSA"]
"""Of what an app signs."""
Method = Literal[
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
    "client_secret_basic",
    "client_secret_post",
    "none",
]
Level = Literal["midden", "substantieel", "hoog"]
GrantType = Literal["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"]
Acr = Literal[
    "http://eidas.europa.eu/LoA/low", "http://eidas.europa.eu/LoA/substantial", "http://eidas.europa.eu/LoA/high"
]
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
"""Of JWKs (RFC 7518 section 6); `priv` of those of kind AKP, which VAD can't use and passes over otherwise."""
MOST_ADDRESSES = 20
"""Of one kind, of one app."""
_LONGEST_ADDRESS = 2048
_ADDRESS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
"""The characters of RFC 3986. What else came in, one reader would drop and another would not."""


def redirect_uri(uri: str) -> str:
    """An address that people are sent to."""
    if len(uri) > _LONGEST_ADDRESS or _ADDRESS.fullmatch(uri) is None:
        raise FaultError(FaultKind.ADDRESS_CHARACTERS, most=str(_LONGEST_ADDRESS))
    try:
        parts, port = urlsplit(uri), urlsplit(uri).port
    except ValueError:
        # Its own text would repeat some of it.
        raise FaultError(FaultKind.NO_HOST) from None
    if parts.scheme not in {"https", "http"} or not parts.netloc or "#" in uri or "*" in uri:
        raise FaultError(FaultKind.NOT_HTTPS)
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise FaultError(FaultKind.HTTP_ELSEWHERE)
    if "@" in parts.netloc or not parts.hostname or port == 0:
        raise FaultError(FaultKind.NO_HOST)
    return uri


def called_by_us(uri: str) -> str:
    """Called by VAD itself. The same rules: it names one host, and holds nothing that a log may not see."""
    return redirect_uri(uri)


def _public(jwk: dict[str, Any]) -> dict[str, Any]:
    if "kty" not in jwk or jwk["kty"] == "oct":
        raise FaultError(FaultKind.NOT_ASYMMETRIC)
    if PRIVATE_MEMBERS & jwk.keys():
        raise FaultError(FaultKind.PRIVATE)
    return jwk


def sector_name(sector: str) -> str:
    """Of pairwise subjects."""
    if not sector.isprintable():
        raise FaultError(FaultKind.SECTOR_CHARACTERS)
    return sector


PublicJwk = Annotated[dict[str, Any], AfterValidator(_public)]


class Entry(BaseModel):
    """A table in TOML."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Jwks(Entry):
    """A key set (RFC 7517 section 5)."""

    keys: list[PublicJwk] = Field(min_length=1, max_length=MOST_KEYS)
