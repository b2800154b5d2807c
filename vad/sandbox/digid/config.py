"""What the mock DigiD must be told: who it is, who its one relying party is, and which test persons may log in."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from vad.sandbox.fields import ConfigError, items, known_only, table, text, texts
from vad.sandbox.persons import Person

_NAMES = ("issuer", "client_id", "redirect_uris", "jwks_uri", "signing_key", "persons", "client_name", "form_origins")


@dataclass(frozen=True)
class Config:
    """The mock DigiD's whole configuration.

    `jwks_uri` is where the relying party publishes its signing and encryption keys. `signing_key` is DigiD's own
    private P-256 key as a JWK with a `kid`. `form_origins` are origins to which the relying party's redirect URI may
    send a browser on at once: Chromium applies `form-action` to every redirect that follows a form.
    """

    issuer: str
    client_id: str
    redirect_uris: tuple[str, ...]
    jwks_uri: str
    signing_key: Mapping[str, Any] = field(repr=False)
    persons: tuple[Person, ...] = field(repr=False)
    client_name: str = "VAD"
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

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> "Config":
        """Read what `to_json` wrote. Raises `ConfigError` (or `PersonsError`) with one line."""
        known_only(raw, _NAMES)
        return Config(
            issuer=text(raw, "issuer"),
            client_id=text(raw, "client_id"),
            redirect_uris=texts(raw, "redirect_uris"),
            jwks_uri=text(raw, "jwks_uri"),
            signing_key=table(raw, "signing_key"),
            persons=tuple(Person.from_json(person) for person in items(raw, "persons")),
            client_name=text(raw, "client_name") if "client_name" in raw else "VAD",
            form_origins=texts(raw, "form_origins") if "form_origins" in raw else (),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the configuration, private key included, as plain JSON values."""
        return asdict(self) | {
            "redirect_uris": list(self.redirect_uris),
            "form_origins": list(self.form_origins),
            "signing_key": dict(self.signing_key),
            "persons": [person.to_json() for person in self.persons],
        }
