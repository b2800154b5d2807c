"""How an app proves itself by a certificate (RFC 8705 sections 2.1.2 and 3.4), as it stands in TOML."""

from collections.abc import Sequence

from pydantic import Field

from vad.adapters.configuration.registration_fields import Entry
from vad.adapters.x509 import names
from vad.domain.certificate import CertificateName, NameKind
from vad.domain.client import Jwk, certificate_thumbprint
from vad.domain.profile import ClientAuthentication, Demand, Profile
from vad.domain.profile_table import RULES
from vad.domain.registration_fault import FaultError, FaultKind


class CertificateEntry(Entry):
    """The members of a client's entry that are about this."""

    tls_client_auth_subject_dn: str | None = Field(default=None, min_length=1, max_length=1024)
    tls_client_auth_san_dns: str | None = Field(default=None, min_length=1, max_length=255)
    tls_client_auth_san_uri: str | None = Field(default=None, min_length=1, max_length=1024)
    tls_client_auth_san_ip: str | None = Field(default=None, min_length=1, max_length=64)
    tls_client_auth_san_email: str | None = Field(default=None, min_length=1, max_length=255)
    tls_client_certificate_bound_access_tokens: bool = False

    def check_certificate(self, method: ClientAuthentication, profile: Profile, jwks: Sequence[Jwk] | None) -> None:
        """Raise `ValueError` for what doesn't fit how it proves itself, or its profile.

        `jwks`: None where it publishes its keys, which nobody looks at here.
        """
        given = [kind for kind in NameKind if getattr(self, kind.value) is not None]
        if method is ClientAuthentication.TLS_CLIENT_AUTH and len(given) != 1:
            raise FaultError(FaultKind.ONE_CERTIFICATE_NAME, members=", ".join(NameKind))
        if method is not ClientAuthentication.TLS_CLIENT_AUTH and given:
            raise FaultError(FaultKind.GOES_WITHOUT, member=method, other=given[0])
        itself = method is ClientAuthentication.SELF_SIGNED_TLS_CLIENT_AUTH
        if itself and jwks is not None and not any(map(certificate_thumbprint, jwks)):
            raise FaultError(FaultKind.NO_CERTIFICATE)
        if self.tls_client_certificate_bound_access_tokens and RULES[profile].bound_tokens is Demand.REFUSED:
            raise FaultError(FaultKind.NO_BOUND_TOKENS, profile=profile)
        try:
            _ = self.certificate_name
        except ValueError:
            raise FaultError(FaultKind.NO_CERTIFICATE_NAME, member=given[0]) from None

    @property
    def certificate_name(self) -> CertificateName | None:
        """What its certificate says, if it proves itself by that."""
        for kind in NameKind:
            value = getattr(self, kind.value)
            if value is not None:
                return names.registered(kind, value)
        return None
