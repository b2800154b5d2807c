"""The port `ClientListSource` over `GET {base}/clients`: each entry read strictly, or left as it was."""

import hashlib
from collections import Counter
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from vad.adapters.configuration.registration_fields import redirect_uri
from vad.adapters.http.caller import HttpCaller
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import ClientId
from vad.domain.profile import ClientAuthentication
from vad.services.client_list import ListedClient, NotUnderstood

_SHORTEST_SECRET = 32
"""Characters. Of a shorter one its SHA-256 could be undone by trying."""


class _Named(BaseModel):
    """Whom an entry is about, whatever else it says."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)

    id: str = Field(pattern=r"^[\x21-\x7e]{1,128}$")


class _Listed(_Named):
    """One client. What else it says of itself, such as when it was made, is nothing to us."""

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

    clients: list[dict[str, Any]] = Field(min_length=1, max_length=5000)


class HttpClientList:
    """Reads the list. `base` is the address before `/clients`."""

    def __init__(self, base: str, caller: HttpCaller) -> None:
        self._url = f"{base.rstrip('/')}/clients"
        self._caller = caller

    def read(self) -> tuple[ListedClient | NotUnderstood, ...]:
        """Every entry. One that is not understood, or is there twice, holds up no other, nor the end of its own."""
        content = self._caller.get(self._url).json
        try:
            entries = _Answer.model_validate(content).clients
        except ValidationError as error:
            raise RegisterUnavailableError(_fault("client list", error)) from None
        times = Counter(_name(each) for each in entries)
        return tuple(_read(number, each, times[_name(each)]) for number, each in enumerate(entries))


def _read(number: int, entry: dict[str, Any], times: int) -> ListedClient | NotUnderstood:
    name, stopped = _name(entry), entry.get("active") is False
    where = f"client list: clients.{number}"
    if name is not None and times > 1:
        return NotUnderstood(name, stopped, f"{where}: a client is there twice")
    try:
        return _Listed.model_validate(entry).domain()
    except ValidationError as error:
        return NotUnderstood(name, stopped, _fault(where, error))


def _name(entry: dict[str, Any]) -> ClientId | None:
    try:
        return ClientId(_Named.model_validate(entry).id)
    except ValidationError:
        return None


def _fault(where: str, error: ValidationError) -> str:
    """Without what it holds: that may be a secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    return ": ".join((where, ".".join(str(part) for part in first["loc"]), first["type"]))
