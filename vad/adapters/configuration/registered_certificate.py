"""How an app proves itself by a certificate (RFC 8705 sections 2.1.2 and 3.4), as it stands in TOML."""

from collections.abc import Sequence

from pydantic import Field

from vad.adapters.configuration.registration_fields import Entry
from vad.adapters.x509 import names
from vad.domain.certificate import CertificateName, NameKind
from vad.domain.client import Jwk, certificate_thumbprint
from vad.domain.profile import ClientAuthentication, Demand, Rules


class CertificateEntry(Entry):
    """The members of a client's entry that are about this."""

    tls_client_auth_subject_dn: str | None = Field(default=None, min_length=1, max_length=1024)
    tls_client_auth_san_dns: str | None = Field(default=None, min_length=1, max_length=255)
    tls_client_auth_san_uri: str | None = Field(default=None, min_length=1, max_length=1024)
    tls_client_auth_san_ip: str | None = Field(default=None, min_length=1, max_length=64)
    tls_client_auth_san_email: str | None = Field(default=None, min_length=1, max_length=255)
    tls_client_certificate_bound_access_tokens: bool = False

    def check_certificate(self, method: ClientAuthentication, rules: Rules, jwks: Sequence[Jwk] | None) -> None:
        """Raise `ValueError` for what doesn't fit how it proves itself, or its profile.

        `jwks`: None where it publishes its keys, which nobody looks at here.
        """
        given = [kind for kind in NameKind if getattr(self, kind.value) is not None]
        if method is ClientAuthentication.TLS_CLIENT_AUTH and len(given) != 1:
            raise ValueError(f"tls_client_auth needs exactly one of {', '.join(NameKind)}")
        if method is not ClientAuthentication.TLS_CLIENT_AUTH and given:
            raise ValueError(f"{method} goes without {given[0]}")
        itself = method is ClientAuthentication.SELF_SIGNED_TLS_CLIENT_AUTH
        if itself and jwks is not None and not any(map(certificate_thumbprint, jwks)):
            raise ValueError("self_signed_tls_client_auth needs a certificate in jwks (x5c), or a jwks_uri")
        if self.tls_client_certificate_bound_access_tokens and rules.bound_tokens is Demand.REFUSED:
            raise ValueError("its profile binds no tokens")
        try:
            _ = self.certificate_name
        except ValueError:
            raise ValueError(f"{given[0]} is no such name") from None

    @property
    def certificate_name(self) -> CertificateName | None:
        """What its certificate says, if it proves itself by that."""
        for kind in NameKind:
            value = getattr(self, kind.value)
            if value is not None:
                return names.registered(kind, value)
        return None
