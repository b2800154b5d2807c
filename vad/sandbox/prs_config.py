"""What the mock PRS must be told: its secret, the audiences it answers to, and the organisations it knows."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from vad.sandbox.fields import ConfigError, items, known_only, table, text, texts
from vad.sandbox.prs_requests import OIN, RANKS

_SECRET_BYTES = 32
_ORGANIZATION = ("oin", "name", "keys", "max_rid_usage", "may_provide_personal_id")
_CONFIG = ("secret", "audiences", "organizations", "rid_seconds")
_ANY_SCOPE = "*"


@dataclass(frozen=True)
class Organization:
    """An organisation that calls the PRS or receives RIDs.

    `keys` maps a scope, or `*` for every other scope, to the public JWK (P-256 or RSA, with a `kid`) that RIDs for it
    are sealed to. `max_rid_usage` is the most that it may make of a RID: `irp`, `rp` or `bsn`.
    """

    oin: str
    name: str
    keys: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    max_rid_usage: str = "irp"
    may_provide_personal_id: bool = False

    def __post_init__(self) -> None:
        if not OIN.fullmatch(self.oin):
            raise ConfigError("oin must be an OIN of 20 characters")
        if self.max_rid_usage not in RANKS:
            raise ConfigError(f"max_rid_usage must be one of {', '.join(RANKS)}")
        for scope in self.keys:
            self.key_for(scope)

    def key_for(self, scope: str) -> ECKey | RSAKey | None:
        """Return the key to seal RIDs for `scope` with, or None."""
        raw = self.keys.get(scope) or self.keys.get(_ANY_SCOPE)
        if raw is None:
            return None
        try:
            key = RSAKey.import_key(dict(raw)) if raw.get("kty") == "RSA" else ECKey.import_key(dict(raw))
        except (JoseError, ValueError, TypeError, KeyError):
            raise ConfigError("keys must be EC or RSA keys as JWK") from None
        if key.is_private or not key.kid:
            raise ConfigError("keys must be public keys with a kid")
        return key


@dataclass(frozen=True)
class Config:
    """The mock PRS' whole configuration. `secret` is 32 bytes in base64url; pseudonyms stay the same while it does.

    `rid_seconds` is how long a RID can be received; best the longest life of a token that carries it.
    """

    secret: str = field(repr=False)
    audiences: tuple[str, ...]
    organizations: tuple[Organization, ...]
    rid_seconds: int = 900

    def __post_init__(self) -> None:
        try:
            secret = base64.urlsafe_b64decode(self.secret + "=" * (-len(self.secret) % 4))
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) < _SECRET_BYTES:
            raise ConfigError("secret must be at least 32 bytes in base64url")
        if type(self.rid_seconds) is not int or self.rid_seconds < 1:
            raise ConfigError("rid_seconds must be a positive whole number")

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> "Config":
        """Read what `to_json` wrote. Raises `ConfigError` with one line."""
        known_only(raw, _CONFIG)
        return Config(
            secret=text(raw, "secret"),
            audiences=texts(raw, "audiences"),
            organizations=tuple(_organization(each) for each in items(raw, "organizations")),
            rid_seconds=raw.get("rid_seconds", 900),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the configuration, secret included, as plain JSON values."""
        organizations = [
            vars(each) | {"keys": {scope: dict(key) for scope, key in each.keys.items()}} for each in self.organizations
        ]
        return vars(self) | {"audiences": list(self.audiences), "organizations": organizations}


def _organization(raw: Any) -> Organization:
    if not isinstance(raw, dict):
        raise ConfigError("organizations must be objects")
    known_only(raw, _ORGANIZATION)
    return Organization(
        oin=text(raw, "oin"),
        name=text(raw, "name"),
        keys={scope: table({"keys": key}, "keys") for scope, key in table({"keys": {}} | raw, "keys").items()},
        max_rid_usage=text({"max_rid_usage": "irp"} | raw, "max_rid_usage"),
        may_provide_personal_id=raw.get("may_provide_personal_id") is True,
    )
