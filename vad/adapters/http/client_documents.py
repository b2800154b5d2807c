"""What apps publish beside their keys: the redirect URIs of a sector, and requests that the browser only names."""

from dataclasses import dataclass

from vad.adapters.http.guarded import GuardedCallers
from vad.domain.client import Client
from vad.domain.errors import RegisterUnavailableError
from vad.services.ports.registering import RegistrationFaultError

_REQUESTS = ("application/oauth-authz-req+jwt", "application/jwt")
"""RFC 9101 section 10.5, and as OpenID Connect had it."""


@dataclass(frozen=True, slots=True)
class GuardedSectors:
    """`vad.services.ports.registering.SectorDocuments`."""

    callers: GuardedCallers

    def check(self, client: Client) -> None:
        if not client.sector_identifier_uri:
            return
        fault = "sector_identifier_uri: "
        try:
            listed = self.callers.to(client.client_id).get(client.sector_identifier_uri).json
        except RegisterUnavailableError as error:
            raise RegistrationFaultError([f"{fault}{error}"]) from None
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise RegistrationFaultError([f"{fault}what is there is no JSON list of addresses"])
        if not {*client.redirect_uris} <= {*listed}:
            raise RegistrationFaultError([f"{fault}what is there does not list every redirect URI"])


@dataclass(frozen=True, slots=True)
class GuardedRequests:
    """`vad.services.ports.outside.PublishedRequests`. Nothing is kept: what is there now is what the app asks."""

    callers: GuardedCallers

    def read(self, client: Client, address: str) -> str:
        fetched, _, _ = address.partition("#")
        answer = self.callers.to(client.client_id).get(fetched, content_types=_REQUESTS)
        try:
            return answer.body.decode("ascii").strip()
        except ValueError:
            raise RegisterUnavailableError("a request object that is no ASCII") from None
