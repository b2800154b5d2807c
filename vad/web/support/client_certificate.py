"""Certificates of clients behind a proxy: the header in which they are passed on counts from that proxy alone."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

from flask import g, request

from vad.domain.certificate import ClientCertificate
from vad.domain.possession import Possession
from vad.web.support.neighbours import address_of
from vad.web.support.services import now, services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PASSED_ON = "vad.client_certificate"
"""Where the rest of VAD finds what the header held: it never looks at the header."""
Network = IPv4Network | IPv6Network


class TrustedCertificates:
    """Around the whole application, so that `REMOTE_ADDR` is the neighbour's own address.

    From everybody else the header is taken away: whoever reaches VAD past the proxy has no certificate.
    """

    def __init__(self, app: "WSGIApplication", header: str, trusted: Sequence[Network]) -> None:
        self._app = app
        self._name = f"HTTP_{header.upper().replace('-', '_')}"
        self._trusted = tuple(trusted)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Handle a request, as WSGI has it."""
        passed_on = environ.pop(self._name, "")
        environ.pop(PASSED_ON, None)
        if passed_on and self._comes_from_proxy(environ.get("REMOTE_ADDR", "")):
            environ[PASSED_ON] = passed_on
        return self._app(environ, start_response)

    def _comes_from_proxy(self, address: str) -> bool:
        found = address_of(address)
        return found is not None and any(found in network for network in self._trusted)


def shown() -> ClientCertificate | None:
    """The certificate that came with this request; None where none did, or one that is not valid now."""
    if "client_certificate" not in g:
        passed_on = request.environ.get(PASSED_ON)
        g.client_certificate = None if passed_on is None else services().client_certificates.read(passed_on, now())
    found: ClientCertificate | None = g.client_certificate
    return found


def held() -> Possession:
    """What the connection proves to be held, without a proof in the request itself."""
    certificate = shown()
    return Possession(certificate="" if certificate is None else certificate.thumbprint)
