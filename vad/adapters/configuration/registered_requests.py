"""How an app brings its requests, and its sector (OIDC Dynamic Client Registration section 2), as in TOML."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from vad.adapters.configuration.registration_fields import Acr, ClientAlgorithm, Entry, called_by_us, sector_name
from vad.domain.authorization_request import LONGEST_MAX_AGE
from vad.domain.profile import Demand, Profile
from vad.domain.profile_table import RULES
from vad.domain.registration_fault import FaultError, FaultKind

_MOST_REQUEST_URIS = 8


def _of_requests(uri: str) -> str:
    """The same, with the hash of what is there behind `#` if the app likes (OIDC Core section 6.2)."""
    address, _, _ = uri.partition("#")
    called_by_us(address)
    return uri


Address = Annotated[str, Field(max_length=512)]


class RequestsEntry(Entry):
    """The members of a client's entry that are about this."""

    sector: Annotated[str, AfterValidator(sector_name)] = ""
    sector_identifier_uri: Annotated[Address, AfterValidator(called_by_us)] | None = None
    request_uris: list[Annotated[Address, AfterValidator(_of_requests)]] = Field(
        default=[], max_length=_MOST_REQUEST_URIS
    )
    request_object_signing_alg: ClientAlgorithm | None = None
    request_object_encryption_alg: Literal["ECDH-ES", "RSA-OAEP-256"] | None = None
    request_object_encryption_enc: Literal["A256GCM", "A128CBC-HS256"] | None = None
    default_max_age: int | None = Field(default=None, ge=0, le=LONGEST_MAX_AGE)
    default_acr_values: list[Acr] = Field(default=[], max_length=3)

    def check_requests(self, profile: Profile) -> None:
        """Raise `ValueError` for what its profile has not."""
        rules = RULES[profile]
        if self.request_object_encryption_enc and not self.request_object_encryption_alg:
            member, other = "request_object_encryption_enc", "request_object_encryption_alg"
            raise FaultError(FaultKind.NEEDS, member=member, other=other)
        if self.request_object_encryption_alg and rules.request_object is Demand.REFUSED:
            raise FaultError(FaultKind.NO_REQUEST_OBJECTS, profile=profile)
        if self.request_uris and rules.request_uri is Demand.REFUSED:
            raise FaultError(FaultKind.NO_REQUEST_URIS, profile=profile)
        if self.sector and self.sector_identifier_uri:
            raise FaultError(FaultKind.AT_MOST_ONE, member="sector", other="sector_identifier_uri")

    @property
    def chosen_sector(self) -> str:
        """Its sector; empty where it is the app's own name."""
        return urlsplit(self.sector_identifier_uri).hostname or "" if self.sector_identifier_uri else self.sector

    @property
    def request_encryption(self) -> tuple[str, str]:
        """What it encrypts its requests with, where it said so."""
        alg = self.request_object_encryption_alg or ""
        return alg, (self.request_object_encryption_enc or "A128CBC-HS256") if alg else ""
