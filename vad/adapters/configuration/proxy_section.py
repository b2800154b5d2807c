"""The section of the reverse proxy that ends TLS, where apps come with certificates."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

_TOGETHER = ("trusted", "client_certificate_header")


class Proxy(BaseModel):
    """The reverse proxy that ends TLS and passes on with which certificate apps come (RFC 8705)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trusted: str = Field(
        default="",
        description="Networks from which certificates are believed, separated by commas, such as `10.1.0.0/24`: the "
        "proxy's own address, and nobody else's.",
    )
    client_certificate_header: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$",
        description="The header in which it passes the certificate on: `Client-Cert` (RFC 9440), PEM as nginx writes "
        "it (`$ssl_client_escaped_cert`), or DER in base64. It takes away what came in it from outside. For Granian "
        "a name without hyphens. Not set: no app proves anything by a certificate.",
    )
    client_ca_file: Path | None = Field(
        default=None,
        description="The CAs that vouch for certificates of apps (`tls_client_auth`), those between included. VAD "
        "checks that itself.",
    )
    certificate_origin: str | None = Field(
        default=None,
        description="Where apps with a certificate come, if that is another address than the issuer's: "
        "`mtls_endpoint_aliases` in discovery.",
    )

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Those that are trusted. Raises `ValueError`."""
        return tuple(ip_network(each.strip()) for each in self.trusted.split(",") if each.strip())


def faults_of_proxy(given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What is wrong with the members of the section together, by name."""
    if len({given.get(name) in (None, "") for name in _TOGETHER}) > 1:
        yield "proxy.trusted", "goes with proxy.client_certificate_header, and that with it"
    if given.get("client_certificate_header") is None:
        yield from (
            (f"proxy.{name}", "needs proxy.client_certificate_header")
            for name in ("client_ca_file", "certificate_origin")
            if given.get(name) is not None
        )
    try:
        _ = [ip_network(each.strip()) for each in str(given.get("trusted") or "").split(",") if each.strip()]
    except ValueError:
        yield "proxy.trusted", "must be networks, such as 10.1.0.0/24, separated by commas"
