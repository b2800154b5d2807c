"""How the demo PGO is set up: its registration at VAD and the data sources it knows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from vad.sandbox import fields
from vad.sandbox.outgoing import Certificate


class TokenBy(StrEnum):
    """How the app gets a token for a data source; VAD offers both."""

    EXCHANGE = "exchange"
    REFRESH = "refresh"


@dataclass(frozen=True)
class Source:
    """One data source: `resource` is its identifier at VAD, `url` where its records are, `letters_url` its letters."""

    resource: str
    name: str
    data_service: str
    url: str
    token_by: TokenBy = TokenBy.EXCHANGE
    letters_url: str = ""


@dataclass(frozen=True)
class Config:
    """One PGO as it is registered at VAD; `signing_key` is its private EC P-256 JWK."""

    issuer: str
    client_id: str
    redirect_uri: str
    name: str
    signing_key: Mapping[str, Any] = field(repr=False)
    sources: tuple[Source, ...]
    certificate: Certificate | None = None
    """What it proves itself with instead of its key, and shows to sources (RFC 8705)."""

    @classmethod
    def from_json(cls, raw: Mapping[str, Any], /) -> "Config":
        """The configuration written as JSON. Raises ConfigError (a ValueError)."""
        fields.known_only(raw, set(cls.__dataclass_fields__))
        return cls(
            **{name: fields.text(raw, name) for name in ("issuer", "client_id", "redirect_uri", "name")},
            signing_key=fields.table(raw, "signing_key"),
            certificate=_certificate(fields.table(raw, "certificate")) if raw.get("certificate") is not None else None,
            sources=tuple(_source(fields.table({"sources": item}, "sources")) for item in fields.items(raw, "sources")),
        )

    def to_json(self) -> dict[str, Any]:
        """The same as JSON; it holds the private key."""
        return asdict(self) | {"sources": [asdict(source) for source in self.sources]}


def _certificate(raw: Mapping[str, Any]) -> Certificate:
    fields.known_only(raw, ("file", "key"))
    return Certificate(fields.text(raw, "file"), fields.text(raw, "key"))


def _source(raw: Mapping[str, Any]) -> Source:
    fields.known_only(raw, set(Source.__dataclass_fields__))
    names = ("resource", "name", "data_service", "url")
    try:
        token_by = TokenBy(raw.get("token_by", TokenBy.EXCHANGE))
    except ValueError as error:
        raise fields.ConfigError("token_by must be exchange or refresh") from error
    letters_url = fields.text(raw, "letters_url") if raw.get("letters_url") else ""
    return Source(**{name: fields.text(raw, name) for name in names}, token_by=token_by, letters_url=letters_url)
