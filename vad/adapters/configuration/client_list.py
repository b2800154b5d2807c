"""The port `ClientListSource` over `GET {base}/clients`: read whole and strictly, or not at all."""

import hashlib
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from vad.adapters.configuration.registration_fields import redirect_uri
from vad.adapters.http.caller import HttpCaller
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import ClientId
from vad.domain.profile import ClientAuthentication
from vad.services.client_list import ListedClient

_SHORTEST_SECRET = 32
"""Characters. Of a shorter one its SHA-256 could be undone by trying."""


class _Listed(BaseModel):
    """One client. What else it says of itself, such as when it was made, is nothing to us."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)

    id: str = Field(pattern=r"^[\x21-\x7e]{1,128}$")
    organisation_id: str = Field(min_length=1, max_length=100)
    redirect_uris: list[Annotated[str, Field(max_length=2048), AfterValidator(redirect_uri)]] = Field(min_length=1)
    token_endpoint_auth_method: Literal["none", "client_secret_post"]
    active: bool
    client_secret: str | None = None

    @model_validator(mode="after")
    def _has_its_secret(self) -> Self:
        wanted = self.token_endpoint_auth_method == "client_secret_post"  # noqa: S105 - a method's name
        if wanted and (self.client_secret is None or len(self.client_secret) < _SHORTEST_SECRET):
            raise ValueError("a secret of 32 characters or more is needed")
        return self

    def domain(self) -> ListedClient:
        method = ClientAuthentication(self.token_endpoint_auth_method)
        secret = None if method is ClientAuthentication.NONE else self.client_secret
        return ListedClient(
            ClientId(self.id),
            self.organisation_id,
            tuple(self.redirect_uris),
            method,
            None if secret is None else hashlib.sha256(secret.encode()).hexdigest(),
            self.active,
        )


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)

    clients: list[_Listed] = Field(min_length=1, max_length=5000)


class HttpClientList:
    """Reads the list. `base` is the address before `/clients`."""

    def __init__(self, base: str, caller: HttpCaller) -> None:
        self._url = f"{base.rstrip('/')}/clients"
        self._caller = caller

    def read(self) -> tuple[ListedClient, ...]:
        """Every client on it. One that is not understood makes the whole list so: half a list would end the rest."""
        content = self._caller.get(self._url).json
        try:
            listed = _Answer.model_validate(content).clients
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise RegisterUnavailableError(f"client list: {where}: {first['type']}") from None
        if len({each.id for each in listed}) != len(listed):
            raise RegisterUnavailableError("client list: a client is there twice")
        return tuple(each.domain() for each in listed)
