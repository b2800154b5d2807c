"""Apps that prove themselves by a certificate of their own that they publish with their keys (RFC 8705 section 2.2)."""

from dataclasses import dataclass

from vad.adapters.jose.published_keys import PublishedKeys
from vad.domain.certificate import ClientCertificate
from vad.domain.client import Client, certificate_thumbprint
from vad.domain.errors import RegisterUnavailableError
from vad.domain.profile import ClientAuthentication
from vad.domain.registration_fault import FaultKind
from vad.services.ports.registering import NotReadError, RegistrationFaultError


@dataclass(frozen=True, slots=True)
class PublishedCertificates:
    """`vad.services.ports.tokens.CertificateProofs`, and a part of `PublishedKeysFit`."""

    published: PublishedKeys

    def verify(self, client: Client, shown: ClientCertificate) -> bool:
        """A certificate that nobody here knows has what is published read again, at most once a minute."""
        if not _publishes(client):
            return client.has_certificate(shown)
        known = self.published.get(client)
        if client.has_certificate(shown, known):
            return True
        newer = self.published.newer_than(client, known)
        return newer is not None and client.has_certificate(shown, newer)

    def check(self, client: Client) -> None:
        if not _publishes(client):
            return
        try:
            known = self.published.get(client)
            newer = None if _certified(known) else self.published.newer_than(client, known)
        except RegisterUnavailableError as error:
            raise NotReadError([FaultKind.NOT_READ.at("jwks_uri", why=str(error))]) from None
        if not _certified(known if newer is None else newer):
            raise RegistrationFaultError([FaultKind.NO_PUBLISHED_CERTIFICATE.at("jwks_uri")])


def _publishes(client: Client) -> bool:
    by_itself = client.token_endpoint_auth_method is ClientAuthentication.SELF_SIGNED_TLS_CLIENT_AUTH
    return by_itself and bool(client.jwks_uri)


def _certified(keys: tuple[object, ...]) -> bool:
    return any(isinstance(key, dict) and certificate_thumbprint(key) for key in keys)
