"""What the mock identity provider of staff must be told."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from vad.sandbox.fields import ConfigError, items, known_only, table, text, texts
from vad.sandbox.staff_idp.staff import StaffPerson

_NAMES = ("issuer", "client_id", "redirect_uris", "jwks_uri", "signing_key", "acr", "staff", "form_origins")


@dataclass(frozen=True)
class Config:
    """The whole configuration. `acr` is what it says of a login with two factors.

    `form_origins` are where the redirect URI may send a browser on at once: Chromium applies `form-action` to every
    redirect that follows a form.
    """

    issuer: str
    client_id: str
    redirect_uris: tuple[str, ...]
    jwks_uri: str
    signing_key: Mapping[str, Any] = field(repr=False)
    acr: str
    staff: tuple[StaffPerson, ...] = field(repr=False)
    form_origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for uri in (self.issuer, self.jwks_uri, *self.redirect_uris):
            if urlsplit(uri).scheme not in ("http", "https") or not urlsplit(uri).netloc:
                raise ConfigError("issuer, jwks_uri and redirect_uris must be http(s) addresses")
        if not self.private_key().is_private or not self.private_key().kid:
            raise ConfigError("signing_key must be a private P-256 key with a kid")

    def private_key(self) -> ECKey:
        """Return the key that signs ID tokens; raises `ConfigError` when it is no EC key."""
        try:
            return ECKey.import_key(dict(self.signing_key))
        except (JoseError, ValueError, TypeError, KeyError):
            raise ConfigError("signing_key must be an EC key as a JWK") from None

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> "Config":
        """Read what `to_json` wrote. Raises `ConfigError`."""
        known_only(raw, _NAMES)
        return Config(
            issuer=text(raw, "issuer"),
            client_id=text(raw, "client_id"),
            redirect_uris=texts(raw, "redirect_uris"),
            jwks_uri=text(raw, "jwks_uri"),
            signing_key=table(raw, "signing_key"),
            acr=text(raw, "acr"),
            staff=tuple(StaffPerson.from_json(person) for person in items(raw, "staff")),
            form_origins=texts(raw, "form_origins") if "form_origins" in raw else (),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the configuration, private key included, as plain JSON values."""
        return asdict(self) | {
            "redirect_uris": list(self.redirect_uris),
            "form_origins": list(self.form_origins),
            "signing_key": dict(self.signing_key),
            "staff": [person.to_json() for person in self.staff],
        }
