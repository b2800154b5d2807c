"""A data source as it stands in TOML, checked by itself."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from vad.adapters.configuration.registered_answers import DEFAULT, Content
from vad.adapters.configuration.registration_fields import Algorithm, Entry, Jwks, Level, PublicJwk, called_by_us
from vad.domain.access import LONGEST_TOKEN_LIFE
from vad.domain.assurance import LevelOfAssurance
from vad.domain.client import IdentifierType, ResourceServer
from vad.domain.identifiers import ClientId, ResourceId
from vad.domain.registration_fault import FaultError, FaultKind


class SourceEntry(Entry):
    """A table of a data source."""

    identifier: str = Field(pattern=r"^https?://[^\s#]+$")
    name: str = Field(min_length=1, max_length=100)
    organisation: str = Field(min_length=1, max_length=100)
    data_services: list[str] = Field(min_length=1)
    identifier_type: IdentifierType
    encryption_jwk: PublicJwk
    oin: str = ""
    prs_scope: str = ""
    access_token_signing_alg: Algorithm = "ES256"  # noqa: S105 - an algorithm
    access_token_lifetime: int = Field(default=300, ge=30, le=int(LONGEST_TOKEN_LIFE.total_seconds()))
    minimum_level: Level = "substantieel"
    admitted: dict[str, list[str]] = Field(default={})
    active: bool = True
    jwks: Jwks | None = None
    representation: bool = True
    security_events_uri: Annotated[str, AfterValidator(called_by_us)] | None = None
    introspection_signed_response_alg: Algorithm | None = None
    introspection_encrypted_response_alg: Literal["ECDH-ES", "ECDH-ES+A256KW", "RSA-OAEP-256"] | None = None
    introspection_encrypted_response_enc: Content | None = None

    @model_validator(mode="after")
    def _encrypts_whole(self) -> Self:
        if self.introspection_encrypted_response_enc and not self.introspection_encrypted_response_alg:
            member, other = "introspection_encrypted_response_enc", "introspection_encrypted_response_alg"
            raise FaultError(FaultKind.NEEDS, member=member, other=other)
        return self

    def domain(self) -> ResourceServer:
        """The source that this registers."""
        alg = self.introspection_encrypted_response_alg or ""
        return ResourceServer(
            identifier=ResourceId(self.identifier),
            name=self.name,
            organisation=self.organisation,
            data_services=tuple(self.data_services),
            identifier_type=self.identifier_type,
            encryption_jwk=self.encryption_jwk,
            oin=self.oin,
            prs_scope=self.prs_scope,
            access_token_signing_alg=self.access_token_signing_alg,
            access_token_lifetime=timedelta(seconds=self.access_token_lifetime),
            minimum_level=LevelOfAssurance[self.minimum_level.upper()],
            admitted={ClientId(client): frozenset(services) for client, services in self.admitted.items()},
            active=self.active,
            jwks=tuple(self.jwks.keys) if self.jwks else (),
            representation=self.representation,
            security_events_uri=self.security_events_uri or "",
            introspection_signed_response_alg=self.introspection_signed_response_alg or "",
            introspection_encrypted_response_alg=alg,
            introspection_encrypted_response_enc=(self.introspection_encrypted_response_enc or DEFAULT) if alg else "",
        )
