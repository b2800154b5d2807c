"""What an app publishes, looked at before a registration that rests on it counts. Asked outside any transaction."""

from dataclasses import dataclass

from vad.domain.client import Client
from vad.services.ports.registering import PublishedKeysFit, SectorDocuments


@dataclass(frozen=True, slots=True)
class ClientOutside:
    """Its sector's document (OIDC Dynamic Client Registration section 5), and the keys that it has to have there."""

    sectors: SectorDocuments
    keys: PublishedKeysFit

    def check(self, client: Client, before: Client | None = None) -> None:
        """See that it fits, as far as it is other than `before`. Raises `RegistrationFaultError`."""
        if before is None or _of_sector(client) != _of_sector(before):
            self.sectors.check(client)
        if before is None or _of_keys(client) != _of_keys(before):
            self.keys.check(client)


def _of_sector(client: Client) -> object:
    return client.sector_identifier_uri, frozenset(client.redirect_uris)


def _of_keys(client: Client) -> object:
    wanted = client.id_token_encrypted_response_alg, client.userinfo_encrypted_response_alg
    return client.jwks_uri, client.token_endpoint_auth_method, wanted
